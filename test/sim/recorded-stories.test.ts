/**
 * The recorded stories of two originals (docs/stories.md), told of two of ours in virtual time: after each step the groups are where the live rows
 * have them, and each node called the scripts of each group in the same order. All checkers of the simulator look on.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { type NodeName, nodeName } from "../../src/base/units.ts";
import { type ClusterSketch, configure } from "../../src/sim/cluster.ts";
import type { HostFaults } from "../../src/sim/host.ts";
import { transcript } from "../../src/sim/scenario.ts";
import { World } from "../../src/sim/world.ts";
import { columns, disorder, expectCalls, movesOf, type Places, type Story } from "../support/lab/story.ts";
import { evenStories } from "../support/recorded/even.ts";
import { unevenStories } from "../support/recorded/uneven.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const both = [fox, owl];
const [ours] = columns.filter((column) => column.fox === "ours" && column.owl === "ours");

/** What happens in one step; then the world runs until all is at rest. */
type Act = (world: World) => void;
const rest = 30_000; // milliseconds

const all =
  (...acts: Act[]): Act =>
  (world) => {
    for (const act of acts) act(world);
  };
const start =
  (...nodes: NodeName[]): Act =>
  (world) => {
    for (const node of nodes.length === 0 ? both : nodes) world.start(node);
  };
const stop =
  (...nodes: NodeName[]): Act =>
  (world) => {
    for (const node of nodes) world.stop(node);
  };
const crash =
  (node: NodeName): Act =>
  (world) =>
    world.crash(node);
const run =
  (seconds: number): Act =>
  (world) =>
    world.run(seconds * 1000);
const stall =
  (node: NodeName, seconds: number): Act =>
  (world) =>
    world.stall(node, seconds * 1000);
const cut: Act = (world) => world.partition([fox], [owl]);
const heal: Act = (world) => world.heal();
const say =
  (node: NodeName, ...fields: string[]): Act =>
  (world) =>
    world.control(node, `>>>\n${fields.join("\n")}\n<<<\n`);
const standby = (node: NodeName, set: string): Act => say(node, "t=ask_resources", `rsc_hold=${set}`, "info=me");
const takeover = (node: NodeName, set: string): Act => say(node, "t=hb_takeover", `rsc_hold=${set}`);
const faults =
  (node: NodeName, change: Partial<HostFaults>): Act =>
  (world) => {
    const host = world.host(node);
    host.faults = { ...host.faults, ...change };
  };
const apart = (...starting: NodeName[]): Act => all(cut, start(...starting), run(30), heal);
const slow: Act = all(...both.map((node) => faults(node, { minScript: 3000, maxScript: 4000 })));
const fails = (node: NodeName): Act => faults(node, { failing: new Set(["svcB"]) });
/** Until a node begins to stop svcB once more. */
const untilReleasing =
  (node: NodeName): Act =>
  (world) => {
    const releases = (): number =>
      world.trace.filter((line) => line.node === node && line.text === "run svcB stop").length;
    const before = releases();
    for (const end = world.now + rest; releases() === before && world.now < end; ) world.run(100);
  };

const acts: Readonly<Record<string, readonly Act[]>> = {
  "01": [start(), crash(fox), start(fox), stop(fox)],
  "02": [
    ...[start(), crash(fox), start(fox), standby(owl, "foreign"), standby(fox, "all"), takeover(fox, "all")],
    ...[takeover(owl, "foreign"), stop(owl)],
  ],
  "03": [
    ...[start(), standby(fox, "all"), standby(owl, "foreign"), standby(fox, "local"), standby(owl, "foreign")],
    ...[takeover(fox, "all"), takeover(owl, "local"), takeover(owl, "foreign"), takeover(fox, "local")],
    ...[crash(owl), start(owl)],
  ],
  "03 both": [start(), stop(...both)],
  "04": [start(fox), start(owl), stop(fox), start(fox)],
  "05": [start(), crash(fox), start(fox), stop(fox)],
  "05 legacy: start during": [start(owl), apart(fox), run(12)],
  "06": [start(), all(cut, run(15), heal)],
  "07": [start(), all(cut, run(15), heal)],
  "08": [apart(...both), run(12), standby(fox, "foreign"), standby(owl, "foreign")],
  "09": [all(fails(fox), start()), all(fails(owl), standby(owl, "foreign"))],
  "10": [start(), all(faults(fox, { stuck: new Set(["svcB"]) }), standby(fox, "local"))],
  "16": [start(), stall(fox, 6), stall(owl, 1)],
  "17": [
    start(),
    all(slow, standby(fox, "local"), run(1), stop(fox)),
    all(start(fox), untilReleasing(owl), crash(owl)),
    start(owl),
    stop(fox),
  ],
  "18": [start(), (world) => world.reload(fox)],
  "19": [start(), crash(fox), start(fox)],
  "20": [start(), say(fox, "t=mytype"), standby(fox, "local"), crash(fox)],
  "21": [start(), crash(owl), standby(fox, "all"), takeover(fox, "all"), stop(fox)],
  "22": [start(), crash(fox), start(fox), crash(owl), start(owl)],
  "23": [start(), crash(fox), start(fox), crash(owl), start(owl)],
  "24": [start(), crash(fox), start(fox), crash(owl), start(owl)],
  "27": [all(fails(owl), start()), standby(fox, "local"), crash(fox)],
  "29": [start(), stall(owl, 1.5)],
};

