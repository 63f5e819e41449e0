import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { run } from "../../src/cli/status.ts";
import { openControlSocket } from "../../src/daemon/control-socket.ts";
import { pathsBelow } from "../../src/daemon/paths.ts";
import { viewOf } from "../support/client-cluster.ts";
import { runProgram } from "../support/run-program.ts";

const status = (...args: string[]) => runProgram({ run }, args);

/** A root with a control socket that tells `told`. */
async function withRoot(told: unknown, use: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "hb-status-"));
  const { control, runDirectory } = pathsBelow(root);
  mkdirSync(runDirectory, { recursive: true });
  const socket = openControlSocket(
    control,
    { view: () => told, record: () => "", obey: () => assert.fail() },
    assert.fail,
  );
  try {
    await use(root);
  } finally {
    socket.close();
    rmSync(root, { recursive: true });
  }
}

test("a running heartbeat is shown as text or as JSON, exit code 0", () =>
  withRoot(viewOf("node-a"), async (root) => {
    const text = await status("--root", root);
    assert.equal(text.code, 0);
    assert.match(text.out, /^node-a: active, holds local\n/);
    const json = await status("--json", "--root", root);
    assert.deepEqual({ code: json.code, view: JSON.parse(json.out) }, { code: 0, view: viewOf("node-a") });
  }));

test("no heartbeat: exit code 3", async () => {
  assert.deepEqual(await status("--root", "/nonexistent"), {
    code: 3,
    out: "",
    err: "heartbeat status: heartbeat is not running\n",
  });
  const json = await status("--json", "--root", "/nonexistent");
  assert.deepEqual([json.code, JSON.parse(json.out)], [3, { running: false }]);
});

test("a pid file that outlived its daemon: exit code 1, as of heartbeat -s", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "hb-status-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "run"));
  writeFileSync(pathsBelow(root).pidFile, "         1\n");
  assert.equal((await status("--root", root)).code, 1);
});

test("an answer of another kind: exit code 4", () =>
  withRoot({ surprise: true }, async (root) => {
    const { code, err } = await status("--root", root);
    assert.equal(code, 4);
    assert.match(err, /makes no sense/);
  }));

test("wrong arguments: exit code 2", async () => {
  const { code, err } = await status("--jsn");
  assert.equal(code, 2);
  assert.match(err, /^heartbeat status: unknown option --jsn; see heartbeat status --help\n$/);
});
