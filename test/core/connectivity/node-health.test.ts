import assert from "node:assert/strict";
import test from "node:test";
import { instant, seconds } from "../../../src/base/units.ts";
import type { HealthCheck, HealthPlan } from "../../../src/config/ha4-health.ts";
import {
  NodeHealth,
  type NodeHealthInput,
  type NodeHealthOutput,
  type Reach,
} from "../../../src/core/connectivity/node-health.ts";
import { compareReach } from "../../../src/core/connectivity/reach.ts";

const cable: HealthCheck = { probe: { kind: "carrier", device: "eth0" } };
const disk: HealthCheck = { probe: { kind: "disk", path: "/srv" } };
const plan: HealthPlan = {
  checks: [cable, disk],
  pings: false,
  interval: seconds(2),
  timeLimit: seconds(1),
  patience: seconds(10),
  recovery: seconds(300),
};
const start = { on: "start" } as const;
const deadline = { on: "deadline" } as const;
const well = (check: HealthCheck): NodeHealthInput => ({ on: "answer", check, wrong: undefined });
const ill = (check: HealthCheck, wrong = "has no carrier"): NodeHealthInput => ({ on: "answer", check, wrong });
const inWords = (output: NodeHealthOutput): string => (output.is === "unfit" ? output.because : output.is);

type Row = readonly [number, NodeHealthInput, readonly string[]];
function play(health: NodeHealth, ...rows: readonly Row[]): void {
  for (const [when, input, expected] of rows)
    assert.deepEqual(health.step(input, instant(when * 1000)).map(inWords), expected, `at ${when} s`);
}
const nobody = (): Reach => ({ ours: 0, theirs: undefined });
const fresh = (): NodeHealth => {
  const health = new NodeHealth(plan, nobody);
  play(health, [0, start, ["ask", "ask"]], [0, well(cable), []], [0, well(disk), []]);
  return health;
};

test("asked at its interval, each check for itself, and never twice at once", () => {
  const health = fresh();
  assert.equal(health.nextDeadline(), 2000);
  play(health, [1, deadline, []], [2, deadline, ["ask", "ask"]], [9, deadline, []], [9, well(disk), []]);
  play(health, [10, deadline, []], [11, deadline, ["ask"]]);
});

test("what is wrong for as long as the patience lasts makes it unfit; a moment of it does not", () => {
  const health = fresh();
  play(health, [2, ill(cable), []], [8, well(cable), []], [10, ill(cable), []], [19, ill(cable), []]);
  assert.equal(health.nextDeadline(), 2000, "the disk was not asked again in this test");
  play(health, [20, ill(cable), ["has no carrier"]], [22, ill(cable), []]);
  assert.equal(health.unfit, "has no carrier");
});

test("a check that gives no answer does not put the judgement off", () => {
  const health = fresh();
  play(health, [2, deadline, ["ask", "ask"]], [2, ill(cable), []], [4, deadline, ["ask"]]);
  assert.equal(health.nextDeadline(), 12_000);
  play(health, [12, deadline, ["has no carrier"]]);
});

test("fit again after the recovery time without a flaw, which begins anew with each", () => {
  const health = fresh();
  play(health, [2, ill(cable), []], [12, ill(cable), ["has no carrier"]], [20, well(cable), []]);
  play(health, [200, ill(disk, "is full"), []], [210, well(disk), []], [320, well(cable), []]);
  play(health, [509, deadline, ["ask", "ask"]], [510, well(cable), ["fit"]]);
  assert.equal(health.unfit, undefined);
});

test("what is wrong at the first look counts at once, and passes by the patience alone: the node may be booting", () => {
  const health = new NodeHealth(plan, nobody);
  play(health, [0, start, ["ask", "ask"]], [0, ill(cable), ["has no carrier"]], [0, well(disk), []]);
  play(health, [4, well(cable), []], [13, well(cable), []], [14, well(cable), ["fit"]]);
  play(health, [20, ill(cable), []], [30, ill(cable), ["has no carrier"]], [31, well(cable), []]);
  play(health, [50, well(cable), []], [331, well(cable), ["fit"]]);
});

test("ping nodes: fewer than another node reaches for so long, never fewer than a number nobody says", () => {
  let reach: Reach = { ours: 0, theirs: undefined };
  const health = new NodeHealth({ ...plan, checks: [], pings: true }, () => reach);
  play(health, [0, start, []], [2, deadline, []]);
  reach = { ours: 1, theirs: 2 };
  play(health, [4, deadline, []], [6, deadline, []]);
  reach = { ours: 1, theirs: 1 };
  play(health, [8, deadline, []], [10, deadline, []]);
  reach = { ours: 0, theirs: 1 };
  play(health, [12, deadline, []], [21, deadline, []], [22, deadline, ["0 ping nodes answer here, 1 elsewhere"]]);
});

test("the rule of ipfail: more, fewer, or no difference", () => {
  assert.deepEqual([compareReach(2, 1), compareReach(1, 2), compareReach(0, 0)], ["more", "fewer", "same"]);
});

test("its judgement comes with its deadline at any fraction of a millisecond", () => {
  let late = 0;
  for (let i = 1; i <= 2000; i++) {
    const begin = instant(i * 5.085_264_904_056_105);
    const health = new NodeHealth({ ...plan, patience: seconds(3) }, nobody);
    health.step(start, begin);
    for (const check of [cable, disk]) health.step(well(check), begin);
    health.step(ill(cable), begin);
    // The checks are asked at the same deadlines, and do not answer here.
    for (let due = health.nextDeadline(); due !== undefined; due = health.nextDeadline()) {
      health.step(deadline, due);
      if (health.nextDeadline() === due) {
        late++;
        break;
      }
    }
    assert.equal(health.unfit === undefined, false, `at ${begin}`);
  }
  assert.equal(late, 0);
});
