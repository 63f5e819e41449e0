import assert from "node:assert/strict";
import test from "node:test";
import { authMethods, sign, verify } from "../../../src/wire/auth/index.ts";
import { hexBytes, keyRing, unitVectors } from "../../support/vectors.ts";

const units = unitVectors();

test("crc gives the values of the original", () => {
  for (const { textHex, crc } of units.crc) assert.equal(authMethods.get("crc")?.sign("", hexBytes(textHex)), crc);
});

test("a crc is printed without leading zeros", () => {
  const crcs = Array.from({ length: 100 }, (_, i) => authMethods.get("crc")?.sign("", Uint8Array.of(i, 1)) ?? "");
  assert.ok(crcs.some((crc) => crc.length < 8));
  assert.ok(crcs.every((crc) => /^[1-9a-f][0-9a-f]{0,7}$/.test(crc)));
});

for (const method of ["md5", "sha1"] as const)
  test(`${method} gives the values of the original, also with a key longer than a block`, () => {
    for (const { key, textHex, digest } of units[`hmac-${method}`])
      assert.equal(authMethods.get(method)?.sign(key, hexBytes(textHex)), digest);
  });

test("a key is bytes: latin1 text, not UTF-8", () => {
  const utf8 = Buffer.from("schlüssel").toString("latin1");
  assert.notEqual(
    authMethods.get("md5")?.sign(utf8, new Uint8Array()),
    authMethods.get("md5")?.sign("schlüssel", new Uint8Array()),
  );
});

test("a signature is made with the active entry and verified with the entry it names", () => {
  const keys = [
    { num: 1, method: "md5", key: "one" },
    { num: 2, method: "sha1", key: "two" },
  ] as const;
  const bytes = Uint8Array.of(1, 2, 3);
  const signature = sign(keyRing(keys, 2), bytes) ?? "";
  assert.ok(signature.startsWith("2 "));
  assert.deepEqual(verify(keyRing(keys, 1), signature, bytes), { ok: true, value: 2 });
  assert.deepEqual(verify(keyRing(keys, 1), signature, bytes.subarray(1)), {
    ok: false,
    error: { code: "bad-signature", key: 2 },
  });
  assert.deepEqual(verify(keyRing(keys, 1), signature.replace("2", "3"), bytes), {
    ok: false,
    error: { code: "unknown-key", key: 3 },
  });
  for (const text of ["", "2", " ", "x y", "-2 y", "12345 y", "2.0 y"])
    assert.deepEqual(verify(keyRing(keys, 1), text, bytes), { ok: false, error: { code: "no-signature" } }, text);
});
