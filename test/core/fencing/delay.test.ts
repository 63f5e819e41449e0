import assert from "node:assert/strict";
import test from "node:test";
import { seconds } from "../../../src/base/units.ts";
import { fencingDelay } from "../../../src/core/fencing/delay.ts";

const waitOf = (
  [holds, theyHold, armed = true]: readonly [boolean, boolean | undefined, boolean?],
  first: boolean,
): number => fencingDelay({ holds, first }, { holds: theyHold, armed }).wait;

/** What a node may hold, and believe of the other. */
const knowing = [true, false].flatMap((holds) => [true, false].map((theyHold) => [holds, theyHold] as const));
const started = [false, undefined] as const;

test("who waits how long: the first not at all, unless only the other holds something", () => {
  const rows = [
    // We hold, they hold: if we stand first, and if we stand second.
    [[true, false], 0, 10],
    [[true, true], 0, 10],
    [[false, false], 0, 10],
    [[false, true], 20, 10],
    [[true, undefined], 0, 10],
    [[false, undefined], 30, 40],
    // It has no device.
    [[true, true, false], 0, 0],
    [[false, true, false], 0, 0],
    [[false, undefined, false], 0, 0],
  ] as const;
  for (const [held, first, second] of rows)
    assert.deepEqual([waitOf(held, true), waitOf(held, false)], [seconds(first), seconds(second)], String(held));
});

test("two never wait equally long, whatever they believe of each other", () => {
  for (const first of [...knowing, started])
    for (const second of [...knowing, started]) {
      const apart = Math.abs(waitOf(first, true) - waitOf(second, false));
      assert.ok(apart >= seconds(10), `${first} against ${second}: ${apart} ms apart`);
    }
});

test("who alone holds something strikes before who holds nothing", () => {
  for (const holderIsFirst of [true, false])
    assert.ok(waitOf([true, false], holderIsFirst) < waitOf([false, true], !holderIsFirst), String(holderIsFirst));
});

test("who was started in the cut waits longer than anybody who knows what the other held", () => {
  for (const first of [true, false])
    for (const knows of knowing) assert.ok(waitOf(knows, first) < waitOf(started, !first), `${knows} ${first}`);
});

test("the time for each turn is what ha4.cf says", () => {
  const waits = (first: boolean, theyHold: boolean | undefined): number =>
    fencingDelay({ holds: false, first }, { holds: theyHold, armed: true }, seconds(3)).wait;
  assert.deepEqual([waits(true, true), waits(false, true), waits(false, undefined)], [6000, 3000, 12_000]);
});
