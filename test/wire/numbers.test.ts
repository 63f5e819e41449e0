import assert from "node:assert/strict";
import test from "node:test";
import { hex, parseDecimal, parseHex } from "../../src/wire/numbers.ts";

test("hexadecimal digits of either case, leading zeros allowed", () => {
  for (const [text, number] of [
    ["0", 0],
    ["1b58", 7000],
    ["6B041441", 0x6b041441],
    ["00ff", 255],
    ["1fffffffffffff", 2 ** 53 - 1],
  ] as const)
    assert.equal(parseHex(text), number);
});

test("decimal digits", () => {
  for (const [text, number] of [
    ["0", 0],
    ["171", 171],
    ["007", 7],
    ["9007199254740991", 2 ** 53 - 1],
  ] as const)
    assert.equal(parseDecimal(text), number);
});

test("everything else is no number", () => {
  const rubbish = [
    undefined,
    "",
    " ",
    " 1",
    "1 ",
    "+1",
    "-1",
    "1.0",
    "1.e3",
    "0x1",
    "1\n",
    "1\0",
    "x",
    "NaN",
    "Infinity",
  ];
  for (const text of [...rubbish, "20000000000000", "f".repeat(16), "1".repeat(99)])
    assert.equal(parseHex(text), undefined, text);
  for (const text of [...rubbish, "1a", "1e3", "9007199254740992", "1".repeat(99)])
    assert.equal(parseDecimal(text), undefined, text);
});

test("numbers are written without prefix or padding", () => {
  assert.equal(hex(0x1b58), "1b58");
  assert.equal(parseHex(hex(2 ** 53 - 1)), 2 ** 53 - 1);
});
