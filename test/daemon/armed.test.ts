/** A core that died with its watchdog armed: the next one leaves the machine to it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { awaitReset, markArmed, markDisarmed } from "../../src/daemon/armed.ts";

function scene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-armed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  return { mark: join(folder, "armed"), lines, log: { write: (_id: string, level: string) => void lines.push(level) } };
}

test("after an orderly end nothing is waited for", async (t) => {
  const { mark, lines, log } = scene(t);
  markArmed(mark);
  markDisarmed(mark);
  await awaitReset(mark, 3600, log);
  assert.deepEqual(lines, []);
});

test("after a death the watchdog gets its time, and a little more; then heartbeat starts", async (t) => {
  const { mark, lines, log } = scene(t);
  markArmed(mark);
  const began = performance.now();
  await awaitReset(mark, 0, log);
  assert.ok(performance.now() - began >= 2990);
  assert.deepEqual(lines, ["crit", "error"]);
  assert.equal(existsSync(mark), false, "once");
});
