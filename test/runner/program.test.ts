/** The programs of which built-in resources are made. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { Programs } from "../../src/runner/program.ts";
import { until } from "../support/until.ts";

/** Good for fsck are 0 to 3, for all others 0. */
const best = 4;

function prepared(t: TestContext, signal: AbortSignal) {
  const folder = mkdtempSync(join(tmpdir(), "hb-program-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const programs = new Programs();
  const running = new Set<number>();
  const surroundings = { environment: process.env, workingDirectory: folder, runDirectory: folder, signal, running };
  const run = (script: string) => programs.run("one", ["/bin/bash"], ["-c", script], surroundings);
  return { folder, run, running };
}

test("one that is killed has no code that could mean good", async (t) => {
  const { run } = prepared(t, new AbortController().signal);
  const { code, says } = await run("kill -9 $$");
  assert.ok(code >= best, `code ${code}`);
  assert.equal(says, "killed by SIGKILL");
});

test("its number is known exactly as long as it runs", async (t) => {
  const { run, running } = prepared(t, new AbortController().signal);
  const ran = run("echo $$");
  assert.equal(running.size, 1);
  const [pid] = running;
  assert.equal((await ran).says, `${pid}`);
  assert.equal(running.size, 0);
});

test("when the time of an action is over nothing more is begun for it", async (t) => {
  const { folder, run } = prepared(t, AbortSignal.abort());
  const { code } = await run("touch begun");
  assert.ok(code >= best, `code ${code}`);
  assert.equal(existsSync(join(folder, "begun")), false);
});

test("what an ended program has left in its group goes with it, before anything else is done", async (t) => {
  const aborter = new AbortController();
  const { folder, run } = prepared(t, aborter.signal);
  const ran = run("(trap '' TERM; echo $BASHPID > helper; exec sleep 60) & wait");
  await until("the helper is there", () => existsSync(join(folder, "helper")));
  aborter.abort();
  await ran;
  const pid = readFileSync(join(folder, "helper"), "latin1").trim();
  assert.equal(existsSync(`/proc/${pid}`), false);
});

test("nobody goes on for one that was killed by somebody else", async (t) => {
  const { folder, run } = prepared(t, new AbortController().signal);
  const { code } = await run("sleep 60 & echo $! > helper; kill -9 $$");
  assert.ok(code >= best, `code ${code}`);
  const pid = readFileSync(join(folder, "helper"), "latin1").trim();
  assert.equal(existsSync(`/proc/${pid}`), false);
});
