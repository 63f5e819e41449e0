import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { IpcFramer, ipcBodyMax, ipcFrame } from "../../src/wire/ipc-frame.ts";

const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });

test("frames come out of a stream whole, however it was cut", () =>
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map(ipcFrame));
      const framer = new IpcFramer();
      const received: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const length = cuts[i % cuts.length] ?? 1;
        const result = framer.push(stream.subarray(at, at + length));
        assert.ok(result.ok);
        received.push(...result.value);
        at += length;
      }
      assert.deepEqual(
        received.map((body) => Buffer.from(body).toString("hex")),
        sent.map((body) => Buffer.from(body).toString("hex")),
      );
    }),
  ));

test("the header is the original's", () => {
  assert.equal(Buffer.from(ipcFrame(new Uint8Array([0x41]))).toString("hex"), "01000000cdab000041");
});

test("a wrong magic number ends the stream for good", () => {
  const framer = new IpcFramer();
  assert.deepEqual(framer.push(Buffer.from("0100000000ab000041", "hex")), { ok: false, error: "wrong-magic" });
  assert.deepEqual(framer.push(ipcFrame(new Uint8Array([1]))), { ok: false, error: "wrong-magic" });
});

test("a length out of bounds is refused before anything is stored for it", () => {
  for (const length of [-1, ipcBodyMax + 1]) {
    const header = Buffer.alloc(8);
    header.writeInt32LE(length, 0);
    header.writeUInt32LE(0xabcd, 4);
    assert.deepEqual(new IpcFramer().push(header), { ok: false, error: "wrong-length" });
  }
});

test("no bytes make the framer throw", () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      const framer = new IpcFramer();
      for (const piece of pieces) void framer.push(piece);
    }),
  ));
