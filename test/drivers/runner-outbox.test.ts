import assert from "node:assert/strict";
import test from "node:test";
import { RunnerOutbox } from "../../src/drivers/runner-outbox.ts";
import type { ToRunner } from "../../src/drivers/runner-protocol.ts";

class FakeListener {
  congested = false;
  there = true;
  readonly heard: string[] = [];

  send(message: ToRunner): boolean {
    if (this.there) this.heard.push(message.say === "keep" ? `keep ${message.groups.join()}` : message.say);
    return this.there;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const keep = (groups: number) => (): ToRunner => ({ say: "keep", memory: { groups: [] }, groups: [groups] });

test("of a turn's news the last is told, before the orders", async () => {
  const listener = new FakeListener();
  const outbox = new RunnerOutbox(listener);
  for (const memory of [1, 2]) {
    outbox.tell("keep", keep(memory));
    outbox.say({ say: "sync" });
  }
  assert.deepEqual(listener.heard, []);
  await turn();
  assert.deepEqual(listener.heard, ["keep 2", "sync", "sync"]);
});

test("while it does not read everything waits, and goes out in order when it has", async () => {
  const listener = new FakeListener();
  const outbox = new RunnerOutbox(listener);
  listener.congested = true;
  outbox.say({ say: "sync" });
  outbox.tell("keep", keep(1));
  await turn();
  outbox.tell("keep", keep(2));
  outbox.drained();
  assert.deepEqual(listener.heard, []);
  listener.congested = false;
  outbox.drained();
  assert.deepEqual(listener.heard, ["keep 2", "sync"]);
});

test("who is about to end says everything at once; what was meant for one that is gone is forgotten", () => {
  const listener = new FakeListener();
  const outbox = new RunnerOutbox(listener);
  listener.congested = true;
  outbox.say({ say: "sync" });
  outbox.forget();
  outbox.say({ say: "goodbye" });
  outbox.flush();
  assert.deepEqual(listener.heard, ["goodbye"]);
});

test("an order is refused where nobody is there, or too many wait; never from within the call", async () => {
  const listener = new FakeListener();
  const outbox = new RunnerOutbox(listener);
  let refused = 0;
  const refuse = () => void refused++;
  listener.there = false;
  outbox.say({ say: "sync" }, refuse);
  assert.equal(refused, 0);
  await turn();
  await turn();
  assert.equal(refused, 1);
  listener.congested = true;
  for (let i = 0; i < 10_001; i++) outbox.say({ say: "sync" }, refuse);
  await turn();
  assert.equal(refused, 2);
});
