import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { atoi, boolean, didYouMean, integer, oneOf, parseBoolean, parseTime, time } from "../../src/syntax/args.ts";
import { Report } from "../../src/syntax/diagnostic.ts";
import { linesOf, type Word, wordsOf } from "../../src/syntax/lexer.ts";

const word = (text: string): Word => ({ text, line: 1, start: 0, end: text.length });

// docs/reference/configuration.md, section 3.1
for (const [text, wanted] of [
  ["2", 2000],
  ["1.5", 1500],
  [".5", 500],
  ["2.", 2000],
  ["010", 10_000],
  ["1.2.3", 1200],
  [".", 0],
  ["200ms", 200],
  ["200MS", 200],
  ["200mS", 200],
  ["200msec", 200],
  ["200msfoo", 200],
  ["1ms500us", 1],
  ["200000us", 200],
  ["501us", 1],
  ["499us", 0],
  ["0.0005", 1],
  ["0.0004", 0],
  ["1.6ms", 2],
  ["31536000", 31_536_000_000],
  ["2147483647ms", 2_147_483_647],
  ["99999999999999999999", undefined],
  ["2s", undefined],
  ["2sec", undefined],
  ["1m", undefined],
  ["1h", undefined],
  ["-1", undefined],
  ["+1", undefined],
  ["1e1", undefined],
  ["0x10", undefined],
  ["fast", undefined],
  ["ms", undefined],
  ["", undefined],
] as const)
  test(`the time ${JSON.stringify(text)} is ${wanted}`, () => assert.equal(parseTime(text), wanted));

for (const [text, help] of [
  ["5s", "5000ms or 5"],
  ["2sec", "2000ms or 2"],
  ["1m", "60000ms or 60"],
  ["1.5h", "5400000ms or 5400"],
  ["-1", "no sign"],
  ["ms", "no blank"],
  ["soon", "write seconds"],
  ["=", "no ="],
] as const)
  test(`the advice on the time ${text}`, () => {
    const report = new Report("ha.cf", linesOf(Buffer.from(text)));
    assert.equal(time(1).read(word(text), report), undefined);
    assert.ok(report.diagnostics[0]?.help?.includes(help), report.diagnostics[0]?.help);
  });

test("a time of nothing is an error where it must be above 0 only", () => {
  const report = new Report("ha.cf");
  assert.equal(time(1).read(word("0"), report), undefined);
  assert.equal(time(0).read(word("0"), report), 0);
  assert.deepEqual(
    report.diagnostics.map(({ code }) => code),
    ["HB0211"],
  );
});

test("switches", () => {
  for (const text of ["true", "ON", "Yes", "y", "1"]) assert.equal(parseBoolean(text), true);
  for (const text of ["False", "off", "nO", "n", "0"]) assert.equal(parseBoolean(text), false);
  for (const text of ["t", "enable", "2", "yess", ""]) assert.equal(parseBoolean(text), undefined);
  const report = new Report("ha.cf");
  boolean.read(word("onn"), report);
  assert.equal(report.diagnostics[0]?.help, "did you mean on?");
});

for (const [text, wanted] of [
  ["694", 694],
  ["1694/udp", 1694],
  ["1.5", 1],
  ["lots", 0],
  ["-5", -5],
  ["+7", 7],
  ["", 0],
  ["- 5", 0],
  ["4294967297", 1],
  ["2147483648", -2_147_483_648],
  ["99999999999999999999", -1],
] as const)
  test(`atoi of ${JSON.stringify(text)} is ${wanted}`, () => assert.equal(atoi(text), wanted));

test("a number reports its range, and what is not a number a warning", () => {
  const report = new Report("ha.cf");
  assert.equal(integer(0, 255).read(word("256"), report), undefined);
  assert.equal(integer(0, 255).read(word("two"), report), 0);
  assert.deepEqual(
    report.diagnostics.map(({ code, help }) => [code, help]),
    [
      ["HB0215", "write a number: 0 to 255"],
      ["HB0216", "write 0"],
    ],
  );
});

test("words: case, suggestions, lists", () => {
  const methods = oneOf(["file", "time"]);
  const report = new Report("ha.cf");
  assert.equal(methods.read(word("File"), report), undefined);
  assert.equal(oneOf(["none", "any"], true).read(word("ANY"), report), "any");
  assert.equal(didYouMean(word("flie"), ["file", "time"]), "did you mean file?");
  assert.equal(didYouMean(word("x".repeat(1000)), ["file", "time"]), "legal: file, time");
  assert.match(report.diagnostics[0]?.help ?? "", /case matters/);
});

test("no text makes a reader throw", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const report = new Report("ha.cf");
      for (const each of [time(0), boolean, integer(1, 9), oneOf(["a"])]) each.read(word(text), report);
      assert.equal(wordsOf(text, 1).length >= 0, true);
    }),
  ));
