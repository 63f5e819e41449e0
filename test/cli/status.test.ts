import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { run } from "../../src/cli/status.ts";
import { openControlSocket } from "../../src/daemon/control-socket.ts";
import { pathsBelow } from "../../src/daemon/paths.ts";
import { viewOf } from "../support/client-cluster.ts";

async function status(...args: string[]) {
  let out = "";
  let err = "";
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

/** A root with a control socket that tells `told`. */
async function withRoot(told: unknown, use: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "hb-status-"));
  const { control, runDirectory } = pathsBelow(root);
  mkdirSync(runDirectory, { recursive: true });
  const socket = openControlSocket(control, () => told, assert.fail);
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
  assert.deepEqual(await status("--root", "/nonexistent"), { code: 3, out: "", err: "heartbeat is not running\n" });
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
  assert.match(err, /usage: heartbeat status/);
});
