import assert from "node:assert/strict";
import test from "node:test";
import { adoptionPeriod, adoptionsMax, giveUpAt } from "../../src/base/patience.ts";

const beat = { at: 1000, patience: 4000 };

test("a quarter of the time that the others wait is for a next core, from the last beat on", () => {
  assert.equal(giveUpAt(beat, [], 1000, "awaited"), 2000);
  assert.equal(giveUpAt(beat, [], 1999, "awaited"), 2000);
});

test("where a service manager starts the next core by itself it has half of it", () => {
  assert.equal(giveUpAt(beat, [], 1000, "restarted"), 3000);
  assert.equal(giveUpAt(beat, [], 3000, "restarted"), undefined);
});

test("a core that was silent for as long before it died leaves no time", () => {
  assert.equal(giveUpAt(beat, [], 2000, "awaited"), undefined);
  assert.equal(giveUpAt(beat, [], 9000, "awaited"), undefined);
});

test("of a core that never said anything nothing is kept", () =>
  assert.equal(giveUpAt(undefined, [], 0, "awaited"), undefined));

test("what kills one core after the other is given up; a core that has lived a minute counts no more", () => {
  const late = { at: 100_000, patience: 4000 };
  const deaths = (age: number) => Array.from({ length: adoptionsMax }, (_, i) => late.at - age + i);
  assert.equal(giveUpAt(late, deaths(10_000), late.at, "awaited"), undefined);
  assert.equal(giveUpAt(late, deaths(10_000).slice(1), late.at, "awaited"), 101_000);
  assert.equal(giveUpAt(late, deaths(adoptionPeriod + 10), late.at, "awaited"), 101_000);
});

test("a core that has called has two thirds of the time, but the last second is for stopping", () => {
  const patient = { at: 1000, patience: 6000 };
  assert.equal(giveUpAt(patient, [], 3000, "restarted", true), 5000);
  assert.equal(giveUpAt(patient, [], 3000, "awaited", true), 5000);
  assert.equal(giveUpAt({ at: 1000, patience: 2400 }, [], 1000, "awaited", true), 2400);
  assert.equal(giveUpAt({ at: 1000, patience: 800 }, [], 1000, "awaited", true), 1200, "as without a call");
  assert.equal(giveUpAt(patient, [], 5000, "restarted", true), undefined);
});
