/** One node of three is off: what the other two do must not take as long as the patience of a start. */
import assert from "node:assert/strict";
import test from "node:test";
import { mediumName, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import { configure } from "../../src/sim/cluster.ts";
import { parseStory } from "../../src/sim/scenario.ts";
import { World } from "../../src/sim/world.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const cat = nodeName("cat");

/** fox runs `fs`, owl runs `db`, cat was never there; a start is patient for two minutes. */
function calm(settings = "", tweak = (config: ClusterConfig): ClusterConfig => config): World {
  const nodes = ['node fox "fs"', 'node owl "db"', "node cat"].join("\n");
  const head = `cluster keepalive=1s deadtime=5s initdead=120s ${settings}\n${nodes}`;
  const { sketch } = parseStory(`${head}\n----\n----\n`);
  const world = new World((self) => tweak(configure(sketch, self)), [fox, owl, cat], 1);
  world.start(fox);
  world.start(owl);
  world.run(180_000);
  assert.deepEqual([...world.host(fox).active, ...world.host(owl).active], ["fs", "db"]);
  return world;
}

/** Milliseconds until the service runs on that node; at most `most`. */
function until(world: World, name: typeof fox, service: string, most: number): number {
  const began = world.now;
  while (!world.host(name).active.has(service)) {
    assert.ok(world.now - began < most, `${service} is not on ${name} after ${most} ms`);
    world.run(100);
  }
  return world.now - began;
}

test("the group of an owner that was started again goes to the next when it takes no part within its dead time", () => {
  const world = calm();
  world.crash(fox);
  world.run(1000);
  world.start(fox);
  assert.ok(until(world, owl, "fs", 8000) >= 4900, "it has its dead time");
  until(world, fox, "fs", 130_000); // it takes part at last, and has its group again
});

test("a core that was adopted notices the death of another node within its dead time", () => {
  const world = calm();
  world.reload(fox);
  world.run(4000);
  world.crash(owl);
  until(world, fox, "db", 8000);
});

test("the same with a ping node that does not answer", () => {
  const pinged = (config: ClusterConfig): ClusterConfig => ({
    ...config,
    media: [...config.media, { kind: "ping", name: mediumName("10.0.0.9"), host: "10.0.0.9" }],
    nodeTable: [...config.nodeTable, nodeName("10.0.0.9")],
  });
  const world = calm("", pinged);
  world.reload(fox);
  world.run(4000);
  world.crash(owl);
  until(world, fox, "db", 8000);
});

test("a core that was adopted does not reset a second time who is off", () => {
  const world = calm("fencing=fox,owl");
  const resets = (): number => world.trace.filter(({ text }) => /Resetting node cat/.test(text)).length;
  const before = resets();
  assert.ok(before > 0);
  world.reload(fox);
  world.run(60_000);
  assert.equal(resets(), before);
});

test("a core that was adopted gives way where another node has what it has", () => {
  const world = calm();
  world.network.cut(owl, fox);
  world.network.cut(fox, owl);
  world.run(20_000);
  for (const name of [fox, owl]) assert.deepEqual([...world.host(name).active].sort(), ["db", "fs"]);
  world.die(fox);
  world.heal();
  world.start(fox);
  world.run(4000); // it does not take part yet
  assert.deepEqual([...world.host(fox).active, ...world.host(owl).active], ["fs", "db"]);
});
