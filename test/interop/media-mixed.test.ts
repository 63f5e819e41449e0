/**
 * Three nodes of both kinds over each UDP medium, with each digest, in each format; and some of originals alone, to
 * compare with. Two nodes of both kinds, for a whole minute: mixed-active.test.ts.
 */
import { mediumRows, runRows } from "../support/lab/medium-rows.ts";

const mixed = [
  { fox: "original", owl: "ours", elk: "ours" },
  { fox: "original", owl: "ours", elk: "original" },
] as const;
const originals = [{ fox: "original", owl: "original", elk: "original" }] as const;
const compared = mediumRows(originals, 0).filter(({ name }) => name.includes("bcast, sha1"));

runRows("both kinds", [...mediumRows(mixed, 2), ...compared.map((row) => ({ ...row, usual: false }))]);
