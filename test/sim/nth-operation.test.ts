/**
 * Each story again, once for each operation that its nodes order, that one going wrong: the checkers hold all the way, and once all is repaired every
 * group runs on one node and nothing is under way any more. The number in a failure is the operation, counted over all nodes.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import type { Manner, Mishap } from "../../src/sim/mishap.ts";
import { parseStory, playStory, type Story, transcript } from "../../src/sim/scenario.ts";
import { comeToRest, repair } from "../../src/sim/swarm.ts";
import type { World } from "../../src/sim/world.ts";
import { rows } from "../support/tier.ts";

const stories = [
  "alone",
  "core-death",
  "crash-and-return",
  "failback-off",
  "fencing",
  "graceful-stop",
  "loss",
  "monitor",
  "node-health",
  "partition",
  "quick-restart",
  "stall",
  "standby-and-takeover",
  "stop-failure",
  "three-nodes",
];
const manners: readonly Manner[] = ["fails", "half-done", "hangs"];
const matrix = stories.flatMap((name) => manners.map((how) => ({ name, how })));
const usual = ["crash-and-return fails", "partition half-done", "standby-and-takeover hangs", "stop-failure fails"];

/** Tells it, with its one mishap, and repairs what is left. */
function told(story: Story, mishap: Mishap): World {
  const world = playStory(story, (each) => each.spoil(mishap));
  const members = story.sketch.nodes.map(({ name }) => nodeName(name));
  repair(world, members);
  comeToRest(world, story.sketch.deadtime, () => unfinished(world, story).length === 0);
  return world;
}

/** What is not as it should be when all is calm. */
function unfinished(world: World, { sketch }: Story): string[] {
  const moving = sketch.nodes.flatMap(({ name }) =>
    (world.view(nodeName(name))?.groups ?? [])
      .filter(({ state }) => state === "starting" || state === "stopping" || state === "stop-failed")
      .map(({ key, state }) => `${key} is ${state} on ${name}`),
  );
  return [...world.unconverged(), ...moving];
}

for (const { name, how } of rows(matrix, (row) => usual.includes(`${row.name} ${row.how}`))) {
  const story = parseStory(readFileSync(`test/scenarios/${name}.scenario`, "utf8"));
  const operations = playStory(story).ordered;
  test(`${name}: each of ${operations} operations ${how}`, () => {
    assert.ok(operations > 0);
    for (let nth = 1; nth <= operations; nth++) {
      const what = `${name}: operation ${nth} ${how}`;
      let world: World;
      try {
        world = told(story, { nth, how });
      } catch (violation) {
        throw new Error(`${what}: ${violation instanceof Error ? violation.message : violation}`);
      }
      assert.deepEqual(unfinished(world, story), [], `${what}\n${transcript(world.trace).slice(-40).join("\n")}`);
    }
  });
}
