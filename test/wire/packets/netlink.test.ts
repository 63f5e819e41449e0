import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as packet from "../../../src/wire/packets/netlink.ts";

test("an address message is read back as it was built", () => {
  const change = { ifindex: 4, ip: "10.0.0.10", prefix: 24, broadcast: "10.0.0.255", label: "eth0:web" };
  assert.deepEqual(packet.readNetlink(packet.addAddress(7, change)), [
    {
      kind: "address",
      sequence: 7,
      gone: false,
      address: { ifindex: 4, ip: "10.0.0.10", prefix: 24, broadcast: "10.0.0.255", secondary: false },
    },
  ]);
  const [removal] = packet.readNetlink(packet.deleteAddress(8, change));
  assert.equal(removal?.kind === "address" && removal.gone, true);
});

test("several messages in one datagram are all read; one that is cut off is left out", () => {
  const one = packet.addAddress(1, { ifindex: 1, ip: "1.2.3.4", prefix: 32 });
  const three = Buffer.concat([one, one, one.subarray(0, -1)]);
  assert.equal(packet.readNetlink(three).length, 2);
});

test("an acknowledgement carries the kernel's words", () => {
  const words = Buffer.from("Nexthop has invalid gateway\0"); // 28 bytes
  const body = Buffer.alloc(16 + 4 + 16 + 4 + words.length);
  body.writeUInt32LE(body.length, 0);
  body.writeUInt16LE(2, 4); // NLMSG_ERROR
  body.writeUInt16LE(0x300, 6); // capped, with attributes
  body.writeUInt32LE(9, 8);
  body.writeInt32LE(-19, 16);
  body.writeUInt16LE(4 + words.length, 36);
  body.writeUInt16LE(1, 38);
  words.copy(body, 40);
  assert.deepEqual(packet.readNetlink(body), [
    { kind: "ack", sequence: 9, errno: -19, says: "Nexthop has invalid gateway" },
  ]);
});

test("no bytes make the reader throw", () => {
  const valid = packet.addAddress(1, { ifindex: 1, ip: "1.2.3.4", prefix: 32, broadcast: "1.2.3.4", label: "x" });
  const damaged = fc
    .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.constantFrom(2, 16, 20, 24))
    .map(([at, byte, type]) => {
      const bytes = valid.slice();
      bytes[4] = type;
      bytes[at] = byte;
      return bytes;
    });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void packet.readNetlink(bytes)));
  fc.assert(fc.property(damaged, (bytes) => void packet.readNetlink(bytes)));
});
