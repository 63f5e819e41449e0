/** Advice on times: what it is made of, and that it never gets more daring when the network gets worse. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { advise, inHaCf, type Observed } from "../../src/observe/tuning.ts";

const observed = (keepalive: number, longest: number): Observed => ({
  keepalive,
  deadtime: 30_000,
  silences: [{ node: "owl", longest, messages: 100 }],
  watched: 60_000,
});
const advised = (of: Observed) => Object.fromEntries(advise(of).map((each) => [each.directive, each.advised]));

test("a quiet network and a restless one", () => {
  assert.deepEqual(advised(observed(1000, 1012)), {
    keepalive: 1000,
    warntime: 2100,
    deadtime: 4200,
    initdead: 10_000,
  });
  assert.deepEqual(advised(observed(1000, 4000)), {
    keepalive: 1000,
    warntime: 8000,
    deadtime: 16_000,
    initdead: 32_000,
  });
  assert.deepEqual(advised(observed(50, 51)), { keepalive: 50, warntime: 110, deadtime: 250, initdead: 10_000 });
  assert.match(advise(observed(1000, 4000))[0]?.because ?? "", /owl was late by 3000 ms/);
});

test("deadtime always leaves room for a lost message and the worst delay; more delay never asks for less", () => {
  const times = fc.tuple(fc.integer({ min: 10, max: 10_000 }), fc.nat(60_000));
  fc.assert(
    fc.property(times, ([keepalive, late]) => {
      const { warntime = 0, deadtime = 0, initdead = 0 } = advised(observed(keepalive, keepalive + late));
      assert.ok(warntime >= keepalive + late && deadtime >= 2 * keepalive + late);
      assert.ok(deadtime >= 2 * warntime && initdead >= 2 * deadtime);
      const worse = advised(observed(keepalive, keepalive + late + 100));
      assert.ok((worse["deadtime"] ?? 0) >= deadtime);
    }),
  );
});

test("times are written as ha.cf takes them", () => {
  assert.deepEqual([250, 2000, 2100].map(inHaCf), ["250ms", "2", "2100ms"]);
});
