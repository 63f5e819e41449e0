import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Prng } from "../../../src/base/prng.ts";
import { bz2 } from "../../../src/wire/compress/bz2.ts";
import { compressBz2 } from "../../../src/wire/compress/bz2-encode.ts";
import { bz2PlainMax, compress } from "../../../src/wire/compress/choose.ts";
import { canonicalCodes, codeLengths } from "../../../src/wire/compress/huffman.ts";
import { sortRotations } from "../../../src/wire/compress/rotations.ts";
import { datagramMax } from "../../../src/wire/limits.ts";

function roundTrip(bytes: Uint8Array): void {
  const back = bz2.decompress(compressBz2(bytes), bytes.length);
  assert.ok(back.ok);
  assert.ok(Buffer.from(back.value).equals(bytes));
}

/** Few letters, so that there are runs and repetitions. */
const repetitive = fc
  .array(fc.tuple(fc.constantFrom(0, 97, 98, 255), fc.constantFrom(1, 2, 3, 4, 5, 255, 256, 600)), { maxLength: 20 })
  .map((runs) => Buffer.concat(runs.map(([byte, times]) => Buffer.alloc(times, byte))));

test("whatever we compress, our reader reads", () =>
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), repetitive), roundTrip)));

test("several blocks, and texts that repeat themselves for ever", () => {
  const prng = new Prng(3);
  roundTrip(Uint8Array.from({ length: 250_000 }, () => prng.integer(0, 255)));
  for (const word of ["a", "ab", "abcab", "aaaab"]) roundTrip(Buffer.alloc(120_000, word));
});

test("a text becomes as small as it should", () => {
  const text = Buffer.from("the quick brown fox jumps over the lazy dog, ".repeat(80));
  assert.ok(compressBz2(text).length < 160);
  assert.equal(compressBz2(new Uint8Array(0)).length, 14);
});

test("rotations are in order", () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 30 }), (numbers) => {
      const bytes = Uint8Array.from(numbers);
      const rotation = (i: number) => Buffer.concat([bytes.subarray(i), bytes.subarray(0, i)]);
      const order = sortRotations(bytes);
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        [...bytes.keys()],
      );
      for (let i = 1; i < order.length; i++)
        assert.ok(Buffer.compare(rotation(order[i - 1] ?? 0), rotation(order[i] ?? 0)) <= 0);
    }),
  ));

test("codes are prefix-free, short for what is frequent, and never too long", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 26 }), { minLength: 3, maxLength: 258 }), (frequencies) => {
      const lengths = codeLengths(frequencies, 17);
      assert.ok(lengths.every((length) => length >= 1 && length <= 17));
      const kraft = lengths.reduce((sum, length) => sum + 2 ** -length, 0);
      assert.equal(kraft, 1);
      const codes = [...canonicalCodes(lengths)].map((code, i) => code.toString(2).padStart(lengths[i] ?? 0, "0"));
      codes.sort();
      for (let i = 1; i < codes.length; i++) assert.ok(!codes[i]?.startsWith(codes[i - 1] ?? ""));
    }),
  ));

test("what bz2 cannot do in time, and what would not fit a datagram, is not its business", () => {
  const method = (length: number) => {
    const done = compress("bz2", Buffer.alloc(length, "heartbeat "));
    return done.ok ? done.value.method : done.error;
  };
  assert.equal(method(bz2PlainMax), "bz2");
  assert.equal(method(bz2PlainMax + 1), "zlib");
  const prng = new Prng(5);
  const noise = Uint8Array.from({ length: 200_000 }, () => prng.integer(0, 255));
  assert.deepEqual(compress("zlib", noise), { ok: false, error: "too-big" });
  const exact = compress("zlib", noise.subarray(0, datagramMax));
  assert.deepEqual(exact, { ok: false, error: "too-big" }, "zlib's own bytes come on top");
});
