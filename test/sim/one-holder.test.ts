/** Cases in which a second node must not start a group, although the first one is silent, stuck, or heard by some only. */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import { configure } from "../../src/sim/cluster.ts";
import { parseStory } from "../../src/sim/scenario.ts";
import { World } from "../../src/sim/world.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const cat = nodeName("cat");
const two = [fox, owl];
const three = [fox, owl, cat];

interface Cast {
  readonly names: typeof three;
  readonly settings?: string;
  readonly seed?: number;
  readonly tweak?: (config: ClusterConfig) => ClusterConfig;
}

/** A calm cluster in which fox runs the group `fs web`. */
function calm({ names, settings = "", seed = 1, tweak = (config) => config }: Cast): World {
  const nodes = names.map((name) => `node ${name}${name === fox ? ' "fs web"' : ""}`);
  const head = [`cluster keepalive=1s deadtime=5s initdead=10s ${settings}`, ...nodes];
  const { sketch } = parseStory(`${head.join("\n")}\n----\n----\n`);
  const world = new World((self) => tweak(configure(sketch, self)), names, seed);
  for (const name of names) world.start(name);
  world.run(15_000);
  assert.deepEqual(holders(world, names), ["fox"]);
  return world;
}

const holders = (world: World, names: typeof three): string[] =>
  names.filter((name) => world.host(name).active.has("fs"));

/** Lets time pass and looks, 20 ms at a time, who runs the group: the sets of nodes that ever did together. */
function seen(world: World, names: typeof three, duration: number): string[] {
  const sets = new Set<string>();
  for (let passed = 0; passed < duration; passed += 20) {
    world.run(20);
    sets.add(holders(world, names).join(" "));
  }
  return [...sets];
}

const hold = (config: ClusterConfig): ClusterConfig => {
  const { defaults, kinds, groups, resources } = config.extension ?? emptyExtension;
  return { ...config, extension: { defaults: { ...defaults, stopFailure: "hold" }, kinds, groups, resources } };
};
const emptyExtension = { defaults: {}, kinds: new Map(), groups: new Map(), resources: new Map() };

test("a group that failed for good and whose rest would not stop stays where it is held", () => {
  const world = calm({ names: two, settings: "monitor=5s failures=0", tweak: hold });
  world.host(fox).faults = { ...world.host(fox).faults, stuck: new Set(["fs"]) };
  world.host(fox).breakDown("web");
  assert.deepEqual(seen(world, two, 60_000), ["fox"]);
  assert.equal(world.view(owl)?.groups[0]?.holder, "fox");
});

test("... or is started elsewhere when its machine has restarted, and not before", () => {
  const world = calm({ names: two, settings: "monitor=5s failures=0" });
  world.host(fox).faults = { ...world.host(fox).faults, stuck: new Set(["fs"]) };
  world.host(fox).breakDown("web");
  assert.deepEqual(seen(world, two, 60_000), ["fox", "", "owl"]);
});

test("nobody consents to a claim while it hears another node that holds the group", () => {
  for (const settings of ["", "fencing=cat", "fencing=fox"]) {
    const world = calm({ names: three, settings });
    world.network.cut(fox, owl);
    world.network.cut(owl, fox);
    assert.deepEqual(seen(world, three, 60_000), ["fox"], settings);
  }
});

test("where one node only can fence the others wait for it, whoever notices the silence first", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const world = calm({ names: three, settings: "fencing=cat", seed });
    world.run(seed * 37);
    world.partition([fox], [owl, cat]);
    assert.ok(!seen(world, three, 14_000).some((set) => set.includes(" ")), `seed ${seed}`); // before fox has booted
    assert.notEqual(holders(world, three).join(), "fox", `seed ${seed}: it was taken over`);
  }
});

test("a node that could not be fenced is waited for by the next core, too", () => {
  for (const how of ["die", "reload", "restart"]) {
    const world = calm({ names: three, settings: "fencing=cat", seed: 2 });
    world.run(500);
    world.host(cat).faults = { ...world.host(cat).faults, fenceFails: 1 };
    world.partition([fox], [owl, cat]);
    assert.deepEqual(seen(world, three, 14_500), ["fox"], how);
    if (how === "die") world.die(cat);
    else if (how === "reload") world.reload(cat);
    else world.crash(cat);
    world.run(500);
    if (how !== "reload") world.start(cat);
    assert.deepEqual(seen(world, three, 20_000), ["fox"], how);
    world.host(cat).faults = { ...world.host(cat).faults, fenceFails: 0 };
    let sets: string[] = [];
    for (let i = 0; i < 900 && !sets.some((set) => /owl|cat/.test(set)); i++) sets = seen(world, three, 100);
    assert.ok(sets.length > 0 && !sets.some((set) => set.includes(" ")), `${how}: taken over once it is off: ${sets}`);
    assert.notDeepEqual(holders(world, three), ["fox"], how);
  }
});

for (const [from, to] of [
  [fox, owl],
  [owl, fox],
] as const)
  test(`what goes from ${from} to ${to} is lost for good: the group is on one node`, () => {
    const world = calm({ names: two });
    world.network.cut(from, to);
    world.run(20_000);
    assert.deepEqual(seen(world, two, 60_000), [from === fox ? "owl" : "fox"]);
    world.heal();
    world.run(30_000);
    assert.equal(holders(world, two).length, 1);
  });

test("a node that leaves and cannot stop what it holds stays, and goes when it can", () => {
  const world = calm({ names: two, tweak: hold });
  world.host(fox).faults = { ...world.host(fox).faults, stuck: new Set(["fs"]) };
  world.stop(fox);
  assert.deepEqual(seen(world, two, 100_000), ["fox"]);
  assert.equal(world.isUp(fox), true);
  world.host(fox).faults = { ...world.host(fox).faults, stuck: new Set() };
  world.run(50_000);
  assert.deepEqual([world.isUp(fox), holders(world, two)], [false, ["owl"]]);
});
