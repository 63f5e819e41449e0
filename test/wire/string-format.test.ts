import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../../src/wire/bytes.ts";
import type { Message } from "../../src/wire/message.ts";
import { decodeClassic } from "../../src/wire/string-format.ts";
import { anyMessage, anyTextMessage, damaged } from "../support/arbitrary.ts";
import { encodeClassic } from "../support/classic.ts";

const encoded = (message: Message): Uint8Array => {
  const bytes = encodeClassic(message);
  assert.ok(bytes.ok, JSON.stringify(bytes));
  return bytes.value;
};
const decodedText = (text: string) => decodeClassic(bytesOf(text));

test("whatever we encode, we decode, with or without something behind it", () =>
  fc.assert(
    fc.property(anyTextMessage, fc.uint8Array({ maxLength: 5 }), (message, behind) => {
      const bytes = encoded(message);
      assert.deepEqual(decodeClassic(bytes), message);
      assert.deepEqual(decodeClassic(Buffer.concat([bytes, behind])), message);
    }),
  ));

test("no bytes make the decoder throw, and what it accepts it can write again", () =>
  fc.assert(
    fc.property(damaged(anyTextMessage, encoded), (bytes) => {
      const message = decodeClassic(bytes);
      if (message === undefined) return;
      const again = encodeClassic(message);
      // A delimiter that damage put into a nested message cannot be written at that depth.
      if (again.ok) assert.deepEqual(decodeClassic(again.value), message);
      else assert.equal(again.error, "bad-value");
    }),
    { numRuns: 1000 },
  ));

test("messages with any bytes are written or refused, never garbled beyond the stand-in for newlines", () =>
  fc.assert(
    fc.property(anyMessage, (message) => {
      const bytes = encodeClassic(message);
      if (!bytes.ok) return assert.equal(bytes.error, "bad-value");
      const read = decodeClassic(bytes.value);
      assert.ok(read);
      assert.deepEqual(encodeClassic(read), bytes);
    }),
  ));

test("the example of the specification: a message within a message within a message", () => {
  const message: Message = [
    {
      type: "struct",
      name: "kid",
      value: [
        { type: "string", name: "t", value: "child" },
        {
          type: "struct",
          name: "grand",
          value: [
            { type: "string", name: "deep", value: "yes\nno" },
            { type: "binary", name: "gb", value: Uint8Array.of(0, 1) },
          ],
        },
        { type: "binary", name: "cb", value: Uint8Array.of(10, 20) },
        { type: "list", name: "l", value: ["x"] },
      ],
    },
  ];
  const text =
    ">>>\n(2)kid=>>>\x14t=child\x14(2)grand=>>>\x15deep=yes\x13no\x15(1)gb=AAE=\x15<<<\x15\x14(1)cb=ChQ=\x14(3)l=1:x,\x14<<<\x14\n<<<\n";
  assert.equal(textOf(encoded(message)), text);
  assert.deepEqual(decodedText(text), message);
});

test("blank lines are skipped, and a message may be empty", () => {
  assert.deepEqual(decodedText(">>>\n\na=1\n\n\n<<<\n"), [{ type: "string", name: "a", value: "1" }]);
  assert.deepEqual(decodedText(">>>\n<<<\n"), []);
  assert.equal(textOf(encoded([])), ">>>\n<<<\n");
});

test("byte 19 arrives as a newline", () => {
  assert.deepEqual(decodedText(">>>\na=x\x13y\n<<<\n"), [{ type: "string", name: "a", value: "x\ny" }]);
});

test("a second list of one name continues the first", () => {
  assert.deepEqual(decodedText(">>>\n(3)l=1:a,\n(3)l=1:b,2:cd,\n<<<\n"), [
    { type: "list", name: "l", value: ["a", "b", "cd"] },
  ]);
});

test("lines that are no fields are refused", () => {
  for (const line of [
    "a",
    "=1",
    "(0)a=1",
    "(5)a=1",
    "(1a=1",
    "(1)=AA==",
    "(1)a=AA=",
    "(1)a=A",
    "(1)a=A-_A",
    "(1)a=AB==",
    "(1)a=AA==x",
    "(2)a=",
    "(2)a=>>>\x14",
    "(2)a=>>>\x15<<<\x15",
    "(2)a=>>>\x14x\x14<<<\x14",
    "(3)l=1:a",
    "(3)l=x",
    "(3)l=2:a,",
    "(3)l=:a,",
    "(3)l=11111111:a,",
    "(3)l=00000001:a,",
    "a=x\0y",
  ])
    assert.equal(decodedText(`>>>\n${line}\n<<<\n`), undefined, JSON.stringify(line));
  for (const text of ["", ">>>", ">>>\n", ">>>\na=1\n", ">>>\na=1\n<<<", ">>>\na=1<<<\n", "a=1\n<<<\n"])
    assert.equal(decodedText(text), undefined, JSON.stringify(text));
});

test("what has no form in the framing is refused when writing", () => {
  const error = (message: Message) => {
    const bytes = encodeClassic(message);
    return bytes.ok ? undefined : bytes.error;
  };
  assert.equal(error([{ type: "string", name: "a=b", value: "" }]), "bad-name");
  assert.equal(error([{ type: "string", name: "a", value: "\0" }]), "bad-value");
  assert.equal(error([{ type: "list", name: "a", value: ["x\ny"] }]), "bad-value");
  const delimiterWithin: Message = [{ type: "string", name: "a", value: "\x14" }];
  assert.equal(error(delimiterWithin), undefined);
  assert.equal(error([{ type: "struct", name: "s", value: delimiterWithin }]), "bad-value");
});

test("messages nest sixteen deep, no deeper", () => {
  const nested = (depth: number): Message =>
    depth === 0 ? [] : [{ type: "struct", name: "a", value: nested(depth - 1) }];
  assert.deepEqual(decodeClassic(encoded(nested(16))), nested(16));
  assert.deepEqual(encodeClassic(nested(17)), { ok: false, error: "too-deep" });
});

test("the largest message takes milliseconds, not seconds", () => {
  const started = process.cpuUsage();
  assert.equal(decodedText(`>>>\n${"(3)l=1:a,\n".repeat(4000)}<<<\n`)?.length, 1);
  assert.equal(decodedText(`>>>\n${"(3)l=1:a,\n".repeat(200_000)}<<<\n`), undefined);
  assert.equal(decodedText(`>>>\n${"\n".repeat(2_000_000)}`), undefined);
  assert.equal(decodedText(`>>>\n(2)a=${">>>\x14".repeat(400_000)}\n<<<\n`), undefined);
  const { user, system } = process.cpuUsage(started);
  assert.ok(user + system < 5_000_000, `${user + system} microseconds of a processor`);
});
