/** The bytes that reach a watchdog device: an ordinary file takes them all and refuses the ioctl, as in transcript 15. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { milliseconds, seconds } from "../../src/base/units.ts";
import { Watchdog, watchdogSeconds } from "../../src/drivers/watchdog.ts";

function device(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-watchdog-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "watchdog");
  writeFileSync(path, "");
  const lines: string[] = [];
  const open = (at = path) =>
    Watchdog.open(at, watchdogSeconds(seconds(10), undefined), (_id, level, text) => lines.push(`${level}: ${text}`));
  return { folder, path, lines, open, bytes: () => readFileSync(path, "latin1") };
}

test("it is patted when opened and then when told, and stopped by the magic letter", (t) => {
  const { path, lines, open, bytes } = device(t);
  const watchdog = open();
  assert.equal(bytes(), "\0");
  watchdog?.pat();
  watchdog?.pat();
  assert.equal(bytes(), "\0\0\0");
  watchdog?.close();
  assert.equal(bytes(), "\0\0\0V");
  watchdog?.pat();
  watchdog?.close();
  assert.equal(bytes(), "\0\0\0V", "it is closed");
  assert.equal(lines[0], `notice: Using watchdog device: ${path}`);
  assert.match(lines[1] ?? "", /^error: WDIOC_SETTIMEOUT: Failed to set watchdog timer to 10 seconds\.: .*ENOTTY/);
});

test("one that is abandoned is neither patted nor stopped: the machine restarts", (t) => {
  const { open, bytes } = device(t);
  const watchdog = open();
  watchdog?.abandon();
  watchdog?.pat();
  watchdog?.close();
  assert.equal(bytes(), "\0");
});

test("a device that is not there is no reason not to run, and the log says what to do", (t) => {
  const { folder, lines, open } = device(t);
  assert.equal(open(join(folder, "none")), undefined);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^error: Cannot open watchdog device: .*none: it does not exist .*modprobe softdog/);
});

test("its time is what ha4.cf says, else the dead time in whole seconds at most", () => {
  assert.equal(watchdogSeconds(seconds(10), undefined), 10);
  assert.equal(watchdogSeconds(milliseconds(3900), undefined), 3, "a machine is reset before it is taken over");
  assert.equal(watchdogSeconds(milliseconds(500), undefined), 1, "the device counts no less");
  assert.equal(watchdogSeconds(seconds(10), seconds(7)), 7);
});
