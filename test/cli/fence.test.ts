import assert from "node:assert/strict";
import { test } from "node:test";
import { fence } from "../../src/cli/fence.ts";
import { openControlSocket } from "../../src/daemon/control-socket.ts";
import { pathsBelow } from "../../src/daemon/paths.ts";
import { configuredRoot } from "../support/configured-root.ts";
import { runProgram } from "../support/run-program.ts";

const run = (...args: string[]) => runProgram(fence, args);

test("the devices are listed without their parameters", async (t) => {
  const root = configuredRoot(t, "stonith_host * external/ipmi owl s3cret");
  const { code, out } = await run("--root", root, "--json", "list");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), [
    { name: "external/ipmi", kind: "glue", type: "external/ipmi", nodes: "all", timeout: 60_000 },
  ]);
  assert.match((await run("--root", configuredRoot(t, ""), "list")).out, /no fencing device/);
});

test("where there is no device to test, or one that fails, the exit code is 1", async (t) => {
  assert.equal((await run("--root", configuredRoot(t, ""), "test")).code, 1);
  const root = configuredRoot(t, "stonith_host * external/nosuchdevice owl s3cret");
  const { code, out } = await run("--root", root, "test", "owl");
  assert.equal(code, 1);
  assert.match(out, /^external\/nosuchdevice {2}FAILED/);
  assert.doesNotMatch(out, /s3cret/);
});

test("the operator's word goes to the daemon, and its answer comes back", async (t) => {
  const root = configuredRoot(t, "");
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
  const root = configuredRoot(t, "");
  for (const words of [[], ["reset", "owl"], ["confirm"], ["list", "owl"], ["test", "elk"]])
    assert.equal((await run("--root", root, ...words)).code, 2, words.join(" "));
});
