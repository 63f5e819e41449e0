import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

test("every numbered quirk is explained, and every explained one has a place in the code", () => {
  const explained = [...readFileSync("docs/quirks.md", "utf8").matchAll(/^\| (\d+) \|/gm)].map((match) =>
    Number(match[1]),
  );
  const used = new Set<number>();
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".ts"))
      for (const match of readFileSync(`src/${file}`, "utf8").matchAll(/\bquirk (\d+)/g)) used.add(Number(match[1]));
  assert.deepEqual(
    [...used].sort((a, b) => a - b),
    explained.sort((a, b) => a - b), // sections are by area, and areas number on as they need
  );
});
