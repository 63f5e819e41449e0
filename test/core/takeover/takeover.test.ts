import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { instant, milliseconds, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput, TakeoverOutput } from "../../../src/core/takeover/language.ts";
import type { SuccessorState } from "../../../src/core/takeover/successor.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import type { UnitId } from "../../../src/core/takeover/units.ts";

/** In a cluster without groups the empty share of each node is called like the node. */
const name = (text: string) => text as NodeName & UnitId;
const fox = name("fox");
const owl = name("owl");
const elk = name("elk");

/** Ping nodes that answer the node under test. */
let pings = 0;

const machine = (self = fox, nodes = [fox, owl], autoFailback = true): Takeover =>
  new Takeover({ self, nodes, autoFailback, version: "4", pings: () => pings });

const state = (part: Partial<SuccessorState> = {}): SuccessorState => ({
  version: "4",
  ready: true,
  leaving: false,
  holds: new Map(),
  claims: new Map(),
  starting: new Set(),
  gives: new Map(),
  wants: [],
  failed: new Map(),
  cleaned: new Map(),
  maintenance: { count: 0, on: false },
  grants: [],
  stalled: false,
  dead: new Set(),
  pings: 0,
  ...part,
});

/** What a step did, as short words: `acquire fox`, `say resource local 1`. */
function feed(takeover: Takeover, input: TakeoverInput, at = 0): string[] {
  return takeover.step(input, instant(at)).flatMap(word);
}

function word(output: TakeoverOutput): string[] {
  switch (output.is) {
    case "acquire":
    case "release":
    case "reannounce":
      return [`${output.is} ${output.unit}`];
    case "say": {
      const { say, ...rest } = output.message;
      return [["say", say, ...Object.values(rest)].join(" ")];
    }
    case "left":
      return ["left"];
    default:
      return [];
  }
}

type StatusInput = Extract<TakeoverInput, { on: "peer-status" }>;
let lastSeq = 0;
const next = () => seq(++lastSeq);
const successor = (node = owl, part: Partial<SuccessorState> = {}): StatusInput => ({
  on: "peer-status",
  node,
  seq: next(),
  active: true,
  state: state(part),
});
const original = (node = owl): TakeoverInput => ({
  on: "peer-status",
  node,
  seq: next(),
  active: true,
  state: undefined,
});
const report = (held: "none" | "local" | "foreign" | "all", stable: boolean, info?: string): TakeoverInput => ({
  on: "resource",
  from: owl,
  seq: next(),
  held,
  full: true,
  stable,
  info,
});

