/**
 * The storms of the full tier: 2000 fresh seeds a run, over 2 to 5 nodes in turn. A storm computes for half a second and more, so they stand in ten files of
 * 200, of which the runner has as many at work as there are processors. `HEARTBEAT_STORMS=N` asks for another number in each file,
 * `HEARTBEAT_STORM=N` for one seed.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { ending, played } from "./storms.ts";

const one = process.env["HEARTBEAT_STORM"];
const count = one === undefined ? Number(process.env["HEARTBEAT_STORMS"] ?? "200") : 1;
const first = one === undefined ? 1000 * Math.floor(Math.random() * 2 ** 20) : Number(one);
const sizes = [2, 3, 4, 5];

/** The seed decides how many nodes there are, so that it alone repeats a storm. */
const nodesOf = (seed: number): number => sizes[seed % sizes.length] ?? 2;

export function storms(part: number): void {
  test(`part ${part}: ${count} storms over 2 to 5 nodes, from seed ${first} on`, (t) => {
    const before = process.cpuUsage();
    for (let seed = first; seed < first + count; seed++) {
      const world = played(seed, { nodes: nodesOf(seed) });
      assert.deepEqual(world.unconverged(), [], ending(seed, world));
    }
    const { user, system } = process.cpuUsage(before);
    t.diagnostic(`${count} storms from seed ${first} on: ${((user + system) / 1e6).toFixed(0)} s of processor`);
  });
}
