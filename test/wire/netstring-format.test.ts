import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../../src/wire/bytes.ts";
import type { Message } from "../../src/wire/message.ts";
import { decodeNetstring, encodeNetstring, netstringEnd } from "../../src/wire/netstring-format.ts";
import { anyMessage, damaged } from "../support/arbitrary.ts";

const encoded = (message: Message): Uint8Array => {
  const bytes = encodeNetstring(message);
  assert.ok(bytes.ok, JSON.stringify(bytes));
  return bytes.value;
};
const decodedText = (text: string) => decodeNetstring(bytesOf(text));

test("whatever we encode, we decode, and its end is found without decoding", () =>
  fc.assert(
    fc.property(anyMessage, fc.uint8Array({ maxLength: 5 }), (message, behind) => {
      const bytes = encoded(message);
      assert.deepEqual(decodeNetstring(bytes), message);
      assert.deepEqual(decodeNetstring(Buffer.concat([bytes, behind])), message);
      assert.equal(netstringEnd(Buffer.concat([bytes, behind]), 0), bytes.length);
    }),
  ));

test("no bytes make the decoder throw, and what it accepts it can write again", () =>
  fc.assert(
    fc.property(damaged(anyMessage, encoded), (bytes) => {
      const message = decodeNetstring(bytes);
      if (message === undefined) return;
      assert.ok((netstringEnd(bytes, 0) ?? 0) > 0);
      const again = encodeNetstring(message);
      // Two lists of one name may have become one that is too long; nothing else may fail.
      if (again.ok) assert.deepEqual(decodeNetstring(again.value), message);
      else assert.equal(again.error, "bad-value");
    }),
    { numRuns: 1000 },
  ));

test("an end marker within a value does no harm", () => {
  const message: Message = [{ type: "string", name: "a", value: "%%%\n,%%%\n" }];
  assert.deepEqual(decodeNetstring(encoded(message)), message);
});

test("lengths that are none, too long or wrong are refused", () => {
  assert.deepEqual(decodedText("###\n8:(0)a=xyz,%%%\n"), [{ type: "string", name: "a", value: "xyz" }]);
  for (const text of [
    "",
    "###\n",
    "###\n%%%",
    "###\n8:(0)a=xyz,%%\n",
    "###\n:(0)a=xyz,%%%\n",
    "###\n-8:(0)a=xyz,%%%\n",
    "###\n 8:(0)a=xyz,%%%\n",
    "###\n8 :(0)a=xyz,%%%\n",
    "###\n1/:(0)a=wxyz,%%%\n", // "/" stands before "0": -1
    "###\n7:(0)a=xyz,%%%\n",
    "###\n9:(0)a=xyz,%%%\n",
    "###\n8:(0)a=xyz;%%%\n",
    "###\n8:(0)a=xyz,",
    "###\n8888888888888888888888:(0)a=xyz,%%%\n",
    "###\n99999999:(0)a=xyz,%%%\n",
    "###\n0:,%%%\n",
    "###\n4:(0)=,%%%\n",
    "###\n4:(0)a,%%%\n",
    "###\n5:a=xyz,%%%\n",
    "###\n8:(0(a=xyz,%%%\n",
    "###\n8:(6)a=xyz,%%%\n",
    "###\n8:(0)a=x\0z,%%%\n",
    "###\n9:(0)(a=xyz,%%%\n",
    "###\n8:(2)a=xyz,%%%\n",
    "###\n8:(3)a=xyz,%%%\n",
    "###\n11:(3)l=3:a\0b,,%%%\n",
  ])
    assert.equal(decodedText(text), undefined, JSON.stringify(text));
});

test("type 5, a message that was to be compressed and was not, is a message that still may be", () => {
  assert.deepEqual(decodedText("###\n13:(5)a=###\n%%%\n,%%%\n"), [{ type: "uncompressed", name: "a", value: [] }]);
});

test("a second list of one name continues the first; other duplicates are kept", () => {
  assert.deepEqual(decodedText("###\n9:(3)l=1:a,,9:(3)l=1:b,,6:(0)x=1,6:(0)x=2,%%%\n"), [
    { type: "list", name: "l", value: ["a", "b"] },
    { type: "string", name: "x", value: "1" },
    { type: "string", name: "x", value: "2" },
  ]);
});

test("what has no form in the framing is refused when writing", () => {
  const error = (message: Message) => {
    const bytes = encodeNetstring(message);
    return bytes.ok ? undefined : bytes.error;
  };
  const named = (name: string): Message => [{ type: "string", name, value: "" }];
  for (const name of ["", "a=b", "(1)a", ">>>\n", "a\0", "\u0100"]) assert.equal(error(named(name)), "bad-name", name);
  for (const value of ["\0", "\u20ac"]) assert.equal(error([{ type: "string", name: "a", value }]), "bad-value");
  const list = (length: number): Message => [{ type: "list", name: "l", value: ["x".repeat(length)] }];
  assert.equal(error(list(1017)), undefined, "1023 bytes packed");
  assert.equal(error(list(1018)), "bad-value", "1024 bytes packed");
});

test("messages nest sixteen deep, no deeper", () => {
  const nested = (depth: number): Message =>
    depth === 0 ? [] : [{ type: "struct", name: "a", value: nested(depth - 1) }];
  assert.deepEqual(decodeNetstring(encoded(nested(16))), nested(16));
  assert.deepEqual(encodeNetstring(nested(17)), { ok: false, error: "too-deep" });
  let text = "###\n%%%\n";
  for (let depth = 0; depth < 5000; depth++) text = `###\n${text.length + 5}:(2)a=${text},%%%\n`;
  assert.equal(decodedText(text), undefined);
});

test("the largest message takes milliseconds, not seconds", () => {
  const started = process.cpuUsage();
  const fields = Array.from({ length: 250_000 }, (): string => "9:(3)l=1:a,,").join("");
  assert.equal(decodedText(`###\n${fields}%%%\n`), undefined);
  assert.equal(decodedText(`###\n${fields.slice(0, 12 * 4000)}%%%\n`)?.length, 1);
  assert.equal(decodedText(`###\n${"1:".repeat(1_000_000)}%%%\n`), undefined);
  const { user, system } = process.cpuUsage(started);
  assert.ok(user + system < 5_000_000, `${user + system} microseconds of a processor`);
});

test("bytes of strings survive as they are", () => {
  const value = String.fromCharCode(...Array.from({ length: 255 }, (_, i) => i + 1));
  assert.equal(textOf(encoded([{ type: "string", name: "a", value }])), `###\n260:(0)a=${value},%%%\n`);
});
