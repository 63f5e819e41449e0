/**
 * Whoever holds the key may say anything at any time: nothing of it may stop a node or make it do unbounded work.
 *
 * A live node with the real codec is fed signed messages of every kind with absurd values, damaged datagrams, answers to
 * its own orders, time and a stop, in any order.
 */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { generation, instant, mediumName, nodeName } from "../../src/base/units.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input } from "../../src/core/input.ts";
import { retransmitsPerRequestMax } from "../../src/core/limits.ts";
import { Node } from "../../src/core/node.ts";
import { configure } from "../../src/sim/cluster.ts";
import { sealDatagram } from "../../src/wire/framing.ts";
import { text } from "../../src/wire/message.ts";
import { damaged } from "../support/arbitrary.ts";

/** Each refused retransmission is a message and may be a line; everything else is a handful. */
const effectsMax = 2 * retransmitsPerRequestMax + 100;

const nodes = ["fox", "owl"];
const config = configure(
  {
    nodes: nodes.map((name, i) => ({ name, groups: [[`10.0.${i}.1`, `${name}-web`]] })),
    keepalive: 1000,
    deadtime: 5000,
    initdead: 5000,
    autoFailback: "on",
  },
  nodeName("fox"),
);

const types = [
  ..."status NS_st NS_ackmsg NS_rexmit NS_nak_rexmit reqnodes repnodes addnode delnode setweight setsite".split(" "),
  ..."starting resource ask_resources hb_takeover shutdone stonith ip-request ip-request-resp".split(" "),
  ..."query-cstatus respond-cstatus hbapi-clstat ifstat T_APIREQ odd".split(" "),
];
const number = fc.constantFrom(
  "0",
  "1",
  "2",
  "3",
  "64",
  "ff",
  "1f4",
  "1fffffffffffff",
  "ffffffffffffff",
  "-1",
  "x",
  "",
);
const name = fc.constantFrom("fox", "owl", "elk", "cow", "", "x".repeat(300));
const term = fc.constantFrom("0", "1", "7", "999999999999999", "9".repeat(16));
const successor = fc.oneof(
  fc.constantFrom(
    "",
    "1",
    "2 4",
    "1 4 ready=1",
    "1 4 ready=1 leave=1",
    "1 4 hold=,:,a: grant=/:,/ claim=:",
    "x".repeat(5000),
  ),
  fc
    .tuple(
      fc.subarray(["ready=1", "leave=1"]),
      fc.array(fc.tuple(fc.constantFrom("hold", "claim"), name, term), { maxLength: 4 }),
      name,
      name,
    )
    .map(
      ([flags, entries, to, share]) =>
        `1 4 ${flags.join(" ")} ${entries.map(([word, owner, n]) => `${word}=${owner}:${n}`).join(" ")} grant=${to}/${share}:1 yield=${share}`,
    ),
);
const fields: Record<string, fc.Arbitrary<string>> = {
  src: fc.constantFrom(...Array<string>(12).fill("owl"), "fox", "cow"),
  seq: number,
  hg: fc.constantFrom(...Array<string>(30).fill("1"), "2", "3", "0", "x", "1fffffffffffff"),
  ts: fc.constantFrom("1", "5f000000", "0", "x"),
  dest: name,
  st: fc.constantFrom("init", "up", "active", "dead", "ping", "join", "", "odd"),
  dt: number,
  hb4: successor,
  rsc_hold: fc.constantFrom("none", "local", "foreign", "all", "failback", "odd"),
  rtype: fc.constantFrom("full", "odd"),
  isstable: fc.constantFrom("0", "1", "2"),
  info: fc.constantFrom("me", "other", "done", "standby", "standby-failed", "shutdown", "mach_down", "odd"),
  firstseq: number,
  lastseq: number,
  ackseq: number,
  node: name,
  nodelist: fc.constantFrom("", " ", "fox owl elk ", "cow", "a ".repeat(200)),
  ipaddr: name,
};

