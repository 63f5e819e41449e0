import assert from "node:assert/strict";
import { test } from "node:test";
import { generation, instant, nodeName } from "../../src/base/units.ts";
import { Node } from "../../src/core/node.ts";
import { configure } from "../../src/sim/cluster.ts";

const fox = nodeName("fox");
const sketch = {
  nodes: [
    { name: "fox", groups: [] },
    { name: "owl", groups: [] },
  ],
  keepalive: 1000,
  deadtime: 5000,
  initdead: 10_000,
  autoFailback: "on",
} as const;
const node = (watchdog: string | undefined): Node =>
  new Node({
    config: { ...configure(sketch, fox), ...(watchdog === undefined ? {} : { watchdog }) },
    identity: { uuid: new Uint8Array(16), generation: generation(1) },
    seed: 1,
    version: "4",
    pid: 1,
  });
const now = (at: number) => ({ instant: instant(at), wallSeconds: 0, load: "n/a" });

test("the watchdog is patted once for each heartbeat, as the last thing of a step", () => {
  const brain = node("/dev/watchdog");
  brain.step({ on: "start" }, now(0));
  assert.ok(!brain.step({ on: "deadline" }, now(999)).some((effect) => effect.do === "pat-watchdog"));
  for (const at of [1000, 2000, 3000]) {
    const effects = brain.step({ on: "deadline" }, now(at));
    assert.equal(effects.filter((effect) => effect.do === "pat-watchdog").length, 1);
    assert.equal(effects.at(-1)?.do, "pat-watchdog");
  }
  assert.ok(!brain.step({ on: "debug-level", level: 0 }, now(3001)).some((effect) => effect.do === "pat-watchdog"));
});

test("without a watchdog there is nothing to pat", () => {
  const brain = node(undefined);
  brain.step({ on: "start" }, now(0));
  assert.ok(!brain.step({ on: "deadline" }, now(1000)).some((effect) => effect.do === "pat-watchdog"));
});
