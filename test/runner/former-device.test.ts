/** A fencing device that a former core asked, and that answers when the next one has asked for something else under the same number. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { operationId } from "../../src/base/units.ts";
import type { AgentOutcome } from "../../src/core/input.ts";
import { callRunner } from "../../src/drivers/former-runner.ts";
import { Runner } from "../../src/drivers/runner.ts";
import type { FakeCore } from "../support/fake-core.ts";
import { runnerSettings } from "../support/runner-settings.ts";
import { until } from "../support/until.ts";

const fakeCore = fileURLToPath(new URL("../support/fake-core.js", import.meta.url));

test("what a former core's device says is no answer to the next core", { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hb-device-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const device = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return join(folder, name);
  };
  // What it leaves behind keeps its output open, so that its end is told late.
  const former = device("former", `setsid sleep 4 & touch ${folder}/asked; exit 1`);
  const next = device("next", "sleep 3; echo next");
  const door = join(folder, "door");
  const settings = runnerSettings(folder, door);
  const told: FakeCore = { settings, held: [], patience: 60_000, underWay: [], devices: [former] };
  const core = spawn(process.execPath, [fakeCore, JSON.stringify(told), ""], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await until("the device is asked", () => existsSync(join(folder, "asked")));
  core.kill("SIGKILL");
  await new Promise((resolve) => core.once("exit", resolve));

  let answer = await callRunner(door);
  while (answer.is !== "waiting") {
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer = await callRunner(door);
  }
  const taken = await answer.runner.take(settings);
  assert.ok(taken !== undefined);
  const asked: AgentOutcome[] = [];
  const runner = Runner.adopt(taken, [], settings, {
    onFinished: () => {},
    onChildStarted: () => {},
    onChildEnded: () => {},
    onAsked: (_operation, outcome) => asked.push(outcome),
    onNotified: () => {},
    onHooked: () => {},
    onNotStored: () => {},
    onUnitDown: () => {},
    onUnitBus: () => {},
    onRemark: () => {},
    onLost: (says) => assert.fail(says),
  });
  t.after(() => runner.goodbye());
  runner.askDevice({ operation: operationId(1), program: [next], argv: [], input: "", timeLimit: 30_000 });
  await until("a device has answered", () => asked.length > 0, 20_000);
  assert.deepEqual(asked, [{ result: "exited", code: 0, output: "next\n" }]);
});
