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

test("one flipped bit anywhere is noticed, except in the padding of the last byte", () => {
  const small = samples.filter(({ length }) => length > 0 && length < 1000);
  for (const sample of small) {
    const bytes = bytesOfSample(sample);
    const plain = createHash("sha256");
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      const result = bz2.decompress(flipped, inflatedMax);
      if (!result.ok) continue;
      // Accepted only if nothing changed: padding, the unused first level digits, or a code length nobody uses.
      assert.equal(plain.copy().update(result.value).digest("hex"), sample.sha256, `${sample.name}, bit ${bit}`);
    }
  }
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
  const noise = fc
    .uint8Array({ maxLength: 500 })
    .map((tail) =>
      Buffer.concat([
        bytesOfSample(samples[1] ?? samples[0] ?? { name: "", length: 0, sha256: "", compressed: "" }).subarray(0, 14),
        tail,
      ]),
    );
  fc.assert(
    fc.property(fc.oneof(mutated, noise), (bytes) => void bz2.decompress(bytes, inflatedMax)),
    { numRuns: 500, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: true },
  );
});
