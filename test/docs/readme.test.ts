/** README.md says what has no effect yet: the table of the program and the text must be the same. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { pendingDirectives } from "../../src/config/pending.ts";

test("the list of what is not there yet is that of the program", () => {
  const listed = /<!-- generated [^>]*-->\n([\s\S]*?)<!-- end -->/.exec(readFileSync("README.md", "utf8"))?.[1];
  assert.equal(listed, pendingDirectives.map(({ directive, says }) => `- \`${directive}\`: ${says}\n`).join(""));
});
