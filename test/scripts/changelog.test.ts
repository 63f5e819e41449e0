/** The changelog is made of every file in changes/, and of nothing that is none. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

test("every change is in the changelog, below the word for its kind", () => {
  const text = execFileSync(process.execPath, ["scripts/changelog.mjs"], { encoding: "utf8" });
  assert.match(text, /^## 4\.\d+\.\d+/);
  const names = readdirSync("changes");
  assert.ok(names.length > 5);
  for (const name of names) {
    const kind = name.split(".")[1] ?? "";
    const heading = text.indexOf(`### ${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}\n`);
    const [first = ""] = readFileSync(`changes/${name}`, "utf8").trim().replace(/^- /, "").split("\n");
    assert.ok(heading >= 0 && text.indexOf(first) > heading, name);
  }
});
