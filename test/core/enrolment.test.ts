/** Nodes that come and go where nothing manages resources: what a whole node makes of strangers, orders and lists, and what it keeps. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, type NodeName, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import { hostcacheText } from "../../src/config/hostcache.ts";
import type { Effect } from "../../src/core/effect.ts";
import { type Hosts, noHosts } from "../../src/core/enrolment.ts";
import { Node } from "../../src/core/node.ts";
import { Outbox } from "../../src/core/outbox.ts";
import { configure } from "../../src/sim/cluster.ts";
import * as compose from "../../src/wire/compose.ts";
import { decodePlain } from "../../src/wire/framing.ts";
import { nodesMax } from "../../src/wire/limits.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";

const [fox, owl, elk, gnu] = ["fox", "owl", "elk", "gnu"].map(nodeName) as [NodeName, NodeName, NodeName, NodeName];
const uuidOf = (digit: number): Uint8Array => new Uint8Array(16).fill(digit);
const line = (name: string, digit: number, weight = 100, site = ""): string => {
  const two = `0${digit}`;
  return `${name}\t${[4, 2, 2, 2, 6].map((n) => two.repeat(n)).join("-")}\t${weight}\t${site}\n`;
};

interface Given {
  readonly declared?: readonly string[];
  readonly autojoin?: ClusterConfig["autojoin"];
  readonly managesResources?: boolean;
  readonly hosts?: Hosts;
}

/** fox with its own uuid 9, started at 0; what it says, logs and keeps. */
class Play {
  readonly node: Node;
  readonly log: string[] = [];
  readonly said: Message[] = [];
  readonly kept: { readonly known: string; readonly deleted: string }[] = [];
  readonly #config: ClusterConfig;
  readonly #senders = new Map<string, Outbox>();
  #at = 0;

