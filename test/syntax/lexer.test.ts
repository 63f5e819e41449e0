import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Line, linesOf, spanOf, withoutComment, wordsOf } from "../../src/syntax/lexer.ts";

const read = (text: string): Line[] => linesOf(Buffer.from(text, "latin1"));
const texts = (text: string): string[] => read(text).map((line) => line.text);

test("lines end at LF and CR LF, and the last one needs no end", () => {
  assert.deepEqual(texts("a\nb\r\n\nc"), ["a", "b", "", "c"]);
  assert.deepEqual(texts("a\n"), ["a"]);
  assert.deepEqual(
    read("a\r\nb\n").map(({ crlf }) => crlf),
    [true, false],
  );
});

test("a CR or a NUL inside a line hides the rest of it", () => {
  assert.deepEqual(read("ab\rcd\nx"), [
    { number: 1, text: "ab", cutBy: "cr", hidden: 2, crlf: false },
    { number: 2, text: "x", hidden: 0, crlf: false },
  ]);
  assert.deepEqual(read("ab\0c\rd")[0], { number: 1, text: "ab", cutBy: "nul", hidden: 3, crlf: false });
});

test("bytes are characters", () =>
  assert.deepEqual(
    linesOf(Buffer.from("bö\n")).map(({ text }) => text),
    ["b\xc3\xb6"],
  ));

test("a comment begins anywhere", () => assert.equal(withoutComment("logfile /a#b"), "logfile /a"));

test("blanks are space, tab, CR and form feed, not vertical tab; commas count where they may", () => {
  assert.deepEqual(
    wordsOf("a\tb\f c\vd", 1).map(({ text }) => text),
    ["a", "b", "c\vd"],
  );
  assert.deepEqual(
    wordsOf("a,b ,, c", 1).map(({ text }) => text),
    ["a,b", ",,", "c"],
  );
  assert.deepEqual(
    wordsOf(", a ,, b ,", 1, "blanks and commas").map(({ text }) => text),
    ["a", "b"],
  );
});

test("a span covers its words on one line", () => {
  assert.deepEqual(spanOf(wordsOf("  ab cd", 3)), { line: 3, start: 2, end: 7 });
  assert.equal(spanOf([]), undefined);
});

test("words stand where their places say", () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", "\t", ",", "é") }), (text) => {
      for (const word of wordsOf(text, 1)) assert.equal(text.slice(word.start, word.end), word.text);
    }),
  ));
