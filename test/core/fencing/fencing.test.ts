import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { instant, milliseconds, type NodeName, nodeName, operationId, seconds } from "../../../src/base/units.ts";
import { fencingPause } from "../../../src/core/fencing/delay.ts";
import {
  Fencing,
  type FencingConfig,
  type FencingInput,
  type FencingOutput,
} from "../../../src/core/fencing/fencing.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");

const device = (name: string, victims?: readonly NodeName[]): FencingConfig["devices"][number] => ({
  name,
  victims,
  timeLimit: seconds(20),
});
const machine = (devices = [device("power")], armed: readonly NodeName[] = [fox]): Fencing =>
  new Fencing({ self: fox, nodes: [fox, owl], devices, armed: new Set(armed), noticeMax: seconds(6) });

/** What came out, as short words; log lines by their id. */
const words = (outputs: readonly FencingOutput[]): string[] =>
  outputs.map((output) => {
    switch (output.is) {
      case "run":
        return `run ${output.operation} ${output.device} ${output.action} ${output.victim ?? ""}`.trim();
      case "cancel":
        return `cancel ${output.operation}`;
      case "fenced":
        return `fenced ${output.node}`;
      case "say":
        return `say ${output.node} ${output.result}`;
      case "log":
        return `(${output.id})`;
      default:
        return output satisfies never;
    }
  });
const play = (fencing: Fencing, rows: readonly (readonly [number, FencingInput, readonly string[]])[]): void => {
  for (const [at, input, expected] of rows)
    assert.deepEqual(words(fencing.step(input, instant(at))), expected, `at ${at}: ${JSON.stringify(input)}`);
};
const wanted = { on: "wanted", node: owl, weHold: false, theyHold: true } as const;
const done = (operation: number): FencingInput => ({
  on: "finished",
  operation: operationId(operation),
  outcome: { result: "done" },
});
const failed = (operation: number): FencingInput => ({
  on: "finished",
  operation: operationId(operation),
  outcome: { result: "failed", says: "no answer" },
});
const deadline = { on: "deadline" } as const;

describe("a silent node", () => {
  test("is reset, and only then it counts as fenced", () => {
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [2000, deadline, []],
      [3000, done(1), ["(fence-done)", "say owl OK", "fenced owl"]],
      [3001, done(1), []],
    ]);
  });

  test("whose device fails is tried again, after pauses that grow, until it works", () => {
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [1000, failed(1), ["(fence-failed)", "say owl bad", "(fence-retry)"]],
      [5999, deadline, []],
      [6000, deadline, ["(fence)", "run 2 power reset owl"]],
      [7000, failed(2), ["(fence-failed)", "say owl bad", "(fence-retry)"]],
      [16_999, deadline, []],
      [17_000, deadline, ["(fence)", "run 3 power reset owl"]],
      [18_000, done(3), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
    assert.deepEqual([1, 2, 3, 4, 5, 6, 1000].map(fencingPause), [5, 10, 20, 40, 60, 60, 60].map(seconds));
  });

  test("is tried with one device after the other, without a pause between them", () => {
    const badHost: FencingInput = { on: "finished", operation: operationId(1), outcome: { result: "bad-host" } };
    play(machine([device("first"), device("other", [fox]), device("second", [owl])]), [
      [0, wanted, ["(fence)", "run 1 first reset owl"]],
      [1000, badHost, ["(fence-bad-host)", "say owl badhost", "(fence)", "run 2 second reset owl"]],
      [2000, failed(2), ["(fence-failed)", "say owl bad", "(fence-retry)"]],
      [7000, deadline, ["(fence)", "run 3 first reset owl"]],
    ]);
  });

  test("that announces itself is left alone: what is under way is broken off, and no retry comes", () => {
    const fencing = machine();
    play(fencing, [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [1000, { on: "heard", node: owl }, ["cancel 1", "(fence-given-up)"]],
      [2000, done(1), []],
    ]);
    assert.equal(fencing.nextDeadline(), undefined);
    play(fencing, [
      [10_000, wanted, ["(fence)", "run 2 power reset owl"]],
      [11_000, failed(2), ["(fence-failed)", "say owl bad", "(fence-retry)"]],
      [12_000, { on: "heard", node: owl }, ["(fence-given-up)"]],
      [20_000, deadline, []],
    ]);
  });

  test("is off when the operator or another node says so, whatever the device does", () => {
    for (const word of [
      { on: "confirmed", node: owl },
      { on: "told", node: owl, by: fox },
    ] as const)
      play(machine(), [
        [0, wanted, ["(fence)", "run 1 power reset owl"]],
        [1000, word, ["cancel 1", "fenced owl"]],
        [2000, failed(1), []],
        [60_000, deadline, []],
      ]);
  });

  test("that another node has reset before we missed it is not reset again, unless it was heard since", () => {
    const told = { on: "told", node: owl, by: fox } as const;
    play(machine(), [
      [0, told, []],
      [6000, wanted, ["fenced owl"]],
      [7000, wanted, ["(fence)", "run 1 power reset owl"]],
    ]);
    play(machine(), [
      [0, told, []],
      [6001, wanted, ["(fence)", "run 1 power reset owl"]],
    ]);
    play(machine(), [
      [0, told, []],
      [1000, { on: "heard", node: owl }, []],
      [6000, wanted, ["(fence)", "run 1 power reset owl"]],
    ]);
  });

  test("whose device never comes back is not waited for", () => {
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [34_999, deadline, []],
      [35_000, deadline, ["cancel 1", "(fence-failed)", "say owl bad", "(fence-retry)"]],
      [40_000, deadline, ["(fence)", "run 2 power reset owl"]],
      [41_000, done(1), []],
      [42_000, done(2), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
  });

  test("is not fenced by a node that leaves", () => {
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [10, { on: "stop" }, ["cancel 1"]],
      [20, wanted, []],
    ]);
  });

  test("that can fence us, too, is given time by whoever should wait", () => {
    play(machine([device("power")], [fox, owl]), [
      [0, wanted, ["(fence-delay)"]],
      [19_999, deadline, []],
      [20_000, deadline, ["(fence)", "run 1 power reset owl"]],
    ]);
    play(machine([device("power")], [fox, owl]), [
      [0, wanted, ["(fence-delay)"]],
      [5000, { on: "heard", node: owl }, ["(fence-given-up)"]],
      [20_000, deadline, []],
    ]);
  });
});

