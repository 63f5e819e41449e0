/**
 * `npm run docs`: writes what is made from the program's own tables, that is manual pages and completion (docs/man, docs/completion; not kept
 * in the repository, the package build makes its own) the reference of directives (docs/directives.md) and of log lines (docs/log-messages.md), which
 * are kept and compared by a test.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkout } from "./lib/files.mjs";
import { prepare } from "./prepare.mjs";

if (!(await prepare())) process.exit(1);
const load = async (name) => await import(pathToFileURL(join(checkout, "dist", "src", "cli", `${name}.js`)).href);
const { manualFiles } = await load("manual-files");
const { directivesMarkdown } = await load("manual");
const { logMessagesMarkdown } = await load("log-messages");

for (const folder of ["man", "completion"]) {
  rmSync(join(checkout, "docs", folder), { recursive: true, force: true });
  mkdirSync(join(checkout, "docs", folder));
}
for (const [path, text] of await manualFiles())
  writeFileSync(join(checkout, "docs", path.startsWith("/usr/share/man/") ? "man" : "completion", nameIn(path)), text);
writeFileSync(join(checkout, "docs", "directives.md"), directivesMarkdown());
writeFileSync(join(checkout, "docs", "log-messages.md"), logMessagesMarkdown());

function nameIn(path) {
  return path.includes("bash-completion") ? "heartbeat.bash" : basename(path);
}
