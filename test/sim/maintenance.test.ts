/** What maintenance forbids and what it does not: whole clusters, in which somebody orders it at a bad moment. */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import { configure } from "../../src/sim/cluster.ts";
import { parseStory } from "../../src/sim/scenario.ts";
import { World } from "../../src/sim/world.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");

/** Both run, and fox has the group. */
function calm(group: string, settings = ""): World {
  const head = `cluster keepalive=1s deadtime=5s initdead=10s ${settings}\nnode fox "${group}"\nnode owl`;
  const { sketch } = parseStory(`${head}\n----\n----\n`);
  const world = new World((self) => configure(sketch, self), [fox, owl], 1);
  for (const name of [fox, owl]) world.start(name);
  world.run(15_000);
  return world;
}

const maintain = (world: World, on: boolean): void => world.order(owl, { do: "maintenance", on });
const runs = (world: World, name: typeof fox, service: string): boolean => world.host(name).active.has(service);
const resets = (world: World): number =>
  world.trace.filter(({ text }) => text.startsWith("Resetting") || /: Resetting/.test(text)).length;

test("a node that falls silent during maintenance is not reset before it ends", () => {
  const world = calm("fs web", "fencing=fox,owl");
  maintain(world, true);
  world.run(2000);
  world.partition([fox], [owl]);
  world.run(120_000);
  assert.deepEqual([resets(world), runs(world, fox, "web"), runs(world, owl, "web")], [0, true, false]);
  assert.match(world.view(owl)?.nodes.find(({ name }) => name === fox)?.fencing ?? "", /end of maintenance/);
  maintain(world, false);
  world.run(15_000);
  assert.ok(resets(world) > 0);
  assert.deepEqual([runs(world, fox, "web"), runs(world, owl, "web")], [false, true]);
});

test("the operator's word that it is off counts during maintenance", () => {
  const world = calm("fs web", "fencing=fox,owl");
  maintain(world, true);
  world.run(2000);
  world.crash(fox);
  world.run(20_000);
  world.confirm(owl, "fox");
  world.run(20_000);
  assert.deepEqual([resets(world), runs(world, owl, "web")], [0, false]);
  maintain(world, false);
  world.run(2000);
  assert.deepEqual([resets(world), runs(world, owl, "web")], [0, true]);
});

for (const [name, group] of [
  ["of addresses", "10.0.0.1 10.0.0.2"],
  ["with a script", "10.0.0.1 web"],
] as const)
  test(`a group ${name} that is on its way when maintenance begins arrives`, () => {
    for (const begun of [0, 1, 2, 5, 10, 20, 100, 500, 1000, 1500, 2000, 2500]) {
      const world = calm(group);
      for (const each of [fox, owl])
        world.host(each).faults = { ...world.host(each).faults, minScript: 900, maxScript: 1000 };
      world.order(fox, { do: "move", group: "10.0.0.1", to: "owl" });
      world.run(begun);
      maintain(world, true);
      world.run(20_000);
      assert.deepEqual(
        [runs(world, fox, "10.0.0.1"), runs(world, owl, "10.0.0.1")],
        [false, true],
        `after ${begun} ms`,
      );
    }
  });
