import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, milliseconds, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input, Now } from "../../src/core/input.ts";
import { Node } from "../../src/core/node.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { stringOf } from "../../src/wire/message.ts";
import { configOf } from "../support/client-cluster.ts";

const router = mediumName("Router");
const changes: Partial<ClusterConfig> = {
  nodes: [nodeName("node-a")],
  nodeTable: [nodeName("router"), nodeName("node-a"), nodeName("gates")],
  media: [
    { kind: "bcast", name: mediumName("eth0"), device: "eth0", port: 694 },
    { kind: "ping", name: router, host: "10.0.0.1" },
    { kind: "ping_group", name: mediumName("gates"), hosts: ["10.0.0.2", "10.0.0.3"] },
  ],
  deadping: milliseconds(3000),
  initdead: milliseconds(8000),
};
const config = configOf("node-a", changes);

/** One node alone with two ping nodes. */
class Play {
  readonly node = new Node({
    config,
    identity: { uuid: new Uint8Array(16).fill(7), generation: generation(5) },
    seed: 1,
    pid: 100,
    version: "4.0.0",
  });
  #at = 0;

  feed(input: Input): readonly Effect[] {
    return this.node.step(input, this.now);
  }

  /** Feeds deadlines up to then; what came of them. */
  runTo(at: number): Effect[] {
    const out: Effect[] = [];
    for (;;) {
      const next = this.node.nextDeadline();
      if (next === undefined || next > at) break;
      this.#at = Math.max(this.#at, next);
      out.push(...this.feed({ on: "deadline" }));
    }
    this.#at = at;
    return out;
  }

  get now(): Now {
    return { instant: instant(this.#at), wallSeconds: 1000, load: "n/a" };
  }

  seen(name: string) {
    const found = this.node.view(this.now).nodes.find((node) => node.name === name);
    assert.ok(found);
    return found;
  }
}

const logged = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.do === "log" && effect.level !== "debug" ? [effect.text] : []));
const pings = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.do === "ping" ? [[effect.medium, effect.bytes] as const] : []));
const echo = (effects: readonly Effect[], medium: string): Input => {
  const bytes = pings(effects).find(([name]) => name === medium)?.[1];
  assert.ok(bytes, `nobody asked ${medium}`);
  return { on: "datagram", medium: mediumName(medium), bytes };
};

test("with each status every ping medium is asked for its node's words, signed for either framing", () => {
  const play = new Play();
  const effects = play.feed({ on: "start" });
  const statuses = effects.filter((effect) => effect.do === "transmit").length;
  assert.deepEqual(
    pings(effects).map(([medium]) => medium),
    Array.from({ length: statuses }, () => ["Router", "gates"]).flat(),
  );
  const [first] = pings(effects);
  assert.ok(first);
  const opened = openDatagram(first[1], config.keys);
  assert.ok(opened.ok);
  assert.deepEqual(
    opened.value.map(({ name }) => name),
    ["t", "st", "info", "src", "ts", "auth"],
  );
  assert.deepEqual(
    ["t", "st", "info", "src", "ts"].map((name) => stringOf(opened.value, name)),
    ["NS_st", "ping", "ping", "router", "3e8"],
  );
});

test("ping nodes are waited for at the start; their deaths are told, and move nothing", () => {
  const play = new Play();
  const started = play.feed({ on: "start" });
  assert.equal(play.node.view(play.now).status, "up", "one has not answered yet");
  assert.deepEqual(
    play.node.view(play.now).nodes.map(({ name, type, status }) => [name, type, status]),
    [
      ["router", "ping", "init"],
      ["node-a", "normal", "up"],
      ["gates", "ping", "init"],
    ],
  );
  assert.deepEqual(logged(play.feed(echo(started, "Router"))), [
    "Link router:Router up.",
    "Status update for node router: status ping",
  ]);
  assert.deepEqual(play.seen("router").links, [{ medium: "Router", status: "up" }]);

  // The router goes on answering; the group never does, and is given up after initdead.
  let before = "";
  for (let at = 500; at <= 8000; at += 500) {
    const effects = play.runTo(at);
    before = logged(effects).join("\n");
    const asked = pings(effects).some(([medium]) => medium === "Router");
    if (asked) play.feed(echo(effects, "Router"));
  }
  assert.match(before, /^node gates: is dead/);
  assert.match(before, /Comm_now_up/);
  const view = play.node.view(play.now);
  assert.deepEqual([view.status, play.seen("gates").status, play.seen("router").status], ["active", "dead", "ping"]);

  const death = play.runTo(11_500);
  assert.deepEqual(
    logged(death).filter((line) => /router/i.test(line)),
    ["node router: is dead (silent for 3000 ms)", "Link router:Router dead."],
  );
  assert.deepEqual(
    death.filter((effect) => !["transmit", "ping", "log", "beat", "keep"].includes(effect.do)),
    [],
    "nothing else happens",
  );
  assert.equal(play.seen("router").links[0]?.status, "dead");
  assert.deepEqual(logged(play.feed(echo(death, "Router"))), [
    "Link router:Router up.",
    "Status update for node router: status ping",
  ]);
});

test("an answer counts on the medium that asked, from its own node, in its own kind", () => {
  const play = new Play();
  const started = play.feed({ on: "start" });
  const answer = echo(started, "Router");
  assert.ok(answer.on === "datagram");
  play.feed({ ...answer, medium: mediumName("eth0") });
  play.feed({ ...answer, medium: mediumName("gates") });
  const forged = sealDatagram(
    [
      { type: "string", name: "t", value: "NS_st" },
      { type: "string", name: "st", value: "ping" },
      { type: "string", name: "info", value: "ping" },
      { type: "string", name: "src", value: "router" },
      { type: "string", name: "ts", value: "1" },
    ],
    { active: 1, entries: new Map([[1, { method: "sha1", text: "another" }]]) },
    "classic",
  );
  assert.ok(forged.ok);
  play.feed({ ...answer, bytes: forged.value });
  assert.equal(play.seen("router").status, "init");
  assert.deepEqual(play.node.view(play.now).counters, { "ping-elsewhere": 2, "bad-signature": 1 });
});
