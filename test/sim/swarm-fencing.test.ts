/** Random storms over nodes that switch each other off: nothing is active twice anywhere. */
import assert from "node:assert/strict";
import test from "node:test";
import { ending, played, seedsOf } from "../support/storms.ts";

const seeds = seedsOf("fencing", 1 / 5);

for (const nodes of [2, 3])
  test(`${seeds.length} storms over ${nodes} nodes that fence (seeds up to ${seeds.at(-1)})`, () => {
    for (const seed of seeds) {
      const world = played(seed, { nodes, fencing: true });
      assert.deepEqual(world.unconverged(), [], ending(seed, world));
    }
  });
