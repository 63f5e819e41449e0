import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readAdvertiser, unsolicitedAdvertisement } from "../../../src/wire/packets/neighbour.ts";

const mac = Uint8Array.from([2, 0, 0, 0, 0, 1]);
const ip = "fd77::65";

test("an unsolicited advertisement: to all nodes, from the announced address, overriding what they know", () => {
  const address = "fd770000000000000000000000000065";
  const ipHeader = `60000000${"0020"}3aff${address}ff020000000000000000000000000001`;
  const head = `333300000001${"020000000001"}86dd${ipHeader}8800`;
  const tail = (flags: string) => `${flags}000000${address}0201020000000001`;
  const hex = (router: boolean) => Buffer.from(unsolicitedAdvertisement({ mac, ip, router })).toString("hex");
  assert.equal(hex(false), `${head}${checksumOf(false)}${tail("20")}`);
  assert.equal(hex(true), `${head}${checksumOf(true)}${tail("a0")}`);
});

/** RFC 1071 as a sum of 16-bit words over pseudo-header and payload, the slow way. */
function checksumOf(router: boolean): string {
  const frame = Buffer.from(unsolicitedAdvertisement({ mac, ip, router }));
  const pseudo = Buffer.concat([frame.subarray(22, 54), Buffer.from([0, 0, 0, 32, 0, 0, 0, 58])]);
  const payload = Buffer.from(frame.subarray(54));
  payload.writeUInt16BE(0, 2);
  const all = Buffer.concat([pseudo, payload]);
  let sum = 0n;
  for (let at = 0; at < all.length; at += 2) sum += BigInt(all.readUInt16BE(at));
  while (sum >> 16n) sum = (sum & 0xffffn) + (sum >> 16n);
  return (~Number(sum) & 0xffff).toString(16).padStart(4, "0");
}

test("who advertises is read from the message's own option, else from the frame", () => {
  const frame = unsolicitedAdvertisement({ mac, ip, router: false });
  assert.deepEqual(readAdvertiser(frame), { ip, mac: "02:00:00:00:00:01" });
  frame.set([2, 0, 0, 0, 0, 9], 6);
  assert.deepEqual(readAdvertiser(frame), { ip, mac: "02:00:00:00:00:01" });
  assert.deepEqual(readAdvertiser(frame.subarray(0, 78)), { ip, mac: "02:00:00:00:00:09" });
});

const spoilt: readonly (readonly [string, number, number])[] = [
  ["not IPv6", 13, 0],
  ["not ICMP", 20, 17],
  ["passed on by a router", 21, 254],
  ["a solicitation", 54, 135],
  ["a code that no advertisement has", 55, 1],
];
for (const [name, at, value] of spoilt)
  test(`nobody advertises: ${name}`, () => {
    const frame = unsolicitedAdvertisement({ mac, ip, router: false });
    frame[at] = value;
    assert.equal(readAdvertiser(frame), undefined);
  });

test("no frame makes the reader throw or go on for ever", () => {
  const frame = unsolicitedAdvertisement({ mac, ip, router: false });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(100), (bytes, at) => {
      const changed = Uint8Array.from([...frame, ...bytes]);
      changed.set(bytes.subarray(0, 4), Math.min(at, changed.length - 4));
      readAdvertiser(changed);
      readAdvertiser(bytes);
    }),
  );
});
