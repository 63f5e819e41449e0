/** Two hundred clients and three mad ones at a live daemon: the sane are answered, the mad put out, and no heartbeat is late. */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

test("a crowd of clients does not disturb the cluster", async (t) => {
  await using lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" } });
  await lab.start();
  await lab.until("both are active", async () => {
    return (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
  });
  const began = performance.now();
  const { code, stdout, stderr } = await lab.exec("fox", ["node", `${checkout}/dist/test/support/crowd.js`], 60);
  t.diagnostic(`20,000 requests in ${Math.round(performance.now() - began)} ms`);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { answers: 20_000, mads: ["put out", "put out"] });
  assert.equal(await lab.sees("owl", "fox"), "active");
  for (const node of ["fox", "owl"])
    assert.doesNotMatch(lab.log(node), /is dead|Late heartbeat|Heartbeat shutdown/i, node);
});
