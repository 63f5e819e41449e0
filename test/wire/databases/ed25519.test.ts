import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import test from "node:test";
import { signByPassword } from "../../../src/wire/databases/ed25519.ts";

/** Of a seed of 32 bytes, in the form that the library reads. */
const keyOf = (seed: Uint8Array) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });

test("for a password as long as a seed it is the signature that everybody else makes", () => {
  for (let round = 0; round < 12; round++) {
    const seed = Buffer.alloc(32, 7 * round + 1);
    const message = Buffer.alloc(32, 255 - round);
    assert.deepEqual(signByPassword(seed, message), sign(null, message, keyOf(seed)));
  }
});

test("the first vector of RFC 8032", () => {
  const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
  const signature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
  assert.equal(signByPassword(seed, Buffer.alloc(0)).toString("hex"), signature);
});

test("another password, or another challenge, is another signature", () => {
  const [password, challenge] = [Buffer.from("a-long-word"), Buffer.alloc(32, 1)];
  const signature = signByPassword(password, challenge);
  assert.equal(signature.length, 64);
  assert.notDeepEqual(signByPassword(Buffer.from("a-long-wore"), challenge), signature);
  assert.notDeepEqual(signByPassword(password, Buffer.alloc(32, 2)), signature);
});
