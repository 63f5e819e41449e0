/**
 * Reads and checks the configuration for a running core, and prints what it found: run by the runner after SIGHUP, so that no
 * disk and no name server holds the core up. Standard output is a pipe to the runner and holds keys: nothing else may be given it.
 */
import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkConfiguration } from "./configuration.ts";
import { configurationText } from "./configuration-text.ts";
import { pathsBelow } from "./paths.ts";

const { values } = parseArgs({
  options: {
    debug: { type: "string", default: "0" },
    "no-realtime": { type: "boolean", default: false },
    "no-resources": { type: "boolean", default: false },
    root: { type: "string", default: "" },
  },
});
const options = {
  root: values.root,
  debug: Number(values.debug),
  realtime: !values["no-realtime"],
  managesResources: !values["no-resources"],
};
const bytes = Buffer.from(configurationText(await checkConfiguration(pathsBelow(options.root), options)));
for (let written = 0; written < bytes.length; ) written += writeSync(1, bytes, written);
