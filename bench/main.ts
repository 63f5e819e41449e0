/** `npm run bench`: prints what was measured as JSON, and the progress on standard error. Figures are worth something beside each other only. */
import { cpus, loadavg } from "node:os";
import { benchCrowd } from "./crowd.ts";
import { benchMessages } from "./messages.ts";
import { benchPair } from "./pair.ts";

const say = (what: string) => console.error(`bench: ${what} ...`);
const [loadBefore] = loadavg();

say("messages");
const messages = benchMessages();
say("a node of a hundred");
const crowd = benchCrowd();
say("an original and one of ours");
const noLaboratory = process.env["HEARTBEAT_TEST_ROOT"] === undefined;
const pair = noLaboratory ? "not measured: it needs root and the test root (docs/testing.md)" : await benchPair();

const machine = {
  node: process.version,
  processor: cpus()[0]?.model.trim(),
  processors: cpus().length,
  loadBefore,
  loadAfter: loadavg()[0],
};
console.log(JSON.stringify({ machine, messages, crowd, pair }, null, 2));
