/**
 * Random storms over nodes that watch what they run, while it dies and its scripts lie and hang: nothing is asked that is stopped, no group flies between
 * nodes, none is lost.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { ending, played, seedsOf } from "../support/storms.ts";

const seeds = seedsOf("monitored", 1 / 20);

for (const nodes of [2, 3])
  test(`${seeds.length} storms over ${nodes} nodes that watch (seeds up to ${seeds.at(-1)})`, () => {
    for (const seed of seeds) {
      const world = played(seed, { nodes, monitored: true });
      assert.deepEqual(world.unconverged(), [], ending(seed, world));
    }
  });
