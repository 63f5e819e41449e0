/** The checker that every operation ends once, and in time. */
import assert from "node:assert/strict";
import test from "node:test";
import { milliseconds, nodeName, operationId } from "../../src/base/units.ts";
import type { Input } from "../../src/core/input.ts";
import { Operations, type Ordered } from "../../src/sim/operations.ts";

const fox = nodeName("fox");
const start = (operation: number): Ordered => ({
  do: "run-agent",
  kind: "script",
  operation: operationId(operation),
  action: "start",
  script: "web",
  args: [],
  environment: {},
  timeLimit: milliseconds(60_000),
});
const ended = (operation: number): Input => ({
  on: "agent-finished",
  operation: operationId(operation),
  outcome: { result: "exited", code: 0, output: "" },
});
const awake = (): boolean => true;

test("what is ordered once and ends once is well", () => {
  const operations = new Operations();
  assert.equal(operations.ordered(fox, start(1), 0), undefined);
  assert.equal(operations.told(fox, ended(1)), undefined);
  assert.equal(operations.overdue(1_000_000, awake), undefined);
});

test("an end that is told twice, and one of what was never ordered", () => {
  const operations = new Operations();
  operations.ordered(fox, start(1), 0);
  operations.told(fox, ended(1));
  assert.match(operations.told(fox, ended(1)) ?? "", /end of operation 1, which is not under way/);
  assert.match(operations.told(fox, ended(2)) ?? "", /end of operation 2/);
});

test("an order that is given twice", () => {
  const operations = new Operations();
  operations.ordered(fox, start(1), 0);
  assert.match(operations.ordered(fox, start(1), 0) ?? "", /ordered operation 1 twice/);
});

test("what does not end within its time limit, as soon as its node can be told", () => {
  const operations = new Operations();
  operations.ordered(fox, start(1), 0);
  assert.equal(operations.overdue(62_000, awake), undefined);
  assert.equal(
    operations.overdue(63_000, () => false),
    undefined,
  );
  assert.match(operations.overdue(64_000, awake) ?? "", /operation 1 of fox has not ended in time/);
});

test("what a core ordered is nobody's after its end, unless the next one inherits it", () => {
  const operations = new Operations();
  operations.ordered(fox, start(1), 0);
  operations.ordered(fox, start(2), 0);
  operations.forget(fox);
  operations.inherited(fox, [operationId(2)], 0);
  assert.equal(operations.told(fox, ended(2)), undefined);
  assert.match(operations.told(fox, ended(1)) ?? "", /not under way/);
});
