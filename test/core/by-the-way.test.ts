/** What many nodes do not say to each other: acknowledgements of their own, news for the runner with every beat, and their own words again. */
import assert from "node:assert/strict";
import test from "node:test";
import { mediumName, nodeName } from "../../src/base/units.ts";
import type { Effect } from "../../src/core/effect.ts";
import { configure } from "../../src/sim/cluster.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { parseMessage } from "../../src/wire/kinds.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";
import { OneNode } from "../support/one-node.ts";

const sketch = {
  nodes: ["fox", "owl"].map((name) => ({ name, groups: [] })),
  keepalive: 100,
  deadtime: 5000,
  initdead: 5000,
  autoFailback: "on",
} as const;
const eth0 = mediumName("eth0");
const fox = nodeName("fox");
const config = configure(sketch, fox);

const sent = (effects: readonly Effect[]): Uint8Array[] =>
  effects.flatMap((effect) => (effect.do === "transmit" ? [effect.bytes] : []));

function read(bytes: Uint8Array): Message {
  const opened = openDatagram(bytes, config.keys);
  assert.ok(opened.ok);
  return opened.value;
}

test("two of ours acknowledge in their heartbeats, and send nothing else for it", () => {
  const both = [new OneNode(config), new OneNode(configure(sketch, nodeName("owl")))];
  const types = new Map<string, number>();
  let last = 0;
  const pass = (from: OneNode, effects: readonly Effect[]): void => {
    for (const bytes of sent(effects)) {
      const message = parseMessage(read(bytes));
      assert.ok(message.ok);
      types.set(message.value.kind, (types.get(message.value.kind) ?? 0) + 1);
      if (message.value.kind === "status")
        for (const { originator, upTo } of message.value.acknowledgements) if (originator === fox) last = upTo;
      for (const to of both) if (to !== from) pass(to, to.step({ on: "datagram", medium: eth0, bytes }));
    }
  };
  for (const one of both) pass(one, one.step({ on: "start" }));
  types.clear();
  for (let now = 1; now <= 6000; now++)
    for (const one of both) {
      one.now = now;
      if ((one.node.nextDeadline() ?? now + 1) <= now) pass(one, one.step({ on: "deadline" }));
    }
  assert.equal(types.get("ack"), undefined);
  assert.ok((types.get("status") ?? 0) >= 118, `${types.get("status")} heartbeats`);
  assert.ok(last >= 40, `the last acknowledged number is ${last}`);
});

/** Numbered messages of owl; `successor`: it is one of ours. */
function acknowledgedOf(successor: string | undefined, count: number): number[] {
  const one = new OneNode(config);
  one.step({ on: "start" });
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((number) => {
    const fields = {
      t: number === 1 ? "status" : "other",
      st: "active",
      src: "owl",
      seq: number.toString(16),
      hg: "1",
      ts: "1",
      ...(successor === undefined ? {} : { hb4: successor }),
    };
    const bytes = sealDatagram(
      Object.entries(fields).map(([name, value]) => text(name, value)),
      config.keys,
      "netstring",
    );
    assert.ok(bytes.ok);
    return sent(one.step({ on: "datagram", medium: eth0, bytes: bytes.value })).flatMap((each) => {
      const message = read(each);
      return stringOf(message, "t") === "NS_ackmsg" ? [Number.parseInt(stringOf(message, "ackseq") ?? "", 16)] : [];
    });
  });
}

test("an original is acknowledged with messages, one in ten", () => {
  const numbers = acknowledgedOf(undefined, 100);
  assert.equal(numbers.length, 10);
});

test("a successor that sends faster than we beat is not kept waiting", () => {
  const numbers = acknowledgedOf("1 4 ready=1 leave=0", 100);
  assert.equal(numbers.length, 2, `${numbers}`);
  for (const [i, number] of numbers.entries()) assert.ok(number - (numbers[i - 1] ?? 0) <= 50, `${numbers}`);
});

test("an acknowledgement for our last process is no complaint", () => {
  const one = new OneNode(config);
  one.step({ on: "start" });
  const fields = { t: "status", st: "active", src: "owl", seq: "1", hg: "1", ts: "1", hb4: "1 4", hb4a: "fox:ffff" };
  const message = Object.entries(fields).map(([name, value]) => text(name, value));
  const bytes = sealDatagram(message, config.keys, "netstring");
  assert.ok(bytes.ok);
  const effects = one.step({ on: "datagram", medium: eth0, bytes: bytes.value });
  assert.ok(!effects.some((effect) => effect.do === "log" && /acknowledges/.test(effect.text)));
});

test("our own words that come back make the link up and nothing else", () => {
  const one = new OneNode(config);
  const [first] = sent(one.step({ on: "start" }));
  assert.ok(first !== undefined);
  const texts = (effects: readonly Effect[]): string[] =>
    effects.flatMap((effect) => (effect.do === "log" ? [effect.text] : []));
  const effects = one.step({ on: "datagram", medium: eth0, bytes: new Uint8Array(first) });
  assert.ok(texts(effects).some((each) => /Link fox:\S+ up/.test(each)));
  const altered = new Uint8Array(first);
  altered.set([(first[40] ?? 0) ^ 1], 40);
  assert.deepEqual(sent(one.step({ on: "datagram", medium: eth0, bytes: altered })), []);
  assert.ok(Object.values(one.node.view(one.time).counters).some((n) => n > 0));
});

test("the runner hears of heartbeats ten times in the dead time, and at once when they ask for another patience", () => {
  const one = new OneNode(config);
  let beats = one.step({ on: "start" }).filter((effect) => effect.do === "beat").length;
  assert.equal(beats, 1);
  for (one.now = 100; one.now <= 5000; one.now += 100)
    beats += one.step({ on: "deadline" }).filter((effect) => effect.do === "beat").length;
  assert.equal(beats, 11);
});
