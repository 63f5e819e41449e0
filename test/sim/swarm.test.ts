/** Random storms over small clusters: safe in every step, whole again afterwards. */
import assert from "node:assert/strict";
import test from "node:test";
import { allSeeds, ending, played } from "../support/storms.ts";

const seeds = allSeeds();

for (const nodes of [2, 3])
  test(`${seeds.length} storms over ${nodes} nodes (seeds up to ${seeds.at(-1)}, and all that ever failed)`, () => {
    for (const seed of seeds) {
      const world = played(seed, { nodes });
      assert.deepEqual(world.unconverged(), [], ending(seed, world));
    }
  });
