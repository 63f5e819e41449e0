/** A message that goes out again after the keys were changed. */
import assert from "node:assert/strict";
import test from "node:test";
import type { KeyRing } from "../../src/wire/auth/method.ts";
import { openDatagram, resealDatagram, sealClassic, sealDatagram } from "../../src/wire/framing.ts";
import { binary, type Message, text } from "../../src/wire/message.ts";

const before: KeyRing = { active: 1, entries: new Map([[1, { method: "md5", text: "old" }]]) };
const after: KeyRing = { active: 2, entries: new Map([[2, { method: "sha1", text: "new" }]]) };
const message: Message = [text("t", "status"), binary("srcuuid", new Uint8Array(16)), text("seq", "2f")];

for (const [name, seal] of [
  ["netstring", (keys: KeyRing) => sealDatagram(message, keys, "netstring")],
  ["netstring with an auth field", (keys: KeyRing) => sealDatagram(message, keys, "classic")],
  ["text", (keys: KeyRing) => sealClassic(message, keys)],
] as const)
  test(`${name} framing: resealed is the same as sealed with the new keys`, () => {
    const old = seal(before);
    const fresh = seal(after);
    assert.ok(old.ok && fresh.ok);
    assert.equal(openDatagram(old.value, after).ok, false);
    assert.deepEqual(Buffer.from(resealDatagram(old.value, after)), Buffer.from(fresh.value));
  });

test("what cannot be read is left as it is", () => {
  const noise = Uint8Array.of(1, 2, 3);
  assert.equal(resealDatagram(noise, after), noise);
});