describe("a pair of successors", () => {
  test("a node alone takes everything in the step in which communication comes up", () => {
    const node = machine();
    feed(node, { on: "peer-dead", node: owl });
    assert.deepEqual(
      feed(node, { on: "comm-up" }).filter((each) => each.startsWith("acquire")),
      ["acquire fox", "acquire owl"],
    );
  });

  test("at a common start each waits for the other's consent, and only for its own share", () => {
    const node = machine();
    feed(node, successor(owl, { ready: false }));
    feed(node, { on: "comm-up" });
    assert.equal(node.unit(owl).holder, undefined);
    const asked = machine();
    feed(asked, successor());
    feed(asked, { on: "comm-up" });
    assert.deepEqual([...asked.state().claims], [[fox, 1]]);
    const granted = feed(asked, successor(owl, { grants: [{ to: fox, unit: fox, term: 1 }] }));
    assert.deepEqual(
      granted.filter((each) => each.startsWith("acquire")),
      ["acquire fox"],
    );
  });

  test("a claim is granted unless the share is held here or wanted by someone nearer to its owner", () => {
    const node = machine();
    feed(node, successor());
    feed(node, { on: "comm-up" });
    feed(node, successor(owl, { claims: new Map([[owl, 3]]) }));
    assert.deepEqual(node.state().grants, [{ to: owl, unit: owl, term: 3 }]);
    feed(node, successor(owl, { claims: new Map([[fox, 3]]) })); // we claim our own share ourselves
    assert.deepEqual(node.state().grants, []);
  });

  test("death of the peer: its share is acquired in the same step", () => {
    const node = settled();
    const outputs = feed(node, { on: "peer-dead", node: owl }, 100);
    assert.ok(outputs.includes("acquire owl"), outputs.join("; "));
  });

  test("a peer that said goodbye is succeeded without a word about fencing", () => {
    const node = settled();
    feed(node, successor(owl, { leaving: true, holds: new Map([[owl, 1]]) }));
    assert.equal(node.word, "local");
    const outputs = feed(node, { on: "shutdown-done", from: owl, seq: next() });
    assert.ok(outputs.includes("acquire owl"), "it says so only when nothing runs there any more");
  });

  test("two holders after a split: the later term yields, the earlier keeps and says so to the network", () => {
    const later = settled();
    feed(later, { on: "peer-dead", node: owl });
    feed(later, { on: "unit-up", unit: owl, ok: true });
    const outputs = feed(later, { ...successor(owl, { holds: new Map([[owl, 1]]) }), anew: "returned" });
    assert.ok(outputs.includes("release owl"), outputs.join("; "));

    const earlier = settled();
    feed(earlier, { on: "peer-dead", node: owl });
    const kept = feed(earlier, {
      ...successor(owl, {
        holds: new Map([
          [owl, 1],
          [fox, 2],
        ]),
      }),
      anew: "returned",
    });
    assert.ok(kept.includes("reannounce fox"), kept.join("; "));
    assert.ok(!kept.includes("release fox"), kept.join("; "));
  });

  test("who reaches fewer ping nodes gives way, whatever the terms say", () => {
    for (const [ours, outcome] of [
      [1, "release fox"],
      [3, "kept"],
    ] as const) {
      const node = settled();
      feed(node, { on: "peer-dead", node: owl });
      pings = ours;
      const outputs = feed(node, { ...successor(owl, { holds: new Map([[fox, 2]]), pings: 2 }), anew: "returned" });
      assert.equal(outputs.includes("release fox") ? "release fox" : "kept", outcome);
    }
    pings = 0;
  });

  test("a node that slept gives everything up in its first turn and says so; the other one keeps", () => {
    const node = settled();
    const outputs = feed(node, { on: "overslept", silence: milliseconds(9000) });
    assert.ok(outputs.includes("release fox"), outputs.join("; "));
    assert.equal(node.state().stalled, true);
    feed(node, { on: "unit-down", unit: fox, clean: true });
    assert.equal(node.state().stalled, false);

    const awake = settled();
    feed(awake, { on: "peer-dead", node: owl });
    feed(awake, { on: "unit-up", unit: owl, ok: true });
    const slept = { ...successor(owl, { holds: new Map([[owl, 1]]), stalled: true }), anew: "returned" } as const;
    assert.ok(!feed(awake, slept).includes("release owl"), "although owl held it before");
    assert.ok(feed(awake, successor(owl)).includes("reannounce owl"), "the other one has let go");
  });

  test("a node that slept alone has lost nothing", () => {
    const node = settled();
    feed(node, { on: "peer-dead", node: owl });
    assert.ok(!feed(node, { on: "overslept", silence: milliseconds(9000) }).some((word) => word.startsWith("release")));
  });

  test("an owner that is back is given its share by name, and asked nothing", () => {
    const node = settled();
    feed(node, { on: "peer-dead", node: owl });
    feed(node, { on: "unit-up", unit: owl, ok: true });
    assert.deepEqual(feed(node, { ...successor(), anew: "restarted" }), ["release owl"]);
    assert.deepEqual([...node.state().gives], [[owl, owl]]);
    assert.deepEqual(feed(node, { on: "unit-down", unit: owl, clean: true }), ["say resource local true"]);
    feed(node, successor(owl, { claims: new Map([[owl, 3]]) }));
    assert.deepEqual(node.state().grants, [{ to: owl, unit: owl, term: 3 }]);
    feed(node, successor(owl, { holds: new Map([[owl, 3]]) }));
    assert.equal(node.state().gives.size, 0);
  });

  /** fox holds its share, owl its own, both settled. */
  function settled(): Takeover {
    const node = machine();
    feed(node, successor());
    feed(node, { on: "comm-up" });
    feed(node, successor(owl, { grants: [{ to: fox, unit: fox, term: 1 }], holds: new Map([[owl, 1]]) }));
    feed(node, { on: "unit-up", unit: fox, ok: true });
    assert.equal(node.word, "local");
    assert.equal(node.settled, true);
    return node;
  }
});

