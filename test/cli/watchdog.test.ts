/** Which watchdogs there are, and what is no watchdog. A real one is tried in test/vm. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { watchdog } from "../../src/cli/watchdog.ts";
import { configuredRoot } from "../support/configured-root.ts";
import { runProgram } from "../support/run-program.ts";

function machineWith(root: string, devices: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  for (const [name, files] of Object.entries(devices)) {
    const folder = join(root, "sys/class/watchdog", name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), `${text}\n`);
  }
}

const run = (...args: string[]) => runProgram(watchdog, args);

test("the devices are listed by number, and the one of ha.cf is marked", async (t) => {
  const root = configuredRoot(t, "watchdog /dev/watchdog");
  machineWith(root, {
    watchdog10: { identity: "iTCO_wdt", state: "inactive", timeout: "30", nowayout: "1" },
    watchdog0: { identity: "Software Watchdog", state: "active", timeout: "10", nowayout: "0" },
    "not-one": {},
  });
  const { code, out } = await run("list", "--root", root);
  assert.equal(code, 0);
  assert.equal(
    out,
    "* /dev/watchdog0  Software Watchdog  running  10 s\n" +
      "  /dev/watchdog10  iTCO_wdt  idle  30 s  cannot be stopped (nowayout)\n",
  );
  const [first] = JSON.parse((await run("list", "--json", "--root", root)).out);
  assert.deepEqual(first, {
    device: "/dev/watchdog0",
    identity: "Software Watchdog",
    active: true,
    timeout: 10,
    noWayOut: false,
    configured: true,
  });
});

test("a machine without one is told how to get one", async (t) => {
  assert.match((await run("list", "--root", configuredRoot(t, ""))).out, /no watchdog: .*modprobe softdog/);
});

test("what is no watchdog is left as it was, and said", async (t) => {
  const root = configuredRoot(t, "");
  const file = join(root, "watchdog");
  writeFileSync(file, "");
  const { code, err } = await run("test", file, "--root", root);
  assert.equal(code, 1);
  assert.match(err, /it is no watchdog: .*ENOTTY/);
  assert.doesNotMatch(readFileSync(file, "latin1"), /\0/, "nothing was patted");
  const none = await run("test", join(root, "none"), "--root", root);
  assert.equal(none.code, 1);
  assert.match(none.err, /it does not exist \(load the driver/);
});

test("nothing is restarted where nobody can be asked", async (t) => {
  const root = configuredRoot(t, "");
  const { code, err } = await run("test", join(root, "none"), "--reset", "--root", root);
  assert.equal(code, 1);
  assert.match(err, /nothing was done; --yes restarts without asking/);
});

test("wrong words are told", async (t) => {
  const root = configuredRoot(t, "");
  for (const args of [[], ["arm"], ["list", "/dev/watchdog"], ["test", "a", "b"], ["list", "--reset"]])
    assert.equal((await run(...args, "--root", root)).code, 2, args.join(" "));
  assert.match((await run("test", "--root", root)).err, /ha\.cf has no watchdog line: name a DEVICE/);
});
