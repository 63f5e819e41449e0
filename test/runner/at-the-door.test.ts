/** A next core that has called, and is not ready yet: it is waited for as long as it lives and there is time to stop what it may not get. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { giveUpAt } from "../../src/base/patience.ts";
import { callRunner } from "../../src/drivers/former-runner.ts";
import type { RunnerSettings } from "../../src/drivers/runner-protocol.ts";
import type { FakeCore } from "../support/fake-core.ts";
import { runnerSettings } from "../support/runner-settings.ts";
import { until } from "../support/until.ts";

const fakeCore = fileURLToPath(new URL("../support/fake-core.js", import.meta.url));
/** In milliseconds; a quarter of it is what a busy machine may need to start two processes. */
const patience = 24_000;
const last = (called: boolean): number => giveUpAt({ at: 0, patience }, [], 0, "awaited", called) ?? 0;

/** A runner whose core has just died, and a core that called and does nothing more; `past`: the time in which nobody had to call is over. */
async function calledRunner(t: TestContext): Promise<{
  readonly door: string;
  readonly settings: RunnerSettings;
  readonly caller: Socket;
  readonly died: number;
  readonly past: () => Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), "hb-door-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const door = join(folder, "door");
  const settings = runnerSettings(folder, door);
  const told: FakeCore = { settings, held: [], patience, underWay: [] };
  const core = spawn(process.execPath, [fakeCore, JSON.stringify(told), ""], { stdio: ["ignore", "pipe", "inherit"] });
  await once(core.stdout, "data");
  await until("the door is open", () => existsSync(door));
  core.kill("SIGKILL");
  await once(core, "exit");
  const died = performance.now();
  const caller = createConnection(door);
  t.after(() => caller.destroy());
  caller.on("error", () => {}); // the runner has ended: what is asserted will say so
  caller.write('{"say":"coming"}\n');
  return {
    door,
    settings,
    caller,
    died,
    past: () => until("nobody else would be waited for", () => performance.now() - died > last(false) + 200, 20_000),
  };
}

describe("a core that has called", { concurrency: true }, () => {
  test("who has called is waited for, and can take over late", { timeout: 60_000 }, async (t) => {
    const { door, settings, past } = await calledRunner(t);
    await past();
    const answer = await callRunner(door);
    assert.equal(answer.is, "waiting");
    assert.ok(answer.is === "waiting");
    const taken = await answer.runner.take(settings);
    assert.ok(taken !== undefined);
    taken.socket.end('{"say":"goodbye"}\n');
  });

  test("when it dies without taking over, what was held is given up at once", { timeout: 60_000 }, async (t) => {
    const { door, caller, died, past } = await calledRunner(t);
    await past();
    caller.destroy();
    await until("the runner has ended", () => !existsSync(door));
    const after = performance.now() - died;
    t.diagnostic(`ended after ${Math.round(after)} ms, of ${Math.round(last(true))}`);
    assert.ok(after < last(true) - 200, `${after}`);
  });

  test("one that hangs keeps nothing for ever", { timeout: 60_000 }, async (t) => {
    const { door } = await calledRunner(t);
    await until("the runner has ended", () => !existsSync(door), 30_000);
  });
});
