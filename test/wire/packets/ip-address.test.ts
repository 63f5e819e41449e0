import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { parseIpv6 } from "../../../src/media/addresses.ts";
import { ipBytes, ipText, versionOf } from "../../../src/wire/packets/ip-address.ts";

const texts: readonly (readonly [written: string, canonical: string])[] = [
  ["2001:DB8:0:0:0:0:0:10", "2001:db8::10"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["fe80:0:0:0:0:0:0:0", "fe80::"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"], // one group of zeros is written out
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"], // the longest run
  ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"], // the first of two
];
for (const [written, canonical] of texts)
  test(`${written} is ${canonical}`, () => {
    assert.equal(ipText(parseIpv6(written) ?? []), canonical);
    assert.deepEqual([...ipBytes(canonical)], parseIpv6(written));
  });

test("every address of both versions comes back from its text, which the configuration's reader understands, too", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: 16, maxLength: 16 }),
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
      ),
      (bytes) => {
        const text = ipText(bytes);
        assert.ok(text !== undefined);
        assert.deepEqual([...ipBytes(text)], bytes);
        assert.equal(versionOf(text), bytes.length === 4 ? 4 : 6);
        if (bytes.length === 16) assert.deepEqual(parseIpv6(text), bytes);
      },
    ),
  );
  assert.equal(ipText([1, 2, 3]), undefined);
});
