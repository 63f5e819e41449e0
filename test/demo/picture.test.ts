import assert from "node:assert/strict";
import test from "node:test";
import type { View } from "../../src/core/view.ts";
import { newEvents, picture } from "../../src/demo/picture.ts";

const event = (at: number, text = `event ${at}`) => ({ at, text });

test("new events are those after the last one that was known", () => {
  assert.deepEqual(newEvents([], [event(1), event(2)]), [event(1), event(2)]);
  assert.deepEqual(newEvents([event(1), event(2)], [event(1), event(2)]), []);
  assert.deepEqual(newEvents([event(1), event(2)], [event(2), event(3), event(4)]), [event(3), event(4)]);
  assert.deepEqual(newEvents([event(1, "a")], [event(1, "a"), event(1, "b")]), [event(1, "b")]);
});

test("a node that started again has a history of its own", () => {
  assert.deepEqual(newEvents([event(1), event(2)], [event(7), event(8)]), [event(7), event(8)]);
});

const view: View = {
  node: "test4",
  version: "4.0.0",
  status: "active",
  generation: 1,
  managesResources: true,
  phase: "stable",
  holds: "all",
  resourceStatus: "all",
  stopping: false,
  maintenance: false,
  keepalive: 100,
  deadtime: 500,
  nodes: [
    {
      name: "test3",
      type: "normal",
      status: "dead",
      deadtime: 500,
      holds: "none",
      stable: true,
      links: [{ medium: "eth0", status: "dead" }],
    },
    { name: "test4", type: "normal", status: "active", deadtime: 500, holds: "all", stable: true, links: [] },
  ],
  groups: [
    {
      key: "10.77.0.100",
      owner: "test3",
      holder: "test4",
      state: "running",
      because: "test3 is dead",
      resources: [
        { text: "IPaddr::10.77.0.100/24/eth0", state: "running" },
        { text: "http", state: "running" },
      ],
    },
  ],
  conflicts: [],
  events: [],
  children: [],
  counters: {},
};

test("the picture shows nodes, links, who holds what and why, the client and the last events", () => {
  const lines = picture(
    [
      { name: "test3", on: false, view: undefined },
      { name: "test4", on: true, view },
    ],
    { address: "test4", service: "" },
    [{ node: "test4", at: 12, text: "node test3: is dead.", because: "nothing was heard for 0.5 s" }],
  );
  const time = new Date(12_000).toTimeString().slice(0, 8); // local, as a clock on the wall
  assert.deepEqual(lines, [
    "",
    "test3  no power",
    "test4  active, holds all; sees test3 dead (eth0 dead)",
    "  10.77.0.100  running because test3 is dead: IPaddr::10.77.0.100/24/eth0 running, http running",
    "client address answered by test4, page served by nobody",
    "",
    "last events",
    `  ${time}  test4: node test3: is dead because nothing was heard for 0.5 s`,
  ]);
});
