/**
 * Two hundred clients and three mad ones at a live daemon: the sane are answered, the mad put out, no heartbeat is late, and the daemon's
 * memory does not grow with what it is asked. Measured on the other node, as the cluster sees it.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { listen } from "../support/lab/listener.ts";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const keepalive = 100;

/** In kilobytes; see `test/support/crowd.ts`. */
interface Memory {
  readonly pss: number;
  readonly anonymous: number;
}

interface Crowd {
  readonly answers: number;
  readonly mads: readonly string[];
  readonly early: Memory;
  readonly late: Memory;
}

for (const requestsEach of rows([100, 500], (each) => each === 100))
  test(`a crowd of clients does not disturb the cluster: ${200 * requestsEach} requests`, async (t) => {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haCf: ["realtime on", `keepalive ${keepalive}ms`],
    });
    await lab.start();
    await lab.until("both are active", async () => {
      return (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    });
    const { realTime, heard } = await listen(lab, { on: "owl", to: "fox", keepalive });
    const began = performance.now();
    const crowd = ["node", `${checkout}/dist/test/support/crowd.js`, `${requestsEach}`];
    const { code, stdout, stderr } = await lab.exec("fox", crowd, 150);
    const took = Math.round(performance.now() - began);
    assert.equal(code, 0, stderr);
    const { answers, mads, early, late }: Crowd = JSON.parse(stdout);
    assert.deepEqual({ answers, mads }, { answers: 200 * requestsEach, mads: ["put out", "put out"] });
    const { heartbeats, worst } = await heard();
    t.diagnostic(`${answers} requests in ${took} ms; ${heartbeats} heartbeats, the worst ${worst} ms late`);
    const told = ({ pss, anonymous }: Memory): string => `${pss} kB, ${anonymous} of them its own`;
    t.diagnostic(`PSS after a tenth ${told(early)}; at the end ${told(late)}; growth ${late.pss - early.pss} kB`);
    assert.ok(heartbeats >= (took / keepalive) * 0.5, `heartbeats were heard: ${heartbeats}`);
    // Figures are for a quiet machine, which the long run may ask for; a tenth of the short one is still the start, when the heap finds its size.
    if (requestsEach > 100) {
      if (realTime) assert.ok(worst < 20, `the worst heartbeat was ${worst} ms late`);
      for (const part of ["pss", "anonymous"] as const)
        assert.ok(late[part] - early[part] < 5 * 1024, `${part} grew from ${early[part]} to ${late[part]} kB`);
    }
    assert.equal(await lab.sees("owl", "fox"), "active");
    for (const node of ["fox", "owl"])
      assert.doesNotMatch(lab.log(node), /is dead|Late heartbeat|Heartbeat shutdown/i, node);
  });