  constructor({ declared = ["fox"], autojoin = "other", managesResources = false, hosts = noHosts }: Given) {
    const nodes = declared.map((name) => ({ name, groups: [] }));
    const sketch = { nodes, keepalive: 1000, deadtime: 5000, initdead: 9000, autoFailback: "on" } as const;
    this.#config = { ...configure(sketch, fox), autojoin, managesResources };
    const identity = { uuid: uuidOf(9), generation: generation(1) };
    this.node = new Node({ config: this.#config, identity, seed: 1, version: "4-test", pid: 1, hosts });
    this.#take(this.node.step({ on: "start" }, this.#now()));
  }

  hear(from: NodeName, digit: number, body: Message, incarnation = 5): void {
    const key = `${from} ${digit} ${incarnation}`;
    const its = { ...this.#config, localNode: from };
    const identity = { uuid: uuidOf(digit), generation: generation(incarnation) };
    const sender = this.#senders.get(key) ?? new Outbox(its, identity, () => undefined);
    this.#senders.set(key, sender);
    const posted = sender.post(body, this.#now());
    assert.ok(posted.ok);
    const { bytes } = posted.value;
    this.#take(this.node.step({ on: "datagram", medium: mediumName("eth0"), bytes }, this.#now()));
  }

  beat(from: NodeName, digit: number, status = "active", incarnation = 5): void {
    this.hear(from, digit, compose.status({ status, deadtime: this.#config.deadtime }), incarnation);
  }

  order(type: "addnode" | "delnode", ...names: readonly string[]): void {
    const bytes = Buffer.from(`>>>\nt=${type}\nnodelist=${names.join(" ")}\n<<<\n`);
    this.#take(this.node.step({ on: "control-message", bytes }, this.#now()));
  }

  /** Lets time pass; those who are named beat with it. */
  wait(duration: number, ...beating: readonly (readonly [NodeName, number])[]): void {
    for (const end = this.#at + duration; this.#at < end; ) {
      this.#at = Math.min(end, this.#at + 1000);
      for (const [name, digit] of beating) this.beat(name, digit);
      this.#take(this.node.step({ on: "deadline" }, this.#now()));
    }
  }

  get nodes(): string[] {
    return this.node.view(this.#now()).nodes.map(({ name, status }) => `${name} ${status}`);
  }

  view(name: string) {
    return this.node.view(this.#now()).nodes.find((node) => node.name === name);
  }

  #now() {
    return { instant: instant(this.#at), wallSeconds: 1_700_000_000 + Math.floor(this.#at / 1000), load: "n/a" };
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === "log") this.log.push(`${effect.level}: ${effect.text}`);
      if (effect.do === "keep-hosts")
        this.kept.push({ known: hostcacheText(effect.known), deleted: hostcacheText(effect.deleted) });
      if (effect.do === "transmit") {
        const message = decodePlain(effect.bytes);
        if (message.ok) this.said.push(message.value);
      }
    }
  }

  types(): (string | undefined)[] {
    return [...new Set(this.said.map((message) => stringOf(message, "t")))];
  }
}

/** owl has joined, and communication is up. */
function joined(given: Given = {}): Play {
  const play = new Play(given);
  play.beat(owl, 1);
  play.wait(10_000, [owl, 1]);
  play.hear(owl, 1, compose.nodesReply(fox, [owl, fox], []));
  return play;
}

test("a stranger with the right key is added, by its first message, and kept when communication is up", () => {
  const play = new Play({});
  play.beat(owl, 1, "up");
  assert.deepEqual(play.nodes, ["fox up", "owl init"]);
  assert.ok(play.log.includes("info: process_clustermsg: Adding new node [owl] to configuration."));
  play.beat(owl, 1, "up");
  assert.deepEqual(play.nodes, ["fox up", "owl up"]);
  play.wait(8000, [owl, 1]);
  assert.equal(play.nodes[0], "fox up", "others may still turn up");
  assert.ok(!play.types().includes("reqnodes"));
  play.wait(1000, [owl, 1]);
  play.hear(owl, 1, compose.nodesReply(fox, [owl, fox], []));
  assert.deepEqual(play.nodes, ["fox active", "owl active"]);
  assert.deepEqual(play.kept.at(-1), { known: line("fox", 9) + line("owl", 1), deleted: "" });
});

test("with autojoin none, and with haresources, a stranger stays one", () => {
  for (const given of [{ autojoin: "none" }, { managesResources: true }] as const) {
    const play = new Play(given);
    play.beat(owl, 1);
    assert.deepEqual(play.nodes.length, 1);
    assert.match(play.log.join("\n"), /bad node \[owl\] in message/);
  }
});

test("a node that never turns up does not hold the start up, and nothing of resources is ever said", () => {
  const play = joined();
  play.wait(3000, [owl, 1]);
  assert.deepEqual(play.types().sort(), ["NS_ackmsg", "reqnodes", "status"]);
  assert.equal(play.node.view({ instant: instant(0), wallSeconds: 0, load: "" }).managesResources, false);
});

test("addnode: known at once, dead after its dead time; what is no name, and what is too much, is not added", () => {
  const play = joined();
  play.order("addnode", "Elk", "owl", "\x07", "x".repeat(100));
  assert.deepEqual(play.nodes, ["fox active", "owl active", "elk init"]);
  assert.match(play.log.join("\n"), /hb_add_one_node: Adding new node\[elk\] to configuration/);
  assert.match(play.log.join("\n"), /\\x07\] cannot be the name of a node/);
  assert.equal(play.kept.at(-1)?.known, line("fox", 9) + line("owl", 1) + line("elk", 0));
  play.wait(5000, [owl, 1]);
  assert.deepEqual(play.nodes.at(-1), "elk dead");
  play.order("addnode", ...Array.from({ length: 120 }, (_, i) => `n${i}`));
  assert.equal(play.nodes.length, 100);
  assert.match(play.log.join("\n"), /n97 not added: there are 100 nodes already/);
  play.beat(gnu, 4);
  assert.equal(play.view("gnu"), undefined);
});

test("of an endless list of nodes no more is looked at than a cluster can have", () => {
  const play = joined();
  const before = play.log.length;
  const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`).join(" ");
  play.hear(owl, 1, [text("t", "addnode"), text("nodelist", names)]);
  assert.equal(play.nodes.length, nodesMax);
  assert.ok(play.log.length - before <= nodesMax, `${play.log.length - before} lines`);
});

test("delnode: refused unless the node is dead and all others are there; then it is gone and remembered", () => {
  const play = joined();
  play.order("addnode", "elk", "gnu");
  play.order("delnode", "owl");
  play.order("delnode", "hen");
  play.wait(6000, [owl, 1]);
  play.order("delnode", "elk");
  play.order("delnode", "fox");
  assert.equal(play.nodes.length, 4);
  const log = play.log.join("\n");
  assert.match(log, /warn: deletion failed: node owl is not dead/);
  assert.match(log, /warn: deletion failed: node hen is not in the configuration/);
  assert.match(log, /error: delnode: deletion failed. We don't have all required nodes alive \(gnu is dead\)/);
  assert.match(log, /warn: deletion failed: node fox is not dead/);
  play.order("delnode", "elk", "gnu");
  assert.deepEqual(play.nodes, ["fox active", "owl active"]);
  assert.deepEqual(play.kept.at(-1)?.deleted, line("elk", 0) + line("gnu", 0));
  play.hear(owl, 1, compose.nodesRequest(fox));
  const reply = play.said.findLast((message) => stringOf(message, "t") === "repnodes");
  assert.deepEqual(
    [reply && stringOf(reply, "nodelist"), reply && stringOf(reply, "delnodelist")],
    ["fox owl ", "elk gnu "],
  );
  play.beat(elk, 3);
  assert.deepEqual(play.nodes, ["fox active", "owl active", "elk init"], "who speaks has come back");
  assert.deepEqual(play.kept.at(-1)?.deleted, line("gnu", 0));
});

test("the list of the node that was asked is taken over at the start, and never again", () => {
  const play = new Play({ declared: ["fox", "owl", "elk"] });
  play.wait(9000, [owl, 1]);
  assert.deepEqual(play.nodes, ["fox up", "owl active", "elk dead"]);
  play.hear(owl, 1, compose.nodesReply(fox, [owl, fox, gnu], [elk]));
  assert.deepEqual(play.nodes, ["fox active", "owl active", "gnu init"]);
  assert.deepEqual(play.kept.at(-1)?.deleted, line("elk", 0, 0));
  play.hear(owl, 1, compose.nodesReply(fox, [owl, fox, gnu, elk], []));
  assert.equal(play.nodes.length, 3, "nobody asked (quirk 121)");
});

test("who lives is not removed because a list does not have it", () => {
  const play = new Play({ declared: ["fox", "owl", "elk"] });
  play.wait(9000, [owl, 1], [elk, 3]);
  play.hear(owl, 1, compose.nodesReply(fox, [owl, fox], []));
  assert.deepEqual(play.nodes, ["fox active", "owl active", "elk active"]);
  assert.match(play.log.join("\n"), /error: remove_node: node elk is active. Cannot remove alive node/);
});

test("whoever was asked is removed or renamed while it is asked: the start goes on", () => {
  const play = new Play({ declared: ["fox", "owl"] });
  play.wait(9000, [owl, 1]);
  play.beat(gnu, 1, "up", 6); // owl under its new name
  assert.deepEqual(play.nodes, ["fox up", "gnu up"]);
  play.hear(gnu, 1, compose.nodesReply(fox, [gnu, fox], []), 6);
  assert.deepEqual(play.nodes, ["fox active", "gnu up"]);
});

test("a known uuid under a new name renames the node: its place in the table, weight and site stay; its old name is a stranger", () => {
  const play = joined({ declared: ["fox", "owl", "elk"] });
  play.hear(owl, 1, [text("t", "setweight"), text("node", "owl"), text("weight", "30")]);
  play.hear(owl, 1, [text("t", "setsite"), text("node", "owl"), text("site", "north")]);
  play.wait(6000);
  play.beat(gnu, 1, "up", 6);
  assert.deepEqual(play.nodes.slice(0, 2), ["fox active", "gnu up"]);
  assert.match(play.log.join("\n"), /warn: nodename owl uuid changed to gnu/);
  assert.match(play.log.join("\n"), /Heartbeat restart on node gnu/);
  assert.equal(play.kept.at(-1)?.known.split("\n")[1], line("gnu", 1, 30, "north").trimEnd());
  play.beat(owl, 1, "active", 5); // its former process, late, or somebody who recorded it
  assert.deepEqual(play.nodes, ["fox active", "gnu up"]);
});

test("a node with our own uuid is a copy of us, and stays outside", () => {
  const play = new Play({});
  play.beat(owl, 9);
  assert.equal(play.nodes.length, 1);
  assert.match(play.log.join("\n"), /bad node \[owl\] in message: it has our own uuid/);
});

test("weights and sites are kept, and a uuid as soon as it is known", () => {
  const play = joined({ declared: ["fox", "owl"] });
  play.hear(owl, 1, [text("t", "setsite"), text("node", "fox"), text("site", "a\tb\nc")]);
  assert.equal(play.kept.at(-1)?.known, line("fox", 9, 100, "a b c") + line("owl", 1));
  const before = play.kept.length;
  play.beat(owl, 1);
  assert.equal(play.kept.length, before, "nothing new, nothing written");
  play.beat(owl, 2, "up", 6);
  assert.equal(play.kept.at(-1)?.known, line("fox", 9, 100, "a b c") + line("owl", 2));
});

test("what was kept is there at the next start: nodes, uuids, places; who was deleted is not, unless it is us", () => {
  const entry = (name: NodeName, digit: number, weight = 100, site = "") => ({
    name,
    uuid: uuidOf(digit),
    weight,
    site,
  });
  const hosts = {
    known: [entry(fox, 9, 7), entry(owl, 1, 30, "north"), entry(nodeName("old-name"), 9), entry(gnu, 4)],
    deleted: [entry(elk, 3), entry(gnu, 4), entry(fox, 9)],
  };
  const play = new Play({ declared: ["fox", "elk"], hosts });
  assert.deepEqual(play.nodes, ["fox up", "owl init"]);
  assert.deepEqual([play.view("fox")?.weight, play.view("owl")?.weight, play.view("owl")?.site], [7, 30, "north"]);
  assert.equal(play.view("owl")?.uuid, "01".repeat(16));
  const fixed = new Play({ declared: ["fox", "elk"], hosts, autojoin: "none" });
  assert.deepEqual(fixed.nodes, ["fox up", "elk init"]);
});

test("clients are told of a join by its status, and of a deletion", () => {
  const play = joined();
  play.order("addnode", "elk");
  assert.deepEqual(play.types().includes("delnode"), false);
  play.wait(6000, [owl, 1]);
  play.order("delnode", "elk");
  assert.equal(play.said.filter((message) => stringOf(message, "t") === "delnode").length, 1, "the order itself");
});
