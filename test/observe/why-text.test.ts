/** The chain of reasons for a group. */
import assert from "node:assert/strict";
import test from "node:test";
import type { View } from "../../src/core/view.ts";
import { whyText } from "../../src/observe/why-text.ts";
import { viewOf } from "../support/client-cluster.ts";

const base = viewOf("node-a");
const view: View = {
  ...base,
  maintenance: true,
  groups: [
    {
      key: "10.0.0.10",
      owner: "node-b",
      holder: "node-a",
      state: "running",
      because: "node-b is dead",
      failedOn: ["node-b"],
      resources: [
        { text: "10.0.0.10", state: "running" },
        { text: "web", state: "failed" },
      ],
    },
    { key: "db", owner: "node-a", state: "stopped", because: "nothing is known yet", resources: [] },
  ],
  events: [
    { at: 1, text: "an old tale of a printer" },
    { at: 2, text: "node node-b: is dead", because: "nothing was heard for 5.0 s" },
    { at: 3, text: "acquire 10.0.0.10", because: "node-b is dead" },
  ],
};
const options = { time: (seconds: number) => `t${seconds}`, events: 10 };

test("what is, why, what stands in the way, and how it came about", () => {
  const lines = whyText(view, "web", options) ?? [];
  assert.deepEqual(
    lines.filter((line) => !/holding|holder/.test(line)),
    [
      "10.0.0.10 is on node-a",
      "  because node-b is dead",
      "  on node-a it is running",
      "  it did not start on node-b: heartbeat cleanup lets that node try again",
      "  web has failed",
      "  nothing moves while maintenance is on",
      "  t2 node node-b: is dead (because nothing was heard for 5.0 s)",
      "  t3 acquire 10.0.0.10 (because node-b is dead)",
    ],
  );
  assert.ok(lines.some((line) => line.startsWith("  it belongs to node-b, ")));
});

test("all groups, a group on no node, a name that is none", () => {
  assert.ok(whyText(view, undefined, options)?.includes("db is on no node"));
  assert.equal(whyText(view, "nonsense", options), undefined);
  assert.deepEqual(whyText({ ...view, groups: [] }, undefined, options), [
    "node-a knows of no groups: haresources is empty",
  ]);
});
