import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { zlib } from "../../../src/wire/compress/zlib.ts";

const compressed = (bytes: Uint8Array): Uint8Array => zlib.compress(bytes, 2 ** 20) ?? new Uint8Array();

test("whatever we compress, we decompress", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const plain = zlib.decompress(compressed(bytes), 300);
      assert.ok(plain.ok);
      assert.deepEqual(Uint8Array.from(plain.value), bytes);
    }),
  ));

test("no more than the limit comes out, however little went in", () => {
  const million = compressed(new Uint8Array(1_000_000));
  assert.ok(zlib.decompress(million, 1_000_000).ok);
  assert.deepEqual(zlib.decompress(million, 999_999), { ok: false, error: "too-big" });
});

test("no bytes make it throw", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (bytes, at) => {
      zlib.decompress(bytes, 1000);
      const broken = Uint8Array.from(compressed(bytes));
      broken[at % broken.length] = 0xff;
      zlib.decompress(broken, 1000);
      assert.deepEqual(zlib.decompress(compressed(bytes).subarray(0, -1), 1000), { ok: false, error: "corrupt" });
    }),
  ));
