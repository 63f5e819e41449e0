import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { coreArguments } from "../../src/daemon/launch.ts";
import { pathsBelow } from "../../src/daemon/paths.ts";
import { findRunning, isCoreCommand } from "../../src/daemon/running.ts";

test("a core is known by the command line it was launched with, its root included", () => {
  for (const root of ["", "/tmp/owl"]) {
    const command = ["heartbeat", ...coreArguments({ root, debug: 2, realtime: false, managesResources: false }), ""];
    assert.equal(isCoreCommand(command, root), true);
    assert.equal(isCoreCommand(command, "/tmp/fox"), false);
    assert.equal(isCoreCommand(command, root === "" ? "/tmp/owl" : ""), false);
  }
  assert.equal(isCoreCommand(["node", "/opt/bin/heartbeat", "-f", ""], ""), false, "the launcher is no core");
});

test("a pid file names a running heartbeat only if the process is one", (t) => {
  const root = mkdtempSync(join(tmpdir(), "hb-running-"));
  t.after(() => rmSync(root, { recursive: true }));
  const paths = pathsBelow(root);
  assert.deepEqual(findRunning(paths), { is: "stopped" });
  mkdirSync(dirname(paths.pidFile));
  for (const text of [`${process.pid}\n`, "       999999999\n", "rubbish\n", "", "-1\n"]) {
    writeFileSync(paths.pidFile, text);
    assert.deepEqual(findRunning(paths), { is: "dead" }, JSON.stringify(text)); // this test's process is no heartbeat
  }
  rmSync(paths.pidFile);
  mkdirSync(paths.pidFile);
  assert.equal(findRunning(paths).is, "unknown");
});
