/** What takes long to unpack does not hold the loop: it is read in portions, and counts when it is whole. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, type Instant, instant, mediumName } from "../../src/base/units.ts";
import { unpackingsMax } from "../../src/core/limits.ts";
import { Node } from "../../src/core/node.ts";
import { Unpackings } from "../../src/core/unpackings.ts";
import { compressBz2 } from "../../src/wire/compress/bz2-encode.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { binary, type Message, text } from "../../src/wire/message.ts";
import { encodeNetstring } from "../../src/wire/netstring-format.ts";
import { foxBesideOwl } from "../support/one-node.ts";

const config = foxBesideOwl({ keepalive: 1000, deadtime: 5000, initdead: 5000 });
const { keys } = config;
const [eth0, eth1] = [mediumName("eth0"), mediumName("eth1")];
const now = instant(1000);

/** Words that are not all alike, so that unpacking them is work. */
const padding = (size: number, from: number): string =>
  Array.from({ length: size / 8 }, (_, i) => String(((i + from) * 7919) % 10_000_000).padStart(8, "x")).join("");

/** As an original with `compression bz2` sends it. */
function packed(message: Message): Uint8Array {
  const plain = encodeNetstring(message);
  assert.ok(plain.ok);
  return around(compressBz2(plain.value));
}

function around(payload: Uint8Array, ...more: Message): Uint8Array {
  const outer = [binary("_compressed_payload", payload), text("_compression_algorithm", "bz2"), ...more];
  const sealed = sealDatagram(outer, keys, "netstring");
  assert.ok(sealed.ok);
  return sealed.value;
}
const payload = compressBz2(Buffer.from(`>>>\nt=large\npad=${padding(60_000, 0)}\n<<<\n`));
/** One of many that differ outside only. */
const large = (n = 0): Uint8Array => around(payload, text("n", String(n)));

test("a small message is read at once, a large one in portions, each of which is asked for", () => {
  const unpackings = new Unpackings();
  assert.equal(unpackings.begin(eth0, packed([text("t", "small")]), keys, now)?.ok, true);
  assert.equal(unpackings.nextDeadline(), undefined);
  const bytes = large();
  assert.equal(unpackings.begin(eth0, bytes, keys, now), undefined);
  for (let at: Instant = now, portions = 1; ; portions++, at = instant(at + 1)) {
    assert.equal(unpackings.nextDeadline(), at, "work is due at once, and is no sign of a loop that slept");
    const done = unpackings.work(instant(at + 1));
    if (done.length === 0) continue;
    assert.deepEqual(done, [{ medium: eth0, opened: openDatagram(bytes, keys) }]);
    assert.ok(portions >= 4, `${portions} portions`);
    break;
  }
  assert.equal(unpackings.nextDeadline(), undefined);
});

test("what comes twice is unpacked once, and counts for each medium that brought it", () => {
  const unpackings = new Unpackings();
  for (const medium of [eth0, eth1, eth0]) assert.equal(unpackings.begin(medium, large(), keys, now), undefined);
  const done = [];
  while (unpackings.nextDeadline() !== undefined) done.push(...unpackings.work(now));
  assert.deepEqual(
    done.map(({ medium, opened }) => [medium, opened.ok]),
    [
      [eth0, true],
      [eth1, true],
    ],
  );
});

test("a damaged one ends with its fault, and not more than a bounded number waits", () => {
  const unpackings = new Unpackings();
  assert.equal(unpackings.begin(eth0, around(payload.subarray(0, -20)), keys, now), undefined);
  for (let i = 1; i < unpackingsMax; i++) assert.equal(unpackings.begin(eth0, large(i), keys, now), undefined);
  const refused = unpackings.begin(eth0, large(unpackingsMax), keys, now);
  assert.deepEqual(refused, { ok: false, error: { code: "too-busy" } });
  let done = unpackings.work(now);
  while (done.length === 0) done = unpackings.work(now);
  assert.deepEqual(done, [{ medium: eth0, opened: { ok: false, error: { code: "bad-compression" } } }]);
});

test("a node takes such a message in when it is whole, and hears others meanwhile", () => {
  const identity = { uuid: new Uint8Array(16).fill(7), generation: generation(1) };
  const node = new Node({ config, identity, seed: 1, pid: 1, version: "4" });
  let said = "";
  const step = (input: Parameters<Node["step"]>[0]) => {
    for (const effect of node.step(input, { instant: now, wallSeconds: 1_700_000_000, load: "n/a" }))
      if (effect.do === "log") said += `${effect.text}\n`;
  };
  const status = (seq: number, ...more: Message): Message => [
    ...[text("t", "status"), text("st", "active"), text("src", "owl"), text("seq", String(seq))],
    ...[text("hg", "1"), text("ts", "1"), text("dt", "1388"), ...more],
  ];
  const hear = (seq: number): void => {
    const plain = sealDatagram(status(seq), keys, "netstring");
    assert.ok(plain.ok);
    step({ on: "datagram", medium: eth1, bytes: plain.value });
  };
  step({ on: "start" });
  hear(1);
  step({ on: "datagram", medium: eth0, bytes: packed(status(2, text("pad", padding(60_000, 3)))) });
  hear(3);
  assert.match(said, /Link owl:eth1 up/);
  assert.doesNotMatch(said, /Link owl:eth0 up/);
  for (let turns = 0; turns < 20; turns++) step({ on: "deadline" });
  assert.match(said, /Link owl:eth0 up/);
});