describe("beside an original", () => {
  const beside = (): Takeover => {
    const node = machine();
    feed(node, original());
    feed(node, { on: "comm-up" });
    return node;
  };

  test("its `starting` is answered with a report", () => {
    assert.deepEqual(feed(beside(), { on: "starting", from: owl }), ["say resource none false"]);
  });

  test("both start: our share is taken when the other is stable without it", () => {
    const node = beside();
    assert.deepEqual(feed(node, report("none", false)), []);
    const outputs = feed(node, report("local", true));
    assert.ok(outputs.includes("acquire fox"), outputs.join("; "));
  });

  test("both start and the other stays silent about it: ten seconds, then we take ours", () => {
    const node = beside();
    feed(node, report("none", false), 1000);
    assert.equal(node.nextDeadline(), 11_000);
    assert.ok(feed(node, { on: "deadline" }, 11_000).includes("acquire fox"));
  });

  test("it holds everything: we take nothing and wait for its failback", () => {
    const node = beside();
    const outputs = feed(node, report("all", true));
    assert.equal(node.phase, "stable");
    assert.ok(!outputs.includes("acquire fox"));
    assert.deepEqual(feed(node, { on: "ask-resources", from: owl, seq: next(), set: "foreign", info: "me" }), [
      "say ask-resources foreign other",
    ]);
    feed(node, report("local", false, "standby"));
    assert.deepEqual(feed(node, { on: "ask-resources", from: owl, seq: next(), set: "foreign", info: "done" }), [
      "acquire fox",
    ]);
    assert.deepEqual(feed(node, { on: "unit-up", unit: fox, ok: true }), [
      "say ask-resources foreign done",
      "say resource local true",
    ]);
  });

  test("its announced shutdown changes nothing before `shutdone`", () => {
    const node = beside();
    feed(node, report("local", true));
    feed(node, { on: "unit-up", unit: fox, ok: true });
    assert.deepEqual(feed(node, report("none", false, "shutdown")), []);
    assert.ok(feed(node, { on: "shutdown-done", from: owl, seq: next() }).includes("acquire owl"));
  });

  test("we slept: it restarts itself, we keep ours and announce it again when it has let go", () => {
    const node = beside();
    feed(node, report("local", true));
    feed(node, { on: "unit-up", unit: fox, ok: true });
    assert.deepEqual(feed(node, { on: "overslept", silence: milliseconds(9000) }), []);
    assert.ok(!feed(node, report("all", true)).some((word) => word.startsWith("release")));
    assert.ok(feed(node, report("local", true)).includes("reannounce fox"));
  });

  test("its death makes us take its share at once", () => {
    const node = beside();
    feed(node, report("local", true));
    feed(node, { on: "unit-up", unit: fox, ok: true });
    const outputs = feed(node, { on: "peer-dead", node: owl });
    assert.ok(outputs.includes("acquire owl"));
    assert.ok(outputs.includes("say stonith owl n_stnth"));
  });
});

