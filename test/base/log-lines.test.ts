/** The table of log lines is about lines that there are, in the words that they have, and the document is in step with it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { logLines, logSections } from "../../src/base/log-lines/index.ts";
import type { LogLine } from "../../src/base/log-lines/line.ts";
import { explained } from "../../src/cli/explain.ts";
import { logMessagesMarkdown, wordings } from "../../src/cli/log-messages.ts";

const source = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes("log-lines"))
  .map((file) => readFileSync(`src/${file}`, "utf8"))
  .join("\n");
const entries: readonly (readonly [string, LogLine])[] = Object.entries(logLines);

/** The longest piece of a line that is the same in every case. */
const fixedPart = (line: string): string =>
  line
    .split(/\b[A-Z]+\b|\.\.\.|["'[\]]/)
    .map((piece) => piece.trim())
    .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), "");

// That each id in use has a row is what the compiler sees to.
test("each row is about an id that is in use", () => {
  const unused = entries.map(([id]) => id).filter((id) => !source.includes(`"${id}"`) && !/^link-/.test(id));
  assert.deepEqual(unused, []);
});

test("each row has the words of the program", () => {
  const wrong = entries.flatMap(([id, { says }]) =>
    wordings(says)
      .map(fixedPart)
      .filter((part) => part.length > 5 && !source.includes(part))
      .map((part) => `${id}: ${part}`),
  );
  assert.deepEqual(wrong, []);
});

test("no id stands in two sections, and all are sentences", () => {
  const ids = logSections.flatMap(({ lines }) => Object.keys(lines));
  assert.equal(new Set(ids).size, ids.length);
  for (const [id, { cause }] of entries) assert.match(cause, /[.!]$/, id);
});

test("docs/log-messages.md is what npm run docs writes", () =>
  assert.equal(readFileSync("docs/log-messages.md", "utf8"), logMessagesMarkdown()));

test("heartbeat explain knows the ids", () => {
  assert.match(explained("node-dead") ?? "", /node NODE: is dead[\s\S]*Cause: [\s\S]*Remedy: /);
  assert.equal(explained("no-such-id"), undefined);
});
