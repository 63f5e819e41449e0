/**
 * Eight nodes on one network that loses the same messages for all: the repair must cost about what was lost, not that times eight.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../../src/base/units.ts";
import { configure } from "../../../src/sim/cluster.ts";
import { World } from "../../../src/sim/world.ts";

const names = Array.from({ length: 8 }, (_, i) => nodeName(`node${i}`));
const sketch = {
  nodes: names.map((name) => ({ name, groups: [] })),
  keepalive: 100,
  deadtime: 5000,
  initdead: 10_000,
  autoFailback: "on",
} as const;

function calmWorld(seed: number): World {
  const world = new World((self) => configure(sketch, self), names, seed);
  for (const name of names) world.start(name);
  world.run(2500);
  Object.assign(world.network.faults, { minDelay: 20, maxDelay: 100 }); // of busy machines: answers are long underway
  world.run(500);
  return world;
}

test("a message that nobody received is asked for by few, and sent again once", (t) => {
  const world = calmWorld(7);
  const before = { ...world.traffic };
  world.network.faults.loss = 1;
  world.run(100); // each node says one thing
  world.network.faults.loss = 0;
  world.run(1000);
  const requests = world.traffic.requests - before.requests;
  const resent = world.traffic.resent - before.resent;
  t.diagnostic(`${requests} requests, ${resent} sent again`);
  assert.ok(resent >= 8 && resent <= 10, `${resent} sent again`);
  assert.ok(requests <= 30, `${requests} requests for 8 messages that 7 nodes each missed`);
});

test("a bad second does not bury the nodes under its repair", (t) => {
  const world = calmWorld(8);
  const before = { ...world.traffic };
  world.network.faults.loss = 0.2;
  world.run(1000);
  world.network.faults.loss = 0;
  world.run(2000);
  const requests = world.traffic.requests - before.requests;
  const resent = world.traffic.resent - before.resent;
  // Of 80 heartbeats and some more each was missed by somebody.
  t.diagnostic(`${requests} requests, ${resent} sent again`);
  assert.ok(resent <= 100, `${resent} sent again`);
  assert.ok(requests <= 110, `${requests} requests`);
  assert.doesNotMatch(world.trace.map(({ text }) => text).join("\n"), /is dead|Late heartbeat|Irretrievably/);
});