describe("three successors", () => {
  const nodes = [fox, owl, elk];

  test("a dead node's share goes to the next in node order, after the third has consented", () => {
    const node = machine(owl, nodes);
    feed(node, successor(fox, { holds: new Map([[fox, 1]]) }));
    feed(node, successor(elk, { holds: new Map([[elk, 1]]) }));
    feed(node, { on: "comm-up" });
    feed(node, successor(fox, { holds: new Map([[fox, 1]]), grants: [{ to: owl, unit: owl, term: 2 }] }));
    feed(node, successor(elk, { holds: new Map([[elk, 1]]), grants: [{ to: owl, unit: owl, term: 2 }] }));
    feed(node, { on: "unit-up", unit: owl, ok: true });
    feed(node, { on: "peer-dead", node: fox });
    assert.deepEqual([...node.state().claims], [[fox, 3]]);
    const outputs = feed(
      node,
      successor(elk, { holds: new Map([[elk, 1]]), grants: [{ to: owl, unit: fox, term: 3 }] }),
    );
    assert.ok(outputs.includes("acquire fox"), outputs.join("; "));
  });

  test("the last in order leaves it to the others", () => {
    const node = machine(elk, nodes);
    feed(node, successor(fox, { holds: new Map([[fox, 1]]) }));
    feed(node, successor(owl, { holds: new Map([[owl, 1]]) }));
    feed(node, { on: "comm-up" });
    feed(node, { on: "peer-dead", node: fox });
    assert.deepEqual([...node.state().claims.keys()], [elk]);
  });
});

describe("an orderly stop", () => {
  test("everything is released before the goodbye", () => {
    const node = machine();
    feed(node, { on: "peer-dead", node: owl });
    feed(node, { on: "comm-up" });
    feed(node, { on: "unit-up", unit: fox, ok: true });
    feed(node, { on: "unit-up", unit: owl, ok: true });
    assert.deepEqual(feed(node, { on: "stop" }), ["release fox", "release owl", "say resource none false shutdown"]);
    assert.deepEqual(feed(node, { on: "unit-down", unit: fox, clean: true }), []);
    assert.deepEqual(feed(node, { on: "unit-down", unit: owl, clean: true }), ["say shutdown-done", "left"]);
  });

  test("what would not stop is not said to be gone: the node stays and tries again, until all is down", () => {
    const node = machine();
    feed(node, { on: "peer-dead", node: owl });
    feed(node, { on: "comm-up" });
    feed(node, { on: "stop" });
    feed(node, { on: "unit-down", unit: fox, clean: false });
    assert.deepEqual(feed(node, { on: "unit-down", unit: owl, clean: true }, 1000), []);
    assert.deepEqual(feed(node, { on: "deadline" }, 30_999), []);
    assert.deepEqual(feed(node, { on: "deadline" }, 31_000), ["release fox"]);
    assert.deepEqual(feed(node, { on: "unit-down", unit: fox, clean: false }, 32_000), []);
    assert.deepEqual(feed(node, { on: "stop" }, 33_000), ["release fox"], "asked again: tried at once");
    assert.deepEqual(feed(node, { on: "unit-down", unit: fox, clean: true }, 34_000), ["say shutdown-done", "left"]);
    assert.equal(node.nextDeadline(), undefined);
  });
});

