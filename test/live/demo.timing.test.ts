/**
 * The promise of the product, in milliseconds: on a quiet machine the survivor answers at most 20 ms after the dead time
 * has passed. Runs alone, at the end.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { deadtime } from "../../src/demo/cluster-files.ts";
import { startDemo, turnsOf } from "../support/demo-run.ts";

const margin = 20;

test(`from the crash to the first answer of the survivor: deadtime and at most ${margin} ms`, async (t) => {
  const demo = startDemo(["--json"]);
  assert.equal((await demo.ended).code, 0, demo.output());
  const [crash] = turnsOf(demo.output());
  const measured = crash?.crashToFirstAnswer ?? Number.POSITIVE_INFINITY;
  t.diagnostic(`${measured.toFixed(1)} ms, deadtime ${deadtime} ms`);
  assert.ok(measured <= deadtime + margin, `${measured} ms\n${demo.output()}`);
  assert.ok(measured > 0, "the survivor cannot answer before the crash");
});
