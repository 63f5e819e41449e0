import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import test from "node:test";
import fc from "fast-check";
import { ipv4Text, parseInetAton, parseIpv4, parseIpv6 } from "../../src/media/addresses.ts";

test("dotted quads and nothing else", () => {
  assert.deepEqual(parseIpv4("10.0.0.255"), [10, 0, 0, 255]);
  for (const text of ["10.0.0.256", "10.0.0", "10.0.0.1.2", "", "a.b.c.d", "1.2.3.4 ", "0x1.2.3.4", "010.0.0.1"])
    assert.equal(parseIpv4(text), undefined);
});

test("inet_aton's abbreviations", () => {
  for (const [text, wanted] of [
    ["10.77", "10.0.0.77"],
    ["1", "0.0.0.1"],
    ["10.1.258", "10.1.1.2"],
    ["0x7f.1", "127.0.0.1"],
    ["010.0.0.1", "8.0.0.1"],
    ["4294967295", "255.255.255.255"],
  ] as const)
    assert.equal(ipv4Text(parseInetAton(text) ?? []), wanted);
  for (const text of ["", "10.", "1.2.3.4.5", "256.1", "10.16777216", "08.1", "x", "-1"])
    assert.equal(parseInetAton(text), undefined, text);
});

test("what is an IPv6 address is what the system says", () => {
  fc.assert(fc.property(fc.ipV6(), (text) => assert.equal(parseIpv6(text)?.length, 16, text)));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("0", "1", "f", ":", "::", ".", "255"), maxLength: 16 }), (text) =>
      assert.equal(parseIpv6(text) !== undefined, isIPv6(text), text),
    ),
    { numRuns: 20_000 },
  );
});
