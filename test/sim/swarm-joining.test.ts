/** Random storms over nodes that join, are added and deleted: in the end all know the same nodes. */
import assert from "node:assert/strict";
import test from "node:test";
import { joiningSwarm } from "../../src/sim/swarm.ts";
import { ending, fewSeeds, played } from "../support/storms.ts";
import { rows } from "../support/tier.ts";

const seeds = fewSeeds(1 / 8);

for (const nodes of rows([2, 3, 4], (size) => size === 3))
  test(`${seeds.length} storms over ${nodes} nodes that join, are added and deleted (seeds up to ${seeds.at(-1)})`, () => {
    for (const seed of seeds) {
      const world = played(seed, { nodes }, joiningSwarm);
      assert.deepEqual(world.strangers(), [], ending(seed, world));
    }
  });
