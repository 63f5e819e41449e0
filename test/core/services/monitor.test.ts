import assert from "node:assert/strict";
import test from "node:test";
import { type Instant, instant, seconds } from "../../../src/base/units.ts";
import {
  Monitor,
  type MonitorInput,
  type MonitorOutput,
  type MonitorQuestion,
  type Watched,
} from "../../../src/core/services/monitor.ts";

const watched: Watched = {
  group: "10.0.0.1",
  text: "web",
  plan: {
    interval: seconds(10),
    timeLimit: seconds(5),
    delay: seconds(30),
    failuresAllowed: 2,
    failureWindow: seconds(600),
    probes: [],
  },
};
const well = { ok: true, says: "running" };
const ill = { ok: false, says: "connection refused" };
const at = (s: number): Instant => instant(s * 1000);

/** An answer to the last question but so many. */
interface Answer {
  readonly result: typeof well;
  readonly older: number;
}
const asked = new WeakMap<Monitor, MonitorQuestion[]>();

function play(
  monitor: Monitor,
  ...rows: readonly (readonly [number, MonitorInput | Answer, readonly string[]])[]
): void {
  const questions = asked.get(monitor) ?? [];
  asked.set(monitor, questions);
  for (const [when, input, expected] of rows) {
    const question = "on" in input ? undefined : questions.at(-1 - input.older);
    const outputs = monitor.step(
      "on" in input ? input : { on: "answer", watched, question: question ?? { of: "planned" }, result: input.result },
      at(when),
    );
    assert.deepEqual(outputs.map(inWords), expected, `at ${when} s`);
    for (const output of outputs) if (output.is === "ask") questions.push(output.question);
  }
}
const inWords = (output: MonitorOutput): string => {
  if (output.is === "ask") return output.question.of === "own" ? "ask-own" : "ask";
  return output.is === "failed" ? output.decide : output.is;
};
const started = { on: "started", watched } as const;
const deadline = { on: "deadline" } as const;
const answer = (result: typeof well, older = 0): Answer => ({ result, older });
const sign = { on: "sign", watched } as const;
const stopping = { on: "stopping", watched } as const;

test("asked after its delay, then at its interval, and never twice at once", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [29, deadline, []], [30, deadline, ["ask"]], [55, deadline, []]);
  play(monitor, [56, answer(well), []], [65, deadline, []], [66, deadline, ["ask"]]);
  assert.equal(monitor.nextDeadline(), undefined, "while it is asked nothing else is due");
});

test("restarted in place as often as allowed, then given up", () => {
  const monitor = new Monitor();
  for (const [begin, decide] of [
    [0, "restart"],
    [100, "restart"],
    [200, "give-up"],
  ] as const)
    play(monitor, [begin, started, []], [begin + 30, deadline, ["ask"]], [begin + 31, answer(ill), [decide]]);
});

test("failures expire", () => {
  const monitor = new Monitor();
  for (const begin of [0, 300, 700, 1000, 1400])
    play(monitor, [begin, started, []], [begin + 30, deadline, ["ask"]], [begin + 31, answer(ill), ["restart"]]);
});

test("none allowed: the first failure gives it up", () => {
  const strict = { ...watched, plan: { ...watched.plan, failuresAllowed: 0 } };
  const monitor = new Monitor();
  monitor.step({ on: "started", watched: strict }, at(0));
  const [ask] = monitor.step(deadline, at(30));
  assert.ok(ask?.is === "ask");
  const answered = { on: "answer", watched: strict, question: ask.question, result: ill } as const;
  assert.deepEqual(monitor.step(answered, at(31)).map(inWords), ["give-up"]);
});

test("what is being stopped is not asked, and a late answer about it means nothing", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, stopping, []]);
  play(monitor, [32, answer(ill), []], [99, deadline, []]);
});

test("an answer from before the last start means nothing, also when it is asked again already", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, stopping, []], [32, started, []]);
  play(monitor, [62, deadline, ["ask"]], [63, answer(ill, 1), []], [64, answer(well), []], [74, deadline, ["ask"]]);
});

test("a sign is a reason to ask for its own status at once", () => {
  const monitor = new Monitor();
  play(monitor, [0, sign, []], [1, started, []], [2, sign, ["ask-own"]], [3, answer(ill), ["restart"]]);
  assert.equal(monitor.view(watched, at(3))?.last?.says, "connection refused");
  play(monitor, [4, sign, []], [5, started, []], [35, deadline, ["ask"]], [36, answer(well), ["healed"]]);
});

test("a sign that was old changes nothing: the next question is where it was, and nothing counts as healed", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, answer(ill), ["restart"]], [32, started, []]);
  play(monitor, [33, sign, ["ask-own"]], [34, answer(well), []]);
  assert.equal(monitor.nextDeadline(), 62_000);
  assert.equal(monitor.view(watched, at(35))?.last?.ok, false);
});

test("a sign during a question leads to another one, unless the answer says enough", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, sign, []], [31, sign, []]);
  play(monitor, [32, answer(well), ["ask-own"]], [33, sign, []], [34, answer(well), ["ask-own"]]);
  play(monitor, [35, answer(well), []], [42, deadline, ["ask"]], [43, sign, []], [44, answer(ill), ["restart"]]);
  play(monitor, [45, started, []], [75, deadline, ["ask"]], [76, answer(well), ["healed"]]);
});

test("under maintenance a sign leads to nothing", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [1, { on: "maintenance", active: true }, []], [2, sign, []]);
  play(monitor, [3, { on: "maintenance", active: false }, []], [30, deadline, ["ask"]]);
});

test("it is said that it works again, once", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, answer(ill), ["restart"]], [32, started, []]);
  play(
    monitor,
    [62, deadline, ["ask"]],
    [63, answer(well), ["healed"]],
    [73, deadline, ["ask"]],
    [74, answer(well), []],
  );
});

test("under maintenance nothing is asked, and an answer that was under way leads to nothing", () => {
  const monitor = new Monitor();
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31, { on: "maintenance", active: true }, []]);
  play(monitor, [32, answer(ill), []], [50, deadline, []]);
  assert.equal(monitor.nextDeadline(), undefined);
  play(
    monitor,
    [60, { on: "maintenance", active: false }, []],
    [60, deadline, ["ask"]],
    [61, answer(ill), ["restart"]],
  );
});

test("an operator's word empties the count", () => {
  const monitor = new Monitor();
  for (const begin of [0, 100])
    play(monitor, [begin, started, []], [begin + 30, deadline, ["ask"]], [begin + 31, answer(ill), ["restart"]]);
  play(monitor, [150, { on: "forget", group: "10.0.0.1" }, []]);
  play(monitor, [200, started, []], [230, deadline, ["ask"]], [231, answer(ill), ["restart"]]);
});

test("the picture: interval, failures within the window, last answer with its latency, and when it is asked next", () => {
  const monitor = new Monitor();
  assert.equal(monitor.view(watched, at(0)), undefined);
  play(monitor, [0, started, []], [30, deadline, ["ask"]], [31.5, answer(ill), ["restart"]], [40, started, []]);
  assert.deepEqual(monitor.view(watched, at(41.5)), {
    interval: 10_000,
    failures: 1,
    last: { ok: false, says: "connection refused", latency: 1500, ago: 10_000 },
    next: 28_500,
  });
  assert.equal(monitor.view(watched, at(700))?.failures, 0);
});
