import assert from "node:assert/strict";
import test from "node:test";
import { seconds } from "../../../src/base/units.ts";
import { fencingDelay } from "../../../src/core/fencing/delay.ts";

test("who waits how long: the holder not at all, and otherwise the place decides", () => {
  const rows = [
    [true, 1, false, true, 0],
    [false, 0, true, true, 10],
    [true, 0, true, true, 0],
    [true, 1, true, true, 10],
    [false, 0, false, true, 0],
    [false, 2, false, true, 20],
    [true, 1, true, false, 0],
    [false, 1, true, false, 0],
    // Never heard.
    [true, 1, undefined, true, 10],
    [false, 0, undefined, true, 30],
    [false, 2, undefined, true, 50],
    [false, 1, undefined, false, 0],
  ] as const;
  for (const [holds, place, theyHold, armed, wait] of rows)
    assert.equal(
      fencingDelay({ holds, place }, { holds: theyHold, armed }, 3).wait,
      seconds(wait),
      JSON.stringify([holds, place, theyHold, armed]),
    );
});

test("who was started in the cut waits longer than anybody who knows what the other held", () => {
  for (const nodes of [2, 3, 5])
    for (let place = 0; place < nodes; place++) {
      const knowing = [true, false].flatMap((holds) =>
        [true, false].map((theyHold) => fencingDelay({ holds, place }, { holds: theyHold, armed: true }, nodes).wait),
      );
      const started = fencingDelay({ holds: false, place: 0 }, { holds: undefined, armed: true }, nodes).wait;
      assert.ok(Math.max(...knowing) < started, `${nodes} nodes, place ${place}`);
    }
});

test("the time for each place is what ha4.cf says", () => {
  const waits = (holds: boolean, place: number): number =>
    fencingDelay({ holds, place }, { holds: true, armed: true }, 3, seconds(3)).wait;
  assert.deepEqual([waits(false, 0), waits(true, 0), waits(true, 2)], [3000, 0, 6000]);
});