describe("while maintenance lasts", () => {
  const begins = { on: "maintenance", active: true } as const;
  const ends = { on: "maintenance", active: false } as const;

  test("nobody is reset; afterwards the attempts begin", () => {
    const fencing = machine();
    play(fencing, [
      [0, begins, []],
      [1000, wanted, ["(fence-maintenance)"]],
      [500_000, deadline, []],
    ]);
    assert.equal(fencing.progress(owl), "waiting for the end of maintenance");
    play(fencing, [
      [600_000, ends, ["(fence)", "run 1 power reset owl"]],
      [601_000, done(1), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
  });

  test("an attempt under way may still succeed, and is not repeated when it fails", () => {
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [1000, begins, []],
      [2000, done(1), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
    play(machine(), [
      [0, wanted, ["(fence)", "run 1 power reset owl"]],
      [1000, begins, []],
      [2000, failed(1), ["(fence-failed)", "say owl bad"]],
      [100_000, deadline, []],
      [200_000, ends, ["(fence)", "run 2 power reset owl"]],
    ]);
  });

  test("an attempt that waited waits its whole time again", () => {
    play(machine([device("power")], [fox, owl]), [
      [0, wanted, ["(fence-delay)"]],
      [19_000, begins, []],
      [50_000, deadline, []],
      [60_000, ends, ["(fence-delay)"]],
      [79_999, deadline, []],
      [80_000, deadline, ["(fence)", "run 1 power reset owl"]],
    ]);
  });

  test("the operator's word counts, and so does a sign of life", () => {
    play(machine(), [
      [0, begins, []],
      [1, wanted, ["(fence-maintenance)"]],
      [2, { on: "confirmed", node: owl }, ["fenced owl"]],
      [3, wanted, ["(fence-maintenance)"]],
      [4, { on: "heard", node: owl }, ["(fence-given-up)"]],
      [5, ends, []],
    ]);
  });
});

describe("the devices", () => {
  const checkAgain = 3_600_000;

  test("are asked for their state one after the other, at the start and every hour", () => {
    const fencing = machine([device("a"), device("b")]);
    play(fencing, [
      [0, { on: "comm-up" }, ["(fence-check)", "run 1 a status"]],
      [1, done(1), ["(fence-check)", "run 2 b status"]],
      [2, failed(2), ["(fence-check-failed)", "(fence-check-failed)", "(fence-check-failed)"]],
      [checkAgain - 1, deadline, []],
      [checkAgain, deadline, ["(fence-check)", "run 3 a status"]],
      [checkAgain + 1, done(3), ["(fence-check)", "run 4 b status"]],
      [checkAgain + 2, done(4), ["(fence-check-well)"]],
    ]);
  });

  test("are not asked for their state while they are to fence: some serve one caller only", () => {
    play(machine(), [
      [0, { on: "comm-up" }, ["(fence-check)", "run 1 power status"]],
      [1, wanted, ["cancel 1", "(fence)", "run 2 power reset owl"]],
      [2, done(1), []],
      [3, done(2), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
  });

  test("that do not reset are asked meanwhile, the one that does is not", () => {
    play(machine([device("a", [owl]), device("b", [fox])]), [
      [0, { on: "comm-up" }, ["(fence-check)", "run 1 a status"]],
      [1, wanted, ["cancel 1", "(fence-check)", "run 2 b status", "(fence)", "run 3 a reset owl"]],
      [2, done(2), []],
      [3, done(3), ["(fence-done)", "say owl OK", "fenced owl"]],
    ]);
  });

  test("of which one hangs do not hold up the check", () => {
    play(machine([device("a"), device("b")]), [
      [0, { on: "comm-up" }, ["(fence-check)", "run 1 a status"]],
      [
        35_000,
        deadline,
        [
          "cancel 1",
          "(fence-check-failed)",
          "(fence-check-failed)",
          "(fence-check-failed)",
          "(fence-check)",
          "run 2 b status",
        ],
      ],
      [35_001, done(1), []],
    ]);
  });

  test("decide whether a node must be fenced at all", () => {
    const fencing = machine([device("a", [owl])]);
    assert.deepEqual([fencing.can(owl), fencing.can(fox)], [true, false]);
    assert.equal(machine([]).can(owl), false);
    play(machine([]), [[0, { on: "comm-up" }, []]]);
  });
});

test("what is under way is told to people", () => {
  const fencing = machine();
  assert.equal(fencing.progress(owl), undefined);
  fencing.step(wanted, instant(0));
  assert.equal(fencing.progress(owl), "asking power");
  fencing.step(failed(1), instant(milliseconds(1)));
  assert.equal(fencing.progress(owl), "waiting for the next attempt, 1 attempts failed");
});
