/** Small helpers over files that the scripts share. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout this script belongs to. */
export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every file below `folder` (none if it does not exist), sorted, as absolute paths. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** One hash over names and contents: equal exactly when nothing changed. */
export function fingerprint(paths, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const path of paths) {
    const content = existsSync(path) ? readFileSync(path) : "";
    hash.update(`\0${relative(checkout, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** The content of a stamp file, or undefined. */
export const readStamp = (path) => (existsSync(path) ? readFileSync(path, "utf8").trim() : undefined);
