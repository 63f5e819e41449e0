/** docs/stories.md says of every recorded story where it ends in each column, and how its calls are compared: as the rows of the tests have it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { columns, endOf, type RecordedStory } from "../support/recorded/ends.ts";
import { evenStories } from "../support/recorded/even.ts";
import { unevenStories } from "../support/recorded/uneven.ts";

const stories: readonly RecordedStory[] = [...evenStories, ...unevenStories];

test("the table of ends is that of the stories", () => {
  const table = [...stories]
    .sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0))
    .map((story) => {
      const ends = columns.map((column) => endOf(story, column));
      return `| ${story.number} | ${story.title} | ${ends.join(" | ")} | ${story.free ? "order" : "each"} |`;
    });
  const text = readFileSync("docs/stories.md", "utf8");
  const written = text.split("\n").filter((line) => /^\| \d\d \|.*\| (?:order|each) \|$/.test(line));
  assert.deepEqual(written, table);
});

test("every difference that a story allows names its quirk, and there is one of that number", () => {
  const text = readFileSync("docs/stories.md", "utf8");
  const [, section = ""] = text.split("## Differences");
  const [differences = ""] = section.split("## ");
  const lines = differences
    .split("\n")
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);
  assert.ok(lines.length > 10);
  const explained = new Set([...readFileSync("docs/quirks.md", "utf8").matchAll(/^\| (\d+) \|/gm)].map(([, n]) => n));
  for (const line of lines) {
    const named = [...line.matchAll(/\bquirk (\d+)/g)].map(([, n]) => n);
    assert.ok(named.length > 0, line);
    for (const number of named) assert.ok(explained.has(number), line);
  }
});
