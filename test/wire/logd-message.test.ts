import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { logdBody, readLogdBody } from "../../src/wire/logd-message.ts";

const captured = readFileSync("test/vectors/client-api/exchanges/ha_logger.json", "utf8");
const line = {
  facility: 8,
  priority: 6,
  sayPriority: false,
  pid: 0x28df,
  entity: "myapp",
  seconds: 0x6b0417bd,
  text: Buffer.from("hello world"),
};

test("the bytes of the original's ha_logger", () => {
  const [, hex = ""] = /"hex": "(\w+)"/.exec(captured) ?? [];
  assert.equal(Buffer.from(ipcFrame(logdBody(line))).toString("hex"), hex);
});

test("a long name is cut between characters and still ends in a NUL", () => {
  const body = logdBody({ ...line, entity: `${"x".repeat(62)}é` });
  assert.equal(Buffer.from(body.subarray(24, 88)).toString("latin1"), `${"x".repeat(62)}\0\0`);
});

test("the priority's word can be asked for", () => {
  assert.equal(logdBody({ ...line, sayPriority: true })[16], 1);
});

test("what is written is read back; what is out of bounds is a fault", () => {
  const read = readLogdBody(logdBody({ ...line, sayPriority: true }));
  assert.ok(read.ok);
  assert.deepEqual(
    { ...read.value, text: Buffer.from(read.value.text).toString() },
    { ...line, sayPriority: true, text: "hello world" },
  );
  const changed = (at: number, value: number): Uint8Array => {
    const body = logdBody(line);
    new DataView(body.buffer).setInt32(at, value, true);
    return body;
  };
  assert.deepEqual(readLogdBody(new Uint8Array(96)), { ok: false, error: "too short" });
  assert.deepEqual(readLogdBody(changed(0, 1)), { ok: false, error: "of another type" });
  for (const length of [-1, 4, 400])
    assert.deepEqual(readLogdBody(changed(12, length)), { ok: false, error: "of a length that is not its own" });
  for (const [priority, nearest] of [
    [-1, 0],
    [99, 7],
  ] as const) {
    const body = readLogdBody(changed(8, priority));
    assert.equal(body.ok && body.value.priority, nearest);
  }
});

test("no bytes make it throw", () => {
  for (let length = 0; length < 300; length++)
    readLogdBody(Uint8Array.from({ length }, (_, at) => (at === 0 ? 2 : (at * 37 + length) % 256)));
});