describe("beside an original in legacy mode", () => {
  const request = (group = "web"): TakeoverInput => ({ on: "release-request", from: owl, group, owner: owl });
  const reply = (group: string): TakeoverInput => ({ on: "release-reply", from: owl, group });
  const asking = (): Takeover =>
    new Takeover({
      self: fox,
      nodes: [fox, owl],
      autoFailback: true,
      version: "4",
      legacy: true,
      ownGroups: ["one", "two"],
    });

  test("our groups are asked for until every one is answered, then taken", () => {
    const node = asking();
    feed(node, original());
    assert.deepEqual(feed(node, { on: "comm-up" }), [
      "say starting",
      "say release-request one",
      "say release-request two",
    ]);
    assert.deepEqual(feed(node, reply("one"), 100), []);
    assert.equal(node.nextDeadline(), 2000);
    assert.deepEqual(feed(node, { on: "deadline" }, 2000), ["say release-request two"]);
    const outputs = feed(node, reply("two"), 2100);
    assert.ok(outputs.includes("acquire fox"), outputs.join("; "));
    assert.equal(node.phase, "stable");
    assert.equal(node.unit(owl).holder, owl);
    assert.equal(node.nextDeadline(), undefined);
  });

  test("a node that is not active yet would not hear the question", () => {
    const node = asking();
    feed(node, { ...original(), active: false } as TakeoverInput);
    assert.deepEqual(feed(node, { on: "comm-up" }), ["say starting"]);
    assert.ok(feed(node, original()).includes("say release-request one"));
  });

  test("what we hold is given when it is down, what we do not hold at once; then ours are taken in any mode", () => {
    for (const node of [machine(), asking()]) {
      feed(node, { on: "peer-dead", node: owl });
      feed(node, { on: "comm-up" });
      feed(node, { on: "unit-up", unit: owl, ok: true });
      feed(node, { on: "unit-up", unit: fox, ok: true });
      feed(node, original());
      assert.deepEqual(feed(node, request("web")), ["release owl"]);
      assert.deepEqual(feed(node, request("db")), []);
      assert.deepEqual(
        feed(node, { on: "unit-down", unit: owl, clean: true }).filter((each) => each.includes("release-reply")),
        ["say release-reply owl web true", "say release-reply owl db true"],
      );
      assert.equal(node.unit(owl).holder, owl);
      assert.deepEqual(feed(node, original()), []);
      assert.ok(feed(node, { on: "peer-dead", node: owl }).includes("acquire owl"));
    }
    const starting = machine();
    feed(starting, original());
    feed(starting, { on: "comm-up" });
    assert.deepEqual(feed(starting, request()), [
      "say release-reply owl web false",
      "acquire fox",
      "say resource local true",
    ]);
    assert.deepEqual(feed(starting, { on: "release-request", from: owl, group: "x", owner: undefined }), [
      "say release-reply owl x false",
    ]);
  });

  test("what would not stop is not given", () => {
    const node = machine();
    feed(node, { on: "peer-dead", node: owl });
    feed(node, { on: "comm-up" });
    feed(node, { on: "unit-up", unit: owl, ok: true });
    feed(node, original());
    feed(node, request());
    const outputs = feed(node, { on: "unit-down", unit: owl, clean: false });
    assert.deepEqual(
      outputs.filter((each) => each.includes("release-reply")),
      [],
    );
    assert.equal(node.word, "all");
  });

  test("a standby is refused, on either side", () => {
    const node = machine();
    feed(node, original());
    feed(node, { on: "comm-up" });
    feed(node, request());
    feed(node, { on: "unit-up", unit: fox, ok: true });
    assert.deepEqual(feed(node, { on: "standby-request", set: "all" }), []);
    assert.deepEqual(feed(node, { on: "ask-resources", from: owl, seq: next(), set: "all", info: "me" }), []);
    assert.equal(node.settled, true);
  });

  test("an original that reports is not in legacy mode, whatever we are in", () => {
    const node = asking();
    feed(node, original());
    feed(node, { on: "comm-up" });
    feed(node, reply("one"));
    feed(node, report("local", true));
    feed(node, reply("two"));
    feed(node, { on: "unit-up", unit: fox, ok: true });
    assert.deepEqual(feed(node, { on: "standby-request", set: "local" }), ["say ask-resources local me"]);
  });

  test("in the other modes an original is asked when it stays mute for ten seconds", () => {
    const own = { self: fox, nodes: [fox, owl], autoFailback: true, version: "4", ownGroups: ["one"] };
    const node = new Takeover(own);
    feed(node, original());
    assert.deepEqual(feed(node, { on: "comm-up" }), ["say starting"]);
    assert.equal(node.nextDeadline(), 10_000);
    assert.deepEqual(feed(node, { on: "deadline" }, 10_000), ["say release-request one"]);
    assert.ok(feed(node, reply("one"), 10_100).includes("acquire fox"));

    const spoken = new Takeover(own);
    feed(spoken, original());
    feed(spoken, { on: "comm-up" });
    feed(spoken, { on: "starting", from: owl });
    assert.equal(spoken.nextDeadline(), undefined);
  });

  test("a node without groups of its own has nothing to ask for", () => {
    const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4", legacy: true });
    feed(node, original());
    assert.ok(feed(node, { on: "comm-up" }).includes("acquire fox"));
  });

  test("successors never ask each other", () => {
    const node = asking();
    feed(node, successor());
    assert.deepEqual(feed(node, { on: "comm-up" }), ["say starting"]);
  });
});