/** Of two stories from one transcript the second is found by how its title begins. */
function actsOf({ number, title }: Story): readonly Act[] {
  const [second] = Object.keys(acts).filter((key) => key.length > 2 && `${number} ${title}`.startsWith(key));
  return acts[second ?? number] ?? [];
}

function worldOf(story: Story): World {
  const text = (story.haCf ?? []).join("\n");
  const time = (name: string, otherwise: number): number => {
    const [, number, unit] = new RegExp(`^${name} (\\d+)(ms)?$`, "m").exec(text) ?? [];
    return number === undefined ? otherwise : Number(number) * (unit === "ms" ? 1 : 1000);
  };
  const failback = (name: "fox" | "owl") =>
    typeof story.failback === "string" ? story.failback : story.failback[name];
  const sketch: ClusterSketch = {
    nodes: (["fox", "owl"] as const).map((name) => ({
      name,
      autoFailback: failback(name),
      groups: story.groups.flatMap(({ owner, resources }) => (owner === name ? [resources] : [])),
    })),
    keepalive: time("keepalive", 500),
    deadtime: time("deadtime", 3000),
    initdead: time("initdead", 6000),
    autoFailback: "on",
  };
  return new World((self) => configure(sketch, self), both, 1);
}

/** Where each group runs: all of it, or none. */
function placesIn(world: World, { groups }: Story): Places {
  return Object.fromEntries(
    groups.map(({ resources }) => {
      const at = both.filter((node) => resources.some((name) => world.host(node).active.has(name)));
      for (const node of at)
        assert.ok(
          resources.every((name) => world.host(node).active.has(name)),
          `half of ${resources}`,
        );
      return [
        resources[0] ?? "",
        at.length === 2 ? ("both" as const) : at[0] === fox ? "fox" : at[0] === owl ? "owl" : "nobody",
      ];
    }),
  );
}

for (const story of [...evenStories, ...unevenStories])
  test(`${story.number} | ${story.title}`, () => {
    assert.ok(ours !== undefined);
    const played = actsOf(story);
    assert.equal(played.length, story.steps.length, "each step is played");
    const world = worldOf(story);
    const expected = new Map<string, string[]>(both.map((name) => [name, []]));
    let before: Places = {};
    for (const [index, step] of story.steps.entries()) {
      played[index]?.(world);
      world.run(rest);
      const places: Places = typeof step.places === "function" ? step.places(ours) : step.places;
      assert.deepEqual(
        placesIn(world, story),
        places,
        `${step.says}\n${transcript(world.trace).slice(-40).join("\n")}`,
      );
      expectCalls(story, before, places, step.dead ?? [], expected);
      before = places;
    }
    for (const node of both) {
      const calls = world.trace.flatMap((line) => (line.node === node ? [line.text.replace(/^run/, "0")] : []));
      for (const { resources } of story.groups) {
        const own = movesOf(calls).filter((move) => resources.includes(move.slice(1)));
        assert.deepEqual(disorder(own, resources), [], `${node}: order of ${own.join(" ")}`);
        if (story.free) continue;
        const wanted = expected.get(node)?.filter((move) => resources.includes(move.slice(1)));
        assert.deepEqual(own, wanted, `${node}: calls for ${resources[0]}`);
      }
    }
  });
