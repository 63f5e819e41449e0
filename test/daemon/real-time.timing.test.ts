/** Real time covers every thread, also those that Node.js makes later: listed after ten seconds of work. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Host, isRoot, until } from "./host.ts";

/** `ps` writes RR for SCHED_RR, TS for a normal thread. */
async function classes(host: Host): Promise<string[]> {
  return (await host.exec("ps", "-L", "-o", "cls=", "-p", String(host.pid))).stdout.trim().split(/\s+/);
}

test("all threads of the core are real-time, its helpers are not", { timeout: 120_000 }, async (t) => {
  if (!isRoot) return t.skip("real time needs root");
  await using host = await Host.start();
  if ((await host.exec("chrt", "-r", "1", "true")).code !== 0) return t.skip("this kernel refuses real time here");
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl is up", async () => (await host.view())["status"] === "active");
  for (let i = 0; i < 10; i++) {
    await pause(1000); // work, not luck: heartbeats, views, signals
    await host.view();
  }
  const threads = await classes(host);
  assert.ok(threads.length > 3, `threads: ${threads}`);
  assert.deepEqual([...new Set(threads)], ["RR"]);
  const others = await host.exec("ps", "-L", "-o", "cls=", "--ppid", String(host.pid));
  assert.deepEqual([...new Set(others.stdout.trim().split(/\s+/))], ["TS"], "runner and log writer are normal");
  assert.equal((await host.heartbeat("-k")).code, 0);
});

test("realtime off and -l are obeyed", { timeout: 120_000 }, async (t) => {
  if (!isRoot) return t.skip("real time needs root");
  await using host = await Host.start();
  assert.equal((await host.heartbeat("-l")).code, 0);
  assert.deepEqual([...new Set(await classes(host))], ["TS"]);
  assert.equal((await host.heartbeat("-k")).code, 0);
});
