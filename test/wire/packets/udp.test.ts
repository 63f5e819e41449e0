import assert from "node:assert/strict";
import test from "node:test";
import { heartbeatPort } from "../../../src/wire/packets/udp.ts";

/** An IPv4 packet with so many words of header. */
function packet(payload: string, { words = 5, protocol = 17, fragment = 0, port = 694 } = {}): Uint8Array {
  const bytes = new Uint8Array(words * 4 + 8 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x40 | words;
  view.setUint16(6, fragment, false);
  bytes[9] = protocol;
  view.setUint16(words * 4 + 2, port, false);
  bytes.set(Buffer.from(payload), words * 4 + 8);
  return bytes;
}

test("both framings are known, whatever the header's length", () => {
  assert.equal(heartbeatPort(packet("###\n11:(0)t=status")), 694);
  assert.equal(heartbeatPort(packet(">>>\nt=status", { words: 15, port: 65_000 })), 65_000);
});

test("everything else is none", () => {
  assert.equal(heartbeatPort(packet("hello")), undefined);
  assert.equal(heartbeatPort(packet("###\n", { protocol: 6 })), undefined);
  assert.equal(heartbeatPort(packet("###\n", { fragment: 1 })), undefined);
  for (let length = 0; length < 32; length++)
    assert.equal(heartbeatPort(packet("###\n").subarray(0, length)), undefined);
  assert.equal(heartbeatPort(new Uint8Array(96).fill(0xff)), undefined);
});
