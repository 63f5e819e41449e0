import assert from "node:assert/strict";
import test from "node:test";
import { Report, render } from "../../src/syntax/diagnostic.ts";
import { linesOf, wordsOf } from "../../src/syntax/lexer.ts";
import { foldAscii, isUtf8, osText, shown } from "../../src/syntax/text.ts";

const source = "n\tbö\xdfx b2\n";
const lines = linesOf(Buffer.from(source));

test("places are columns from 1, in characters", () => {
  const report = new Report("ha.cf", lines);
  const [, second, third] = wordsOf(lines[0]?.text ?? "", 1);
  report.add("HB0201", second, "one");
  report.add("HB0203", third, "two", () => "three");
  report.add("HB0301", undefined, "whole");
  assert.deepEqual(
    report.diagnostics.map(({ line, column, endColumn, severity, help }) => [line, column, endColumn, severity, help]),
    [
      [1, 3, 7, "error", undefined],
      [1, 8, 10, "warning", "three"],
      [0, 0, 0, "error", undefined],
    ],
  );
  assert.equal(report.errors, 2);
});

test("a finding is shown with its line and carets, in colour only when asked", () => {
  const report = new Report("ha.cf", lines);
  report.add("HB0201", wordsOf(lines[0]?.text ?? "", 1)[1], "bad", "good");
  const [first] = report.diagnostics;
  assert.ok(first);
  assert.equal(
    render(first, lines[0]?.text),
    "ha.cf:1:3: error: bad [HB0201]\n    n bößx b2\n      ^^^^\n    help: good",
  );
  assert.equal(render(first), "ha.cf:1:3: error: bad [HB0201]\n    help: good");
  assert.ok(render(first, undefined, true).includes("\x1b[1;31merror:\x1b[0m"));
  assert.ok(!render(first, "x".repeat(500)).includes("xxx"));
});

test("what is not listed is counted", () => {
  const report = new Report("ha.cf");
  let asked = 0;
  for (let i = 0; i < 1000; i++) report.add("HB0201", undefined, "bad", () => `${asked++}`);
  assert.equal(report.errors, 1000);
  assert.equal(report.diagnostics.length, 301);
  assert.equal(report.diagnostics.at(-1)?.message, "700 further findings in this file are not listed");
  assert.equal(asked, 300);
});

test("text of a file is shown decoded, cut, and harmless", () => {
  assert.equal(shown("b\xc3\xb6b"), "böb");
  assert.equal(shown("b\xf6b"), "b\\xf6b");
  assert.equal(shown("\x1b[31m\x07"), "\\x1b[31m\\x07");
  assert.equal(shown("\xe2\x80\xae"), "\\u202e");
  assert.equal(shown("x".repeat(1000)).length, 203);
});

test("bytes become text for the system where they are UTF-8", () => {
  assert.equal(osText("b\xc3\xb6b"), "böb");
  assert.equal(osText("b\xf6b"), "b\xf6b");
  assert.equal(isUtf8("\xc3"), false);
  assert.equal(foldAscii("ÄB\xc3C"), "Äb\xc3c");
});
