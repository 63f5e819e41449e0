/** What a whole node makes of messages about nodes: weights, sites, lists that differ, new identities. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, type NodeName, nodeName } from "../../src/base/units.ts";
import type { Effect } from "../../src/core/effect.ts";
import { Node } from "../../src/core/node.ts";
import { Outbox } from "../../src/core/outbox.ts";
import { configure } from "../../src/sim/cluster.ts";
import * as compose from "../../src/wire/compose.ts";
import { type Message, text } from "../../src/wire/message.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const sketch = {
  nodes: [
    { name: "fox", groups: [] },
    { name: "owl", groups: [] },
  ],
  keepalive: 1000,
  deadtime: 5000,
  initdead: 9000,
  autoFailback: "on",
} as const;
const now = { instant: instant(1000), wallSeconds: 1_700_000_000, load: "n/a" };
const uuid = new Uint8Array(16).fill(1);

/** fox, started, and a way to tell it something in a node's name. */
function started() {
  const config = configure(sketch, fox);
  const identity = { uuid: new Uint8Array(16).fill(9), generation: generation(1) };
  const node = new Node({ config, identity, seed: 1, version: "4-test", pid: 1 });
  node.step({ on: "start" }, now);
  const senders = new Map<string, Outbox>();
  const hear = (body: Message, from: NodeName = owl, id = uuid): string[] => {
    const key = `${from} ${id[0]}`;
    const known = senders.get(key);
    const its = { ...config, localNode: from };
    const sender = known ?? new Outbox(its, { uuid: id, generation: generation(5 + senders.size) }, () => undefined);
    senders.set(key, sender);
    const posted = sender.post(body, now);
    assert.ok(posted.ok);
    return logged(node.step({ on: "datagram", medium: mediumName("eth0"), bytes: posted.value.bytes }, now));
  };
  hear(compose.status({ status: "up", deadtime: config.deadtime }));
  return { node, hear };
}

const logged = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.do === "log" ? [`${effect.level}: ${effect.text}`] : []));

test("weight and site reach the view; a node that does not exist is told", () => {
  const { node, hear } = started();
  hear([text("t", "setweight"), text("node", "owl"), text("weight", "30")]);
  hear([text("t", "setsite"), text("node", "fox"), text("site", "north")]);
  const [first, second] = node.view(now).nodes;
  assert.deepEqual([first?.site, first?.weight, second?.site, second?.weight], ["north", undefined, undefined, 30]);
  assert.deepEqual(hear([text("t", "setsite"), text("node", "elk"), text("site", "x")]), [
    "warn: site x of elk: there is no such node",
  ]);
});

test("nodes are neither added nor deleted, and the log says so", () => {
  const { node, hear } = started();
  assert.match(hear([text("t", "addnode"), text("nodelist", "elk ")]).join("\n"), /warn: addnode elk: not done/);
  assert.match(hear([text("t", "delnode"), text("nodelist", "owl ")]).join("\n"), /warn: delnode owl: not done/);
  assert.equal(node.view(now).nodes.length, 2);
});

test("a node list that differs from ours is compared in the log, the same one is not", () => {
  const { hear } = started();
  assert.doesNotMatch(hear(compose.nodesReply(fox, [fox, owl], [])).join("\n"), /not ours/);
  assert.match(
    hear(compose.nodesReply(fox, [owl, nodeName("elk")], [])).join("\n"),
    /error: The nodes of owl are not ours \(only there: elk, only here: fox\): compare ha.cf/,
  );
});

test("a known name with a new uuid is adopted, a known uuid with a new name is refused with a hint", () => {
  const { node, hear } = started();
  const fresh = new Uint8Array(16).fill(2);
  const said = hear(compose.status({ status: "up", deadtime: configure(sketch, fox).deadtime }), owl, fresh);
  assert.match(said.join("\n"), /node owl changed its uuid to 02020202-/);
  assert.match(node.view(now).nodes[1]?.uuid ?? "", /^0202/);
  hear([text("t", "chatter")], nodeName("elk"), fresh); // told with the next line of its kind, a second later
  const renamed = logged(node.step({ on: "deadline" }, { ...now, instant: instant(2000) }));
  assert.match(renamed.join("\n"), /bad node \[elk\] in message: it has the uuid of owl, was it renamed\?/);
});
