import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fence } from "../../src/cli/fence.ts";
import { openControlSocket } from "../../src/daemon/control-socket.ts";
import { pathsBelow } from "../../src/daemon/paths.ts";

function rootWith(t: TestContext, lines: string): string {
  const root = mkdtempSync(join(tmpdir(), "hb-fence-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const { configuration, runDirectory } = pathsBelow(root);
  mkdirSync(configuration, { recursive: true });
  mkdirSync(runDirectory, { recursive: true });
  const name = hostname().toLowerCase();
  const haCf = `logfacility local0\nauto_failback on\nbcast lo\nnode ${name} owl\n${lines}\n`;
  for (const [file, text] of [
    ["ha.cf", haCf],
    ["authkeys", "auth 1\n1 sha1 x\n"],
    ["haresources", "\n"],
  ] as const)
    writeFileSync(join(configuration, file), text, { mode: 0o600 });
  return root;
}

async function run(...args: string[]) {
  let out = "";
  let err = "";
  const code = await fence.run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: false,
    calledAs: "heartbeat",
  });
  return { code, out, err };
}

test("the devices are listed without their parameters", async (t) => {
  const root = rootWith(t, "stonith_host * external/ipmi owl s3cret");
  const { code, out } = await run("--root", root, "--json", "list");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), [
    { name: "external/ipmi", kind: "glue", type: "external/ipmi", nodes: "all", timeout: 60_000 },
  ]);
  assert.match((await run("--root", rootWith(t, ""), "list")).out, /no fencing device/);
});

test("where there is no device to test, or one that fails, the exit code is 1", async (t) => {
  assert.equal((await run("--root", rootWith(t, ""), "test")).code, 1);
  const root = rootWith(t, "stonith_host * external/nosuchdevice owl s3cret");
  const { code, out } = await run("--root", root, "test", "owl");
  assert.equal(code, 1);
  assert.match(out, /^external\/nosuchdevice {2}FAILED/);
  assert.doesNotMatch(out, /s3cret/);
});

test("the operator's word goes to the daemon, and its answer comes back", async (t) => {
  const root = rootWith(t, "");
  const orders: unknown[] = [];
  const socket = openControlSocket(
    pathsBelow(root).control,
    {
      record: () => "",
      view: () => assert.fail(),
      obey: (order) => {
        orders.push(order);
        return { ok: orders.length === 1, says: "so it is" };
      },
    },
    assert.fail,
  );
  t.after(() => socket.close());
  assert.deepEqual(await run("--root", root, "confirm", "owl"), { code: 0, out: "so it is\n", err: "" });
  assert.deepEqual(orders, [{ do: "fence-confirm", node: "owl" }]);
  assert.deepEqual(await run("--root", root, "confirm", "owl"), {
    code: 1,
    out: "",
    err: "heartbeat fence: so it is\n",
  });
});

test("wrong words are told, exit code 2", async (t) => {
  const root = rootWith(t, "");
  for (const words of [[], ["reset", "owl"], ["confirm"], ["list", "owl"], ["test", "elk"]])
    assert.equal((await run("--root", root, ...words)).code, 2, words.join(" "));
});
