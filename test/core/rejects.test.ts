import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../src/base/units.ts";
import { Rejects } from "../../src/core/rejects.ts";

const warning = (text: string) => ({ level: "warn", text });

test("the first is told at once, the rest of a second in one line, and then it is quiet", () => {
  const rejects = new Rejects();
  assert.deepEqual(rejects.note("a", "warn", "first", instant(0)), warning("first"));
  for (const text of ["second", "third"]) assert.equal(rejects.note("a", "warn", text, instant(10)), undefined);
  for (const kind of ["b", "c", "d", "e"])
    assert.equal(rejects.note(kind, "warn", `a ${kind}`, instant(20)), undefined);
  assert.deepEqual(rejects.due(instant(999)), []);
  assert.deepEqual(rejects.due(instant(1000)), [
    warning("third (2 of this kind); a b (1 of this kind); a c (1 of this kind); 2 of other kinds"),
  ]);
  assert.equal(rejects.note("a", "warn", "fourth", instant(1500)), undefined, "a line was written half a second ago");
  assert.deepEqual(rejects.due(instant(2000)), [warning("fourth (1 of this kind)")]);
  assert.deepEqual(rejects.due(instant(3000)), []);
  assert.equal(rejects.nextDeadline(), undefined);
  assert.deepEqual(rejects.note("a", "warn", "fifth", instant(3001)), warning("fifth"));
  assert.deepEqual(rejects.counters(), { a: 5, b: 1, c: 1, d: 1, e: 1 });
});

test("a line that tells of an error among others is one", () => {
  const rejects = new Rejects();
  rejects.note("a", "warn", "rubbish", instant(0));
  rejects.note("a", "warn", "rubbish", instant(10));
  rejects.note("b", "error", "lost", instant(10));
  assert.deepEqual(rejects.due(instant(1000)), [
    { level: "error", text: "rubbish (1 of this kind); lost (1 of this kind)" },
  ]);
});
