/**
 * The changelog of what is not released yet, from `changes/TOPIC.KIND.md`, on standard output. At a release it goes to the top of CHANGELOG.md
 * and the files are deleted.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkout } from "./lib/files.mjs";

const kinds = { security: "Security", added: "Added", changed: "Changed", fixed: "Fixed" };

export function changelog(folder = join(checkout, "changes")) {
  const names = readdirSync(folder).sort();
  const strange = names.filter((name) => !/^[a-z0-9-]+\.(added|changed|fixed|security)\.md$/.test(name));
  if (strange.length > 0) throw new Error(`changes/ has files that are no changes: ${strange.join(", ")}`);
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const sections = Object.entries(kinds).flatMap(([kind, title]) => {
    const texts = names
      .filter((name) => name.endsWith(`.${kind}.md`))
      .map((name) => readFileSync(join(folder, name), "utf8").trim())
      .map((text) => (text.startsWith("- ") ? text : `- ${text.replace(/\n(?=\S)/g, "\n  ")}`));
    return texts.length === 0 ? [] : [`### ${title}`, texts.join("\n")];
  });
  return `## ${version}\n\n${sections.join("\n\n")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(changelog());
