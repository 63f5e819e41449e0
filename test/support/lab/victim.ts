/** A program that makes a laboratory, names its processes and waits: for the test that kills it. */
import { Lab } from "../lab.ts";

const lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" } });
console.log(lab.pids.join(" "));
setInterval(() => {}, 60_000);
