import assert from "node:assert/strict";
import test from "node:test";
import type { NodeView, View } from "../../src/core/view.ts";
import { statusText } from "../../src/observe/status-text.ts";

const fox: NodeView = {
  name: "fox",
  type: "normal",
  status: "active",
  version: "4.0.0",
  heardAgo: 0,
  deadtime: 500,
  holds: "all",
  stable: true,
  links: [{ medium: "eth1", status: "up" }],
};
const owl: NodeView = {
  name: "owl",
  type: "normal",
  status: "dead",
  heardAgo: 61_234,
  deadtime: 500,
  holds: "none",
  stable: false,
  links: [
    { medium: "eth1", status: "dead" },
    { medium: "eth2", status: "up" },
  ],
};
const elk: NodeView = { ...owl, name: "elk", status: "active", heardAgo: 20 };
const router: NodeView = {
  ...elk,
  name: "10.0.0.1",
  type: "ping",
  status: "ping",
  stable: true,
  heardAgo: 90,
  links: [{ medium: "10.0.0.1", status: "up" }],
};
const view: View = {
  node: "fox",
  version: "4.0.0",
  status: "active",
  generation: 7,
  managesResources: true,
  phase: "stable",
  holds: "all",
  resourceStatus: "all",
  stopping: false,
  maintenance: false,
  keepalive: 100,
  deadtime: 1500,
  nodes: [fox, owl, elk, router],
  groups: [
    {
      key: "10.0.0.10/24",
      owner: "owl",
      holder: "fox",
      state: "running",
      because: "owl is dead",
      resources: [
        { text: "10.0.0.10/24", state: "running" },
        { text: "web", state: "running" },
      ],
    },
    {
      key: "db",
      owner: "fox",
      state: "failed",
      because: "db start exited with 1",
      resources: [{ text: "db", state: "failed" }],
    },
  ],
  conflicts: [],
  events: [
    { at: 60, text: "forgotten" },
    { at: 61, text: "node owl is dead", because: "nothing was heard for 0.5 s" },
    { at: 62, text: "stable" },
  ],
  children: [],
  counters: { "bad-signature": 3, malformed: 0 },
};
const options = { colour: false, time: (seconds: number) => `+${seconds}`, events: 2 };

test("everything that a person asks first, in columns", () => {
  assert.deepEqual(statusText(view, options), [
    "fox: active, holds all",
    "heartbeat 4.0.0, generation 7, keepalive 100 ms, deadtime 1.5 s",
    "",
    "node        status  holds    heard       version   links",
    "fox (this)  active  all      -           4.0.0     eth1 up",
    "owl         dead    none...  61.2 s ago  -         eth1 dead, eth2 up",
    "elk         active  none...  20 ms ago   original  eth1 dead, eth2 up",
    "10.0.0.1    ping    -        90 ms ago   -         10.0.0.1 up",
    "",
    "group         owner  holder  here     because                 resources",
    "10.0.0.10/24  owl    fox     running  owl is dead             10.0.0.10/24 running, web running",
    "db            fox    nobody  failed   db start exited with 1  db failed",
    "",
    "time  event",
    "+61   node owl is dead (because nothing was heard for 0.5 s)",
    "+62   stable",
    "",
    "thrown away    messages",
    "bad-signature  3",
  ]);
});

test("sections without content are left out, and a node on its way says so", () => {
  const quiet: View = {
    ...view,
    nodes: [],
    groups: [],
    conflicts: [],
    events: [],
    children: [],
    counters: {},
    stopping: true,
    resourceStatus: "transition",
  };
  assert.deepEqual(statusText(quiet, options), [
    "fox: active, holds transition, stopping",
    "heartbeat 4.0.0, generation 7, keepalive 100 ms, deadtime 1.5 s",
  ]);
});

test("colours change nothing but the colour", () => {
  const coloured = statusText(view, { ...options, colour: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is looked at
  const bare = coloured.map((line) => line.replaceAll(/\x1b\[\d+m/g, ""));
  assert.deepEqual(bare, statusText(view, options));
  assert.ok(coloured.some((line) => line.includes("\x1b[31mdead\x1b[0m")));
});
