/** Messages of the largest sizes go through a node in small steps, and are whole on the other side. */
import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { instant, mediumName } from "../../src/base/units.ts";
import { Unpackings } from "../../src/core/unpackings.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { inflatedMax } from "../../src/wire/limits.ts";
import { binary, type Message, text } from "../../src/wire/message.ts";
import { encodeNetstring } from "../../src/wire/netstring-format.ts";
import { configOf } from "../support/client-cluster.ts";

const { keys } = configOf("node-a");
const eth0 = mediumName("eth0");
const now = instant(1000);

/** As an original sends it with `compression zlib`. */
function packed(message: Message): Uint8Array {
  const plain = encodeNetstring(message);
  assert.ok(plain.ok);
  const outer = [binary("_compressed_payload", deflateSync(plain.value)), text("_compression_algorithm", "zlib")];
  const sealed = sealDatagram(outer, keys, "netstring");
  assert.ok(sealed.ok);
  return sealed.value;
}

test("what was inflated to more than a datagram is read in a turn of its own, and made use of in another one", () => {
  for (const [size, turns] of [
    [1000, 0],
    [60_000, 0],
    [70_000, 2],
    [inflatedMax - 1000, 2],
  ] as const) {
    const unpackings = new Unpackings();
    const bytes = packed([text("t", "large"), text("body", "0123456789".repeat(size / 10))]);
    let opened = unpackings.begin(eth0, bytes, keys, now);
    let taken = 0;
    for (; opened === undefined; taken++) opened = unpackings.work(now)[0]?.opened;
    assert.equal(taken, turns, `${size} bytes`);
    assert.deepEqual(opened, openDatagram(bytes, keys));
    assert.ok(opened.ok);
  }
});

test("what would inflate without end is refused at once, and an unknown method too", () => {
  const bomb = deflateSync(new Uint8Array(8 * inflatedMax));
  assert.ok(bomb.length < 20_000);
  for (const [payload, method, code] of [
    [bomb, "zlib", "too-big"],
    [bomb.subarray(0, 100), "zlib", "bad-compression"],
    [bomb, "lzma", "unknown-compression"],
  ] as const) {
    const sealed = sealDatagram(
      [binary("_compressed_payload", payload), text("_compression_algorithm", method)],
      keys,
      "netstring",
    );
    assert.ok(sealed.ok);
    assert.deepEqual(new Unpackings().begin(eth0, sealed.value, keys, now), { ok: false, error: { code } });
  }
});
