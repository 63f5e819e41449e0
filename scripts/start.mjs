/** `npm start`: prepares the checkout, then shows a fail-over of two nodes on this machine. Arguments go to the demo. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkout } from "./lib/files.mjs";
import { prepare } from "./prepare.mjs";

if (!(await prepare())) process.exit(1);
// In this very process: a signal or a closed terminal reaches the demo itself, and nothing has to pass it on.
const demo = join(checkout, "dist", "src", "cli", "demo.js");
process.argv[1] = demo;
await import(pathToFileURL(demo).href);
