import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../src/base/units.ts";
import { Rejects } from "../../src/core/rejects.ts";

test("the first is told at once, the rest of a second in one line, and then it is quiet", () => {
  const rejects = new Rejects();
  assert.equal(rejects.note("a", "first", instant(0)), "first");
  for (const text of ["second", "third"]) assert.equal(rejects.note("a", text, instant(10)), undefined);
  for (const kind of ["b", "c", "d", "e"]) assert.equal(rejects.note(kind, `a ${kind}`, instant(20)), undefined);
  assert.deepEqual(rejects.due(instant(999)), []);
  assert.deepEqual(rejects.due(instant(1000)), [
    "third (2 of this kind); a b (1 of this kind); a c (1 of this kind); 2 of other kinds",
  ]);
  assert.equal(rejects.note("a", "fourth", instant(1500)), undefined, "a line was written half a second ago");
  assert.deepEqual(rejects.due(instant(2000)), ["fourth (1 of this kind)"]);
  assert.deepEqual(rejects.due(instant(3000)), []);
  assert.equal(rejects.nextDeadline(), undefined);
  assert.equal(rejects.note("a", "fifth", instant(3001)), "fifth");
  assert.deepEqual(rejects.counters(), { a: 5, b: 1, c: 1, d: 1, e: 1 });
});
