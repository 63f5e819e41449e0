import assert from "node:assert/strict";
import test from "node:test";
import { instant, nodeName, seq } from "../../../src/base/units.ts";
import { Bystander } from "../../../src/core/takeover/bystander.ts";
import { encodeSuccessor, parseSuccessor } from "../../../src/core/takeover/successor.ts";
import { UnitTable } from "../../../src/core/takeover/units.ts";

const owl = nodeName("owl");
const now = instant(1000);
const status = (text: string | undefined) =>
  ({
    on: "peer-status",
    node: owl,
    seq: seq(1),
    active: true,
    state: text === undefined ? undefined : parseSuccessor(text, new UnitTable([], [])),
  }) as const;

test("a bystander wants nothing, and is gone as soon as it is asked to stop", () => {
  const bystander = new Bystander("4.0.0");
  for (const on of ["comm-up", "deadline"] as const) assert.deepEqual(bystander.step({ on }, now), []);
  assert.deepEqual(bystander.step({ on: "peer-dead", node: owl }, now), []);
  assert.equal(encodeSuccessor(bystander.state(), bystander.table), "1 4.0.0 ready=0 leave=0");
  assert.deepEqual(bystander.step({ on: "stop" }, now), [{ is: "left" }]);
  assert.equal(bystander.state().leaving, true);
});

test("originals are told from ours, and forgotten when they die", () => {
  const bystander = new Bystander("4.0.0");
  assert.equal(bystander.besideOriginal, false);
  bystander.step(status(undefined), now);
  assert.equal(bystander.besideOriginal, true);
  bystander.step({ on: "peer-dead", node: owl }, now);
  assert.equal(bystander.besideOriginal, false);
  bystander.step(status("1 4.0.1 ready=0 leave=0"), now);
  assert.equal(bystander.besideOriginal, false);
  assert.equal(bystander.peer(owl).version, "4.0.1");
});

test("a node that manages resources beside us has our consent to whatever it claims", () => {
  const bystander = new Bystander("4.0.0");
  const claim = status("1 4.0.0 ready=1 leave=0 claim=owl:3");
  assert.deepEqual(bystander.step(claim, now), [{ is: "state-changed" }]);
  assert.deepEqual(bystander.step(claim, now), []);
  assert.match(encodeSuccessor(bystander.state(), bystander.table), /grant=owl\/owl:3/);
});

test("hb_standby is answered in the log", () => {
  const [said] = new Bystander("4.0.0").step({ on: "standby-request", set: "all" }, now);
  assert.ok(said?.is === "log" && /-M/.test(said.text));
});
