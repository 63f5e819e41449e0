import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { logdBody } from "../../src/wire/logd-message.ts";

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
