/**
 * Every story in test/scenarios, compared line by line. `node dist/test/sim/scenarios.test.js --rewrite` writes what was
 * played into the files: look at the difference before you commit it.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { parseStory, playStory, transcript } from "../../src/sim/scenario.ts";

const folder = "test/scenarios";
const files = readdirSync(folder).filter((file) => file.endsWith(".scenario"));
const rewrite = process.argv.includes("--rewrite");

for (const file of files) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  test(`story ${file}: ${text.slice(2, text.indexOf("\n"))}`, () => {
    const story = parseStory(text);
    const world = playStory(story);
    const played = transcript(world.trace);
    assert.deepEqual(world.unconverged(), [], "at the end every group runs on exactly one node");
    if (rewrite) {
      const told = text.slice(0, text.indexOf("----", text.indexOf("----") + 4) + 5);
      writeFileSync(path, `${told}${played.join("\n")}\n`);
    } else {
      assert.deepEqual(played, story.expected);
    }
  });
}