/** A number that goes on from the last one keeps the talk alive; an absurd one is tried now and then. */
const words = fc
  .tuple(
    fc.constantFrom(...types, "status", "status", "ask_resources", "ask_resources", "resource"),
    fc.record(fields, { requiredKeys: ["src", "ts", "hg"] }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([type, { seq, ...values }, absurd]) => ({ t: type, ...values, ...(absurd === 0 ? { seq: seq ?? "" } : {}) }));

type Words = Readonly<Record<string, string | undefined>>;

function sealed(fields: Words, seq: number): Uint8Array {
  const message = Object.entries({ seq: seq.toString(16), ...fields }).map(([name, value]) => text(name, value ?? ""));
  const bytes = sealDatagram(message, config.keys, "classic");
  assert.ok(bytes.ok);
  return bytes.value;
}

const held = { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" };

/** How the cluster stands when the hostile talk begins. */
const beginnings: readonly (readonly Words[])[] = [
  [],
  [{ t: "status", st: "up" }, { t: "status", st: "active" }, { t: "repnodes", dest: "fox" }, { t: "starting" }],
  [
    { t: "status", st: "active" },
    { t: "repnodes", dest: "fox" },
    { t: "resource", rsc_hold: "all", rtype: "full", isstable: "1" },
  ],
  [
    { t: "status", st: "active" },
    { t: "repnodes", dest: "fox" },
    { t: "resource", rsc_hold: "all", rtype: "full", isstable: "1" },
    { t: "ask_resources", rsc_hold: "foreign", info: "me" },
  ],
  [
    { t: "status", st: "active", hb4: "1 4 ready=1 hold=owl:1" },
    { t: "repnodes", dest: "fox" },
    { t: "status", st: "active", hb4: "1 4 ready=1 hold=owl:1 grant=fox/fox:1" },
  ],
].map((story) => story.map((each) => ({ ...each, src: "owl", ts: "1", hg: "1" })));

type Action =
  | { readonly act: "words"; readonly words: Words }
  | { readonly act: "noise"; readonly bytes: Uint8Array }
  | { readonly act: "wait"; readonly time: number }
  | { readonly act: "answer"; readonly code: number }
  | { readonly act: "stop" }
  | { readonly act: "control"; readonly text: string };

const controls = ["t=ask_resources\nrsc_hold=all\ninfo=me", "t=hb_takeover", "t=shutdone", "t=status", "x"];
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ act: fc.constant("words" as const), words }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("noise" as const), bytes: damaged(words, (each) => sealed(each, 9)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant("wait" as const), time: fc.constantFrom(10, 10, 900, 900, 6000, 20_000) }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constant("answer" as const), code: fc.constantFrom(0, 0, 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant("control" as const),
      text: fc.constantFrom(...controls).map((body) => `>>>\n${body}\n<<<\n`),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: "stop" as const }) },
);

function live(beginning: readonly Words[], actions: readonly Action[]): void {
  const node = new Node({
    config,
    identity: { uuid: new Uint8Array(16).fill(7), generation: generation(3) },
    seed: 1,
    pid: 1,
    version: "4",
  });
  const orders: Extract<Effect, { do: "run-agent" | "address" }>[] = [];
  let now = 0;
  let seq = 0;
  const feed = (input: Input): void => {
    const effects = node.step(input, { instant: instant(now), wallSeconds: 1_700_000_000, load: "n/a" });
    assert.ok(effects.length <= effectsMax, `${effects.length} effects of one step (${input.on})`);
    for (const effect of effects) if (effect.do === "run-agent" || effect.do === "address") orders.push(effect);
    node.view({ instant: instant(now), wallSeconds: 1_700_000_000, load: "n/a" });
  };
  const wait = (time: number): void => {
    const end = now + time;
    for (let turns = 0; ; turns++) {
      const next = node.nextDeadline();
      if (next === undefined || next > end) break;
      assert.ok(turns < 10_000, "the same deadlines are due again and again");
      now = Math.max(now, next);
      feed({ on: "deadline" });
    }
    now = end;
  };
  const hear = (bytes: Uint8Array): void => feed({ on: "datagram", medium: mediumName("eth0"), bytes });
  feed({ on: "start" });
  for (const each of beginning) hear(sealed(each, ++seq));
  for (const each of actions) {
    switch (each.act) {
      case "words":
        hear(sealed(each.words, ++seq));
        break;
      case "noise":
        hear(each.bytes);
        break;
      case "wait":
        wait(each.time);
        break;
      case "control":
        feed({ on: "control-message", bytes: Buffer.from(each.text, "latin1") });
        break;
      case "stop":
        feed({ on: "stop" });
        break;
      case "answer": {
        const order = orders.shift();
        if (order?.do === "run-agent")
          feed({
            on: "agent-finished",
            operation: order.operation,
            outcome: { result: "exited", code: each.code, output: "" },
          });
        else if (order?.do === "address")
          feed({
            on: "address-finished",
            operation: order.operation,
            outcome:
              each.code !== 0
                ? { result: "failed", says: "no" }
                : order.action === "remove"
                  ? { result: "absent" }
                  : { result: "present", address: held },
          });
      }
    }
  }
}

test("nothing that is signed, in any phase, makes a node throw or work without bound", () =>
  fc.assert(fc.property(fc.constantFrom(...beginnings), fc.array(action, { minLength: 40, maxLength: 60 }), live), {
    numRuns: 600,
  }));

test("a hopeless gap, an endless range and a term beyond counting are survived", () => {
  const say = (words: Words): Action => ({ act: "words", words: { src: "owl", ts: "1", hg: "1", ...words } });
  live(
    [],
    [
      say({ t: "status", st: "active", hb4: "1 4 ready=1 hold=fox:999999999999999" }),
      { act: "wait", time: 20_000 },
      say({ t: "status", seq: "1fffffffffffff", st: "active" }),
      say({ t: "NS_rexmit", firstseq: "0", lastseq: "9007199254740991" }),
      say({ t: "NS_nak_rexmit", firstseq: "1fffffffffffff" }),
    ],
  );
});
