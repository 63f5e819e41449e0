import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { operationId } from "../../src/base/units.ts";
import type { AgentOutcome } from "../../src/core/input.ts";
import { Runner } from "../../src/drivers/runner.ts";
import { until } from "../support/until.ts";

function start(t: TestContext, scripts: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "hb-runner-"));
  for (const [name, text] of Object.entries(scripts))
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const finished = new Map<number, AgentOutcome>();
  const asked = new Map<number, AgentOutcome>();
  const lost: string[] = [];
  const notified: string[] = [];
  const children: string[] = [];
  const runner = Runner.start(
    {
      directories: [folder],
      environment: { HA_CURHOST: "fox", HA_COLOUR: "red" },
      workingDirectory: folder,
      runDirectory: folder,
      notifier: join(folder, "harc"),
      hooks: [join(folder, "hook-a"), join(folder, "hook-b")],
      stopTimeLimit: 1000,
      stopRules: [],
      stopRetryPause: 100,
      restartsWhenStuck: false,
      log: { entity: "heartbeat", pid: process.pid, host: "fox", syslogMessageFormat: true, stderr: false },
    },
    {
      onFinished: (operation, outcome) => {
        assert.ok(!finished.has(operation), "an operation ended twice");
        finished.set(operation, outcome);
      },
      onChildStarted: (child, pid) => children.push(`${child} started ${pid > 1}`),
      onChildEnded: (child, outcome) => children.push(`${child} ${JSON.stringify(outcome)}`),
      onAsked: (operation, outcome) => {
        assert.ok(!asked.has(operation), "a device answered twice");
        asked.set(operation, outcome);
      },
      onNotified: (type, { result }) => notified.push(`${type} ${result}`),
      onHooked: (program, { result }) => notified.push(`${program.slice(folder.length + 1)} ${result}`),
      onNotStored: (path, says) => lost.push(`${path}: ${says}`),
      onUnitDown: () => {},
      onUnitBus: () => {},
      onRemark: () => {},
      onLost: (says) => lost.push(says),
    },
  );
  t.after(async () => {
    await runner.goodbye();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (operation: number, script: string, more: { args?: string[]; timeLimit?: number } = {}) =>
    runner.run({
      operation: operationId(operation),
      kind: "script",
      script,
      args: more.args ?? [],
      action: "status",
      environment: { HA_COLOUR: "blue" },
      timeLimit: more.timeLimit ?? 10_000,
    });
  return { runner, finished, lost, notified, children, folder, run };
}

test("runs scripts side by side; each ends once, under its own number", async (t) => {
  const { finished, run } = start(t, {
    slow: "sleep 0.3; echo slow",
    quick: 'echo "$HA_CURHOST $HA_COLOUR $UV_THREADPOOL_SIZE"',
    hang: "sleep 600",
  });
  run(1, "slow");
  run(2, "quick");
  run(3, "missing");
  run(4, "hang", { timeLimit: 100 });
  await until("the quick ones ended", () => finished.size >= 2);
  assert.ok(!finished.has(1), "the slow one did not hold the others up");
  await until("all ended", () => finished.size === 4);
  assert.deepEqual(finished.get(1), { result: "exited", code: 0, output: "slow\n" });
  assert.deepEqual(finished.get(2), { result: "exited", code: 0, output: "fox blue \n" });
  assert.deepEqual(finished.get(3), { result: "not-found" });
  assert.deepEqual(finished.get(4), { result: "timed-out" });
});

test("hundreds of orders in one turn, each with a new memory of a hundred groups, all reach the runner", async (t) => {
  const { runner, finished, run } = start(t, { yes: "exit 0" });
  const orders = 300;
  for (let operation = 1; operation <= orders; operation++) {
    runner.keep({ groups: [{ operation, text: "x".repeat(45_000) }] });
    run(operation, "no-such-script");
  }
  await until("all have ended", () => finished.size === orders);
  const outcomes = new Set([...finished.values()].map(({ result }) => result));
  assert.deepEqual([...outcomes], ["not-found"]);
});

test("an operation can be ended early", async (t) => {
  const { runner, finished, run } = start(t, { hang: "echo $$ > pid; sleep 600" });
  run(1, "hang");
  runner.kill(operationId(1));
  await until("it ended", () => finished.size === 1);
  assert.deepEqual(finished.get(1), { result: "timed-out" });
});

test("the runner is killed: what was under way is lost, and it comes back", async (t) => {
  const { runner, finished, lost, run } = start(t, { hang: "sleep 3", quick: "echo back" });
  run(1, "hang");
  run(2, "hang");
  const first = runner.pid ?? 0;
  await until("it has its name", () => readFileSync(`/proc/${first}/comm`, "latin1") === "hb-runner\n");
  process.kill(first, "SIGKILL");
  await until("the loss is told", () => lost.length === 1);
  assert.deepEqual(
    [...finished.values()].map((outcome) => outcome.result),
    ["lost", "lost"],
  );
  run(3, "quick");
  await until("an order in between ends, too", () => finished.has(3));
  assert.equal(finished.get(3)?.result, "lost");
  await until("a new one is there", () => runner.pid !== undefined && runner.pid !== first);
  run(4, "quick");
  await until("it works", () => finished.has(4));
  assert.deepEqual(finished.get(4), { result: "exited", code: 0, output: "back\n" });
});

test("notifications run one after the other, and their fields replace nothing of ours", async (t) => {
  const { runner, notified, folder } = start(t, {
    harc: 'echo "begin $1 $HA_CURHOST $HA_st $HA_OSTATUS" >> told; sleep 0.1; echo end >> told; [ "$1" != bad ]',
  });
  runner.notify({
    type: "status",
    fields: { HA_CURHOST: "evil", HA_st: "up", HA_OSTATUS: "evil" },
    environment: { HA_OSTATUS: "init" },
  });
  runner.notify({ type: "bad", fields: {}, environment: {} });
  await until("both were told", () => notified.length === 2);
  assert.deepEqual(notified, ["status exited", "bad exited"]);
  assert.deepEqual(readFileSync(join(folder, "told"), "utf8").trim().split("\n"), [
    "begin status fox up init",
    "end",
    "begin bad fox  ",
    "end",
  ]);
});

test("without harc a notification ends, too", async (t) => {
  const { runner, notified } = start(t, {});
  runner.notify({ type: "status", fields: {}, environment: {} });
  await until("it ended", () => notified.length === 1);
  assert.deepEqual(notified, ["status not-found"]);
});

test("programs that want to know of events get the name and the event, one after the other", async (t) => {
  const { runner, notified, folder } = start(t, {
    "hook-a": 'printf "a %s %s %s\\n" "$1" "$2" "$HA_CURHOST" >> told',
    "hook-b": 'printf "b %s\\n" "$1" >> told',
  });
  runner.tellEvent("node-dead", '{"text":"it\'s dead"}');
  runner.tellEvent("acquire", "{}");
  await until("all were told", () => notified.length === 4);
  assert.deepEqual(notified, ["hook-a exited", "hook-b exited", "hook-a exited", "hook-b exited"]);
  const told = readFileSync(join(folder, "told"), "latin1").trim().split("\n");
  assert.deepEqual(told, [`a node-dead {"text":"it's dead"} fox`, "b node-dead", "a acquire {} fox", "b acquire"]);
});
