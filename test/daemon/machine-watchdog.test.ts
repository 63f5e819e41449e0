/** A core that died with its watchdog armed: the next one leaves the machine to it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { seconds } from "../../src/base/units.ts";
import { MachineWatchdog, type MachineWatchdogParts } from "../../src/daemon/machine-watchdog.ts";

function scene(t: TestContext, extension?: MachineWatchdogParts["config"]["extension"]) {
  const root = mkdtempSync(join(tmpdir(), "hb-armed-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "dev"));
  writeFileSync(join(root, "dev/watchdog"), "");
  const paths = { root, armed: join(root, "armed") };
  const levels: string[] = [];
  const core = (): MachineWatchdog =>
    new MachineWatchdog({
      config: { watchdog: "/dev/watchdog", deadtime: seconds(1), ...(extension && { extension }) },
      paths,
      log: { write: (id, level) => void (id === "watchdog-awaited" && levels.push(level)) },
    });
  return { root, mark: paths.armed, levels, core, bytes: () => readFileSync(join(root, "dev/watchdog"), "latin1") };
}

test("after an orderly end nothing is waited for", async (t) => {
  const { mark, levels, core, bytes } = scene(t);
  const first = core();
  first.arm();
  assert.ok(existsSync(mark));
  first.close();
  assert.ok(!existsSync(mark));
  await core().letItReset(undefined);
  assert.deepEqual(levels, []);
  assert.equal(bytes(), "\0V");
});

test("after a death the watchdog gets its time, and a little more; then heartbeat starts", async (t) => {
  const { mark, levels, core } = scene(t);
  core().arm(); // and dies
  const told: number[] = [];
  const began = performance.now();
  await core().letItReset({ starting: (wait) => void told.push(wait) });
  assert.ok(performance.now() - began >= 3990);
  assert.deepEqual([told, levels], [[4000], ["crit", "error"]]);
  assert.ok(!existsSync(mark), "once");
});

test("a machine that is to restart is not saved by an orderly end", (t) => {
  const { mark, core, bytes } = scene(t);
  const watchdog = core();
  watchdog.arm();
  watchdog.abandon();
  watchdog.pat();
  watchdog.close();
  assert.ok(existsSync(mark));
  assert.equal(bytes(), "\0");
});

test("where the next core goes on, and where no mark can be made, it is armed all the same", (t) => {
  const adopting = scene(t, { restartAdopts: true } as MachineWatchdogParts["config"]["extension"]);
  adopting.core().arm();
  assert.ok(!existsSync(adopting.mark));
  const full = scene(t);
  mkdirSync(full.mark);
  full.core().arm();
  assert.deepEqual(full.levels, ["warn"]);
  assert.deepEqual([adopting.bytes(), full.bytes()], ["\0", "\0"]);
});
