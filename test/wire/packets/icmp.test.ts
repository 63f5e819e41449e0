import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { echoRequest, internetChecksum, readEchoReply } from "../../../src/wire/packets/icmp.ts";

test("the checksum of RFC 1071's example, and of an odd number of bytes", () => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(internetChecksum(example), ~0xddf2 & 0xffff);
  assert.equal(internetChecksum(Uint8Array.of(0xff)), 0x00ff);
  assert.equal(internetChecksum(new Uint8Array(60_000).fill(0xff)), 0);
});

test("a request: type, checksum over all of it, identifier as the host has it, sequence big-endian", () => {
  const data = Buffer.from("ab");
  const bytes = echoRequest(4, { identifier: 0x1234, sequence: 0x0102, data });
  assert.deepEqual([...bytes.subarray(0, 2), ...bytes.subarray(4)], [8, 0, 0x34, 0x12, 0x01, 0x02, 0x61, 0x62]);
  assert.equal(internetChecksum(bytes), 0);
  assert.deepEqual(
    [...echoRequest(6, { identifier: 0x1234, sequence: 1, data })],
    [128, 0, 0, 0, 0x34, 0x12, 0, 1, 0x61, 0x62],
  );
});

test("a reply is read back behind an IP header of any length; a request is none", () => {
  for (const words of [5, 6, 15]) {
    const reply = echoRequest(4, { identifier: 7, sequence: 9, data: Buffer.from("data") });
    reply[0] = 0;
    const packet = Uint8Array.from([0x40 | words, ...new Array<number>(words * 4 - 1).fill(0), ...reply]);
    const echo = readEchoReply(4, packet);
    assert.deepEqual([echo?.identifier, echo?.sequence, String(Buffer.from(echo?.data ?? []))], [7, 9, "data"]);
    packet[words * 4] = 8;
    assert.equal(readEchoReply(4, packet), undefined);
  }
  const reply = echoRequest(6, { identifier: 7, sequence: 9, data: new Uint8Array(0) });
  assert.equal(readEchoReply(6, reply), undefined);
  reply[0] = 129;
  assert.equal(readEchoReply(6, reply)?.data.length, 0);
});

test("no bytes make the reader throw", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(4 as const, 6 as const), (bytes, version) => {
      readEchoReply(version, bytes);
    }),
  ));
