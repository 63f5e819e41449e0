import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, nodeName } from "../../src/base/units.ts";
import { Outbox } from "../../src/core/outbox.ts";
import { binary, type Message, stringOf, text } from "../../src/wire/message.ts";
import { configOf } from "../support/client-cluster.ts";

const uuids = new Map([
  ["node-a", new Uint8Array(16).fill(1)],
  ["node-b", new Uint8Array(16).fill(2)],
]);
const identity = { uuid: new Uint8Array(16).fill(1), generation: generation(7) };
const now = { instant: instant(0), wallSeconds: 1_800_000_000, load: "n/a" };

function posted(...body: Message): Message {
  const outbox = new Outbox(configOf("node-a"), identity, (node) => uuids.get(node));
  const result = outbox.post([text("t", "apuuid"), ...body], now);
  assert.ok(result.ok);
  return result.value.message;
}

test("an addressee that is named by uuid is named by name, too, behind it", () => {
  const message = posted(binary("destuuid", new Uint8Array(16).fill(2)));
  assert.equal(stringOf(message, "dest"), "node-b");
  assert.deepEqual(
    message.slice(0, 4).map(({ name }) => name),
    ["t", "destuuid", "dest", "src"],
  );
  assert.equal(stringOf(posted(binary("destuuid", new Uint8Array(16).fill(1))), "dest"), "node-a", "ourselves");
  assert.equal(stringOf(posted(binary("destuuid", new Uint8Array(16).fill(9))), "dest"), undefined, "nobody");
  assert.equal(stringOf(posted(binary("destuuid", new Uint8Array(3))), "dest"), undefined);
  assert.equal(stringOf(posted(text("dest", nodeName("node-b"))), "dest"), "node-b");
  assert.equal(stringOf(posted(), "dest"), undefined);
});
