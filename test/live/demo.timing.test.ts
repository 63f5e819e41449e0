/**
 * The promise of the product, in milliseconds: on a quiet machine the survivor answers at most 20 ms after the dead time
 * has passed. Runs alone, at the end.
 *
 * A machine is not always quiet. A run in which the survivor itself says that it was not running, or the prober overslept
 * by more than the margin, measured the machine and not us: it does not count and is repeated. Three such runs are a failure.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { deadtime } from "../../src/demo/cluster-files.ts";
import { startDemo, turnsOf } from "../support/demo-run.ts";

const margin = 20;
const attempts = 3;

test(`from the crash to the first answer of the survivor: deadtime and at most ${margin} ms`, async (t) => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const demo = startDemo(["--json"]);
    assert.equal((await demo.ended).code, 0, demo.output());
    const [crash] = turnsOf(demo.output());
    const measured = crash?.crashToFirstAnswer ?? Number.POSITIVE_INFINITY;
    const overslept = Math.max(...(crash?.address?.outages.map((outage) => outage.overslept) ?? []));
    const starved = demo.output().includes("We were not running for") || overslept > margin;
    t.diagnostic(`${measured.toFixed(1)} ms, deadtime ${deadtime} ms${starved ? "; the machine was not quiet" : ""}`);
    assert.ok(measured > 0, "the survivor cannot answer before the crash");
    if (measured <= deadtime + margin) return;
    assert.ok(starved, `${measured} ms on a quiet machine\n${demo.output()}`);
  }
  assert.fail(`the machine was not quiet in any of ${attempts} runs: nothing was measured`);
});
