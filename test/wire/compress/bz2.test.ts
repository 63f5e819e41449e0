import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { bz2 } from "../../../src/wire/compress/bz2.ts";
import { inflatedMax } from "../../../src/wire/limits.ts";

interface Sample {
  readonly name: string;
  readonly length: number;
  readonly sha256: string;
  /** Base64. */
  readonly compressed: string;
}
const file = join(process.cwd(), "test/wire/compress/bz2-samples.json");
const { source, samples }: { source: string; samples: Sample[] } = JSON.parse(readFileSync(file, "utf8"));
const bytesOfSample = ({ compressed }: Sample) => Buffer.from(compressed, "base64");

for (const sample of samples)
  test(`${sample.name}, written by ${source}`, () => {
    const plain = bz2.decompress(bytesOfSample(sample), inflatedMax);
    if (sample.length > inflatedMax) return assert.deepEqual(plain, { ok: false, error: "too-big" });
    assert.ok(plain.ok, JSON.stringify(plain));
    assert.equal(plain.value.length, sample.length);
    assert.equal(createHash("sha256").update(plain.value).digest("hex"), sample.sha256);
  });

test("the limit is exact", () => {
  for (const sample of samples.filter(({ length }) => length > 0 && length < 10_000)) {
    assert.ok(bz2.decompress(bytesOfSample(sample), sample.length).ok, sample.name);
    assert.deepEqual(bz2.decompress(bytesOfSample(sample), sample.length - 1), { ok: false, error: "too-big" });
  }
});

test("bytes behind the stream are ignored, a missing end is noticed", () => {
  for (const sample of samples.filter(({ length }) => length < 10_000)) {
    const bytes = bytesOfSample(sample);
    assert.ok(bz2.decompress(Buffer.concat([bytes, Buffer.from("rubbish")]), inflatedMax).ok);
    for (const missing of [1, 2, 4, 9])
      assert.deepEqual(
        bz2.decompress(bytes.subarray(0, -missing), inflatedMax),
        { ok: false, error: "corrupt" },
        sample.name,
      );
  }
});

/** The bytes with one bit inverted, counted from the first byte's highest. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

test("a flipped bit is noticed, or it changes nothing", () => {
  for (const sample of samples.filter(({ length }) => length > 0 && length < 1000)) {
    const bytes = bytesOfSample(sample);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const result = bz2.decompress(flipped(bytes, bit), inflatedMax);
      // Padding, the level's digit and the length of a code that nobody uses may change.
      if (result.ok)
        assert.equal(
          createHash("sha256").update(result.value).digest("hex"),
          sample.sha256,
          `${sample.name}, bit ${bit}`,
        );
    }
  }
});

test("a randomised block and a wrong checksum of the whole are refused", () => {
  const sample = (name: string) => bytesOfSample(samples.find((each) => each.name === name) ?? assert.fail(name));
  const randomised = 8 * (4 + 6 + 4); // behind the stream's head, the block's magic and its checksum
  const refused = { ok: false, error: "corrupt" };
  assert.deepEqual(bz2.decompress(flipped(sample("one byte (level 1)"), randomised), inflatedMax), refused);
  const empty = sample("nothing (level 1)");
  for (let bit = 8 * (empty.length - 4); bit < 8 * empty.length; bit++)
    assert.deepEqual(bz2.decompress(flipped(empty, bit), inflatedMax), refused);
});

test("no bytes make it throw or take long", () => {
  const short = samples.filter(({ compressed }) => compressed.length < 10_000).map(bytesOfSample);
  const mutated = fc
    .tuple(fc.constantFrom(...short), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }))
    .map(([bytes, changes]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      return copy;
    });
  const startOfBlock = Buffer.from("425a683931415926535900000000", "hex");
  const noise = fc.uint8Array({ maxLength: 500 }).map((tail) => Buffer.concat([startOfBlock, tail]));
  fc.assert(
    fc.property(fc.oneof(mutated, noise), (bytes) => void bz2.decompress(bytes, inflatedMax)),
    { numRuns: 500, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: true },
  );
});

test("in portions of any size the same comes out, and no portion does much more than was asked for", () => {
  for (const sample of samples.filter(({ length }) => length <= inflatedMax && length < 300_000))
    for (const portion of [1, 50, 777, 32_768]) {
      if (portion < 50 && sample.length > 10_000) continue;
      const unpacking = bz2.unpack?.(bytesOfSample(sample), inflatedMax);
      let end = unpacking?.work(portion);
      let turns = 1;
      for (; end === undefined; turns++) end = unpacking?.work(portion);
      assert.ok(end.ok, sample.name);
      assert.equal(createHash("sha256").update(end.value).digest("hex"), sample.sha256, sample.name);
      // The text is worked on at least twice: as rows, and as text.
      assert.ok(turns >= Math.floor(sample.length / (portion + 255)), `${sample.name}: ${turns} turns of ${portion}`);
    }
});
