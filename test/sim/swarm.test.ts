/**
 * Random storms over small clusters: safe in every step, whole again afterwards.
 *
 * Fresh seeds in every run, and all that ever failed. `HEARTBEAT_SEEDS=N` asks for more, `HEARTBEAT_SEED=N` for one; the
 * number in a test's name is the seed to repeat.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { transcript } from "../../src/sim/scenario.ts";
import { joiningSwarm, swarm } from "../../src/sim/swarm.ts";
import type { World } from "../../src/sim/world.ts";
import { rows } from "../support/tier.ts";

const one = process.env["HEARTBEAT_SEED"];
const fresh = Number(process.env["HEARTBEAT_SEEDS"] ?? "40");
const start = Math.floor(Math.random() * 2 ** 30);
const regressions = readFileSync("test/sim/regressions.txt", "utf8")
  .split("\n")
  .filter((line) => /^\d/.test(line))
  .map((line) => Number.parseInt(line, 10));
const seeds =
  one === undefined ? [...regressions, ...Array.from({ length: fresh }, (_, i) => start + i)] : [Number(one)];

for (const nodes of [2, 3]) {
  test(`${seeds.length} storms over ${nodes} nodes (seeds from ${start}, and all that ever failed)`, () => {
    for (const seed of seeds) {
      const world = played(seed, nodes);
      const tail = transcript(world.trace).slice(-40).join("\n");
      assert.deepEqual(world.unconverged(), [], `seed ${seed}, ${nodes} nodes\n${tail}`);
    }
  });
}

/** Fewer: these storms take longer, and none has failed yet. */
const fencingSeeds =
  one === undefined ? seeds.slice(regressions.length, regressions.length + Math.ceil(fresh / 5)) : seeds;

for (const nodes of [2, 3]) {
  test(`${fencingSeeds.length} storms over ${nodes} nodes that fence (seeds from ${start})`, () => {
    for (const seed of fencingSeeds) {
      const world = played(seed, nodes, true);
      const tail = transcript(world.trace).slice(-40).join("\n");
      assert.deepEqual(world.unconverged(), [], `seed ${seed}, ${nodes} nodes\n${tail}`);
    }
  });
}

for (const nodes of rows([2, 3, 4], (size) => size === 3)) {
  const few = seeds.slice(-Math.ceil(seeds.length / 8));
  test(`${few.length} storms over ${nodes} nodes that join, are added and deleted (seeds up to ${seeds.at(-1)})`, () => {
    for (const seed of few) {
      const world = played(seed, nodes, false, joiningSwarm);
      const tail = transcript(world.trace).slice(-40).join("\n");
      assert.deepEqual(world.strangers(), [], `seed ${seed}, ${nodes} joining nodes\n${tail}`);
    }
  });
}

function played(seed: number, nodes: number, fencing = false, play = swarm): World {
  try {
    return play(seed, { nodes, storm: 120_000, fencing });
  } catch (violation) {
    throw new Error(`seed ${seed}, ${nodes} nodes: ${violation instanceof Error ? violation.message : violation}`);
  }
}
