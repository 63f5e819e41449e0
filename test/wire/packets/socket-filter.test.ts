/** The filters are run here by an interpreter of the few instructions that they use; the kernel runs them in test/drivers/claims.test.ts. */
import assert from "node:assert/strict";
import test from "node:test";
import { gratuitousArp } from "../../../src/wire/packets/arp.ts";
import { advertisedTargets, arpSenders } from "../../../src/wire/packets/socket-filter.ts";

/** What the program returns for a frame: the number of bytes to keep, 0 to drop it. A load behind the end drops, as in the kernel. */
function run(program: Uint8Array, frame: Uint8Array): number {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const operand = code.getUint32(at + 4, true);
    const size = { 32: 4, 40: 2, 48: 1 }[code.getUint16(at, true)];
    if (size !== undefined) {
      if (operand + size > frame.length) return 0;
      accumulator =
        size === 4 ? data.getUint32(operand) : size === 2 ? data.getUint16(operand) : data.getUint8(operand);
    } else if (code.getUint16(at, true) === 0x15) {
      at += 8 * code.getUint8(at + (accumulator === operand ? 2 : 3));
    } else {
      return operand;
    }
  }
  throw new Error("the program has no end");
}

const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
const arp = (ip: string) => gratuitousArp({ mac, ip, operation: "reply" });
const ipv4 = (n: number) => Uint8Array.of(10, 0, n >> 8, n & 255);

test("ARP: senders that are listed pass, all others do not", () => {
  const filter = arpSenders([ipv4(10), ipv4(11)]);
  assert.deepEqual(
    ["10.0.0.10", "10.0.0.11", "10.0.0.12"].map((ip) => run(filter, arp(ip)) > 0),
    [true, true, false],
  );
  assert.equal(run(filter, arp("10.0.0.10").subarray(0, 30)), 0, "cut off");
  assert.equal(run(filter, arp("10.0.0.10").fill(8, 12, 13)) > 0, true);
  assert.equal(run(filter, arp("10.0.0.10").fill(0x86, 12, 13)), 0, "another protocol");
});

test("a thousand addresses have room; of more than fit, every ARP frame passes", () => {
  const many = (count: number) => arpSenders(Array.from({ length: count }, (_, n) => ipv4(n)));
  assert.deepEqual([run(many(1000), arp("10.0.3.231")) > 0, run(many(1000), arp("10.0.3.232"))], [true, 0]);
  assert.ok(many(1000).length <= 8 * 4096);
  assert.ok(many(5000).length <= 8 * 4096);
  assert.ok(run(many(5000), arp("10.99.0.1")) > 0);
});

test("neighbour advertisements: targets that are listed pass, all others do not", () => {
  const target = (last: number) => Uint8Array.of(0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
  const frame = (last: number, type = 136) => {
    const bytes = new Uint8Array(86);
    bytes.set([0x86, 0xdd], 12);
    bytes[20] = 58;
    bytes[54] = type;
    bytes.set(target(last), 62);
    return bytes;
  };
  const filter = advertisedTargets([target(1), target(2)]);
  assert.deepEqual(
    [1, 2, 3].map((last) => run(filter, frame(last)) > 0),
    [true, true, false],
  );
  assert.equal(run(filter, frame(1, 135)), 0, "a solicitation");
  assert.equal(run(filter, frame(1).subarray(0, 70)), 0, "cut off");
});
