/** Among successors every group is decided by itself: failures, hand-overs with the taker first, and what operators order. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Resource, ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, type NodeName, nodeName, seq } from "../../../src/base/units.ts";
import { successorTextMax } from "../../../src/core/limits.ts";
import type { OperatorAnswer, OperatorOrder, TakeoverInput } from "../../../src/core/takeover/language.ts";
import { encodeSuccessor, parseSuccessor } from "../../../src/core/takeover/successor.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import { type UnitId, UnitTable } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const elk = nodeName("elk");
const script = (text: string): Resource => ({ kind: "script", text, script: text, args: [] });
const address = (ip: string): Resource => ({ kind: "address", text: ip, address: { ip } });
const group = (owner: NodeName, ...resources: Resource[]): ResourceGroup => ({
  key: resources[0]?.text ?? "",
  owner,
  resources,
});
/** The group that a line is about. */
const namedIn = (text: string): string | undefined =>
  groups.find(({ key }) => new RegExp(`(^|\\s)${key.replaceAll(".", "\\.")}\\b`).test(text))?.key;
const groups = [group(fox, script("web")), group(fox, address("10.0.0.1")), group(owl, script("db"))];

/** Nodes that hear each other at once; one can be deaf, and time is what we say it is. */
class Pack {
  readonly nodes: ReadonlyMap<NodeName, Takeover>;
  readonly said: string[] = [];
  /** Starts that fail: `NODE KEY`. */
  readonly bad = new Set<string>();
  /** Starts that do not end by themselves. */
  readonly slow = new Set<string>();
  readonly #inbox: { readonly to: NodeName; readonly input: TakeoverInput }[] = [];
  #seq = 0;
  at = 0;

  constructor(names: readonly NodeName[], autoFailback = true) {
    const table = new UnitTable(names, groups);
    this.nodes = new Map(
      names.map((self) => [self, new Takeover({ self, nodes: names, groups, autoFailback, version: "4" })]),
    );
    for (const name of names) this.tell(name);
    this.settle();
    for (const name of names) this.feed(name, { on: "comm-up" });
    this.settle();
    assert.equal(table.all.length, names.length === 3 ? 4 : 3);
  }

  node(name: NodeName): Takeover {
    const node = this.nodes.get(name);
    assert.ok(node);
    return node;
  }

  unit(key: string): UnitId {
    const found = groups.find((each) => each.key === key);
    const id = found === undefined ? undefined : new UnitTable([...this.nodes.keys()], groups).idOf(found);
    assert.ok(id);
    return id;
  }

  holder(key: string, asSeenBy = fox): string | undefined {
    return this.node(asSeenBy).unit(this.unit(key)).holder;
  }

  feed(name: NodeName, input: TakeoverInput): OperatorAnswer | undefined {
    let answer: OperatorAnswer | undefined;
    for (const output of this.node(name).step(input, instant(this.at))) {
      if (output.is === "acquire" || output.is === "release") {
        const key = this.node(name).keyOf(output.unit);
        this.said.push(`${name} ${output.is} ${key}`);
        const ok = !this.bad.has(`${name} ${key}`);
        if (output.is === "acquire" && this.slow.has(key)) continue;
        const ended =
          output.is === "acquire" ? ({ on: "unit-up", ok } as const) : ({ on: "unit-down", clean: true } as const);
        this.#inbox.push({ to: name, input: { ...ended, unit: output.unit } });
      } else if (output.is === "state-changed") this.tell(name);
      else if (output.is === "log" && output.group !== namedIn(output.text))
        this.said.push(`${name}: a line about ${namedIn(output.text)}, said of ${output.group}: ${output.text}`);
      else if (output.is === "log" && (output.level === "crit" || output.level === "warn"))
        this.said.push(`${name}: ${output.text}`);
      else if (output.is === "answered") answer = output.answer;
      else if (output.is === "say" && output.message.say === "shutdown-done")
        for (const to of this.nodes.keys())
          if (to !== name) this.#inbox.push({ to, input: { on: "shutdown-done", from: name, seq: seq(++this.#seq) } });
    }
    return answer;
  }

  /** A status of this node to all others. */
  tell(name: NodeName): void {
    for (const [to, { table }] of this.nodes) {
      if (to === name) continue;
      const state = parseSuccessor(this.node(name).successor(), table);
      const active = this.node(name).phase !== "init";
      this.#inbox.push({ to, input: { on: "peer-status", node: name, seq: seq(++this.#seq), active, state } });
    }
  }

  settle(): void {
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.feed(next.to, next.input);
  }

  /** Whatever is due until then, message for message. */
  run(until: number): void {
    for (; this.at < until; this.at++) for (const name of this.nodes.keys()) this.feed(name, { on: "deadline" });
    this.settle();
  }

  order(name: NodeName, order: OperatorOrder): OperatorAnswer {
    this.at += 1000; // changes of state are not said more than so often
    const answer = this.feed(name, { on: "order", order });
    this.settle();
    assert.ok(answer);
    return answer;
  }

  takeSaid(): string[] {
    return this.said.splice(0);
  }
}

describe("a start that fails", () => {
  test("at home: the group alone moves to the next node at once, and home again after a cleanup", () => {
    const pack = new Pack([fox, owl]);
    assert.equal(pack.holder("web"), "fox");
    pack.takeSaid();
    pack.feed(fox, { on: "unit-lost", unit: pack.unit("web") });
    pack.settle();
    assert.equal(pack.holder("web"), "owl");
    assert.equal(pack.holder("10.0.0.1"), "fox", "the other group of the same node stays");
    assert.deepEqual(pack.node(owl).unit(pack.unit("web")).failedOn, ["fox"]);
    assert.match(pack.order(owl, { do: "cleanup", group: "web" }).says, /^web: may be started again/);
    assert.equal(pack.holder("web"), "fox");
    assert.deepEqual(pack.node(owl).unit(pack.unit("web")).failedOn, []);
  });

  test("everywhere: it stays down, that is said once, and a cleanup on any node tries again", () => {
    const pack = new Pack([fox, owl], false);
    pack.bad.add("owl web");
    pack.takeSaid();
    pack.feed(fox, { on: "unit-lost", unit: pack.unit("web") });
    pack.settle();
    pack.run(5000);
    assert.equal(pack.holder("web"), undefined);
    const said = pack.takeSaid();
    assert.equal(
      said.filter(
        (line) =>
          line === "fox: web runs nowhere: it did not start on fox, owl. Repair it, then: heartbeat cleanup web",
      ).length,
      1,
    );
    assert.equal(said.filter((line) => line === "owl acquire web").length, 1, "once");
    assert.equal(pack.node(fox).settled, true);
    pack.bad.clear();
    pack.order(owl, { do: "cleanup", group: undefined });
    assert.equal(pack.holder("web"), "fox");
    assert.match(pack.order(fox, { do: "cleanup", group: "web" }).says, /has not failed/);
    assert.equal(pack.order(fox, { do: "cleanup", group: "wbe" }).ok, false);
  });

  test("everywhere: the node on which it may run again tries it without an operator", () => {
    const pack = new Pack([fox, owl], false);
    pack.bad.add("owl web");
    pack.feed(fox, { on: "unit-lost", unit: pack.unit("web") });
    pack.settle();
    pack.run(5000);
    assert.equal(pack.holder("web"), undefined);
    pack.feed(fox, { on: "unit-able", unit: pack.unit("web") });
    pack.settle();
    assert.equal(pack.holder("web"), "fox");
    assert.deepEqual(pack.node(owl).unit(pack.unit("web")).failedOn, ["owl"]);
  });

  test("beside an original it is stopped, stays down, is not claimed, and one line says so", () => {
    const node = new Takeover({ self: fox, nodes: [fox, owl], groups, autoFailback: true, version: "4" });
    let number = 0;
    const feed = (input: TakeoverInput) => node.step(input, instant(0));
    const report = (): TakeoverInput => ({
      on: "resource",
      from: owl,
      seq: seq(++number),
      held: "local",
      full: true,
      stable: true,
      info: undefined,
    });
    feed({ on: "peer-status", node: owl, seq: seq(++number), active: true, state: undefined });
    feed({ on: "comm-up" });
    feed(report());
    const [web, vip] = node.table.of(fox);
    assert.ok(web !== undefined && vip !== undefined);
    const lines = feed({ on: "unit-up", unit: web, ok: false }).concat(
      feed(report()),
      feed({ on: "unit-up", unit: vip, ok: false }),
    );
    assert.deepEqual(
      lines.flatMap((output) => (output.is === "log" && output.level === "crit" ? [output.text] : [])),
      ["web", "10.0.0.1"].map(
        (key) =>
          `${key} did not start here and stays down: owl cannot be told of a single group. Repair it, then: heartbeat cleanup ${key}`,
      ),
    );
    assert.equal(node.word, "none");
    assert.equal(node.phase, "stable");
    const answered = feed({ on: "order", order: { do: "cleanup", group: "web" } });
    assert.ok(answered.some((output) => output.is === "acquire" && output.unit === web));
  });
});

describe("a planned move", () => {
  test("of a group with a script: the taker starts when the giver has stopped", () => {
    const pack = new Pack([fox, owl]);
    pack.takeSaid();
    assert.deepEqual(pack.order(owl, { do: "move", group: "web", to: undefined }), {
      ok: true,
      says: "web moves from fox to owl",
      to: "owl",
    });
    assert.deepEqual(pack.takeSaid(), ["fox release web", "owl acquire web"]);
    pack.run(pack.at + 10_000);
    assert.equal(pack.holder("web"), "owl", "auto_failback does not fight an operator");
    pack.order(owl, { do: "move", group: "web", to: "fox" });
    assert.equal(pack.holder("web"), "fox");
    assert.match(pack.order(fox, { do: "move", group: "web", to: "fox" }).says, /already/);
    assert.match(pack.order(fox, { do: "move", group: "web", to: "yak" }).says, /no node yak/);
  });

  test("of addresses: the taker goes first, and the giver lets go when it is up", () => {
    const pack = new Pack([fox, owl]);
    pack.takeSaid();
    pack.order(fox, { do: "move", group: "10.0.0.1", to: "owl" });
    assert.deepEqual(pack.takeSaid(), ["owl acquire 10.0.0.1", "fox release 10.0.0.1"]);
    assert.equal(pack.holder("10.0.0.1"), "owl");
  });

  test("a taker that does not get it up: the giver lets go 8 ms after its consent all the same", () => {
    const pack = new Pack([fox, owl]);
    pack.slow.add("10.0.0.1");
    pack.takeSaid();
    pack.order(fox, { do: "move", group: "10.0.0.1", to: "owl" });
    pack.run(pack.at + 8);
    assert.deepEqual(pack.takeSaid(), ["owl acquire 10.0.0.1"]);
    pack.run(pack.at + 2);
    assert.deepEqual(pack.takeSaid(), ["fox release 10.0.0.1"]);
  });

  test("nobody answers an offer: after a second it is released", () => {
    const pack = new Pack([fox, owl]);
    const node = pack.node(fox);
    node.step({ on: "order", order: { do: "move", group: "10.0.0.1", to: "owl" } }, instant(1));
    const early = node.step({ on: "deadline" }, instant(1000));
    assert.ok(!early.some(({ is }) => is === "release"));
    assert.ok(node.step({ on: "deadline" }, instant(1001)).some(({ is }) => is === "release"));
  });

  test("of three nodes the one that was named takes it, although another is next", () => {
    const pack = new Pack([fox, owl, elk]);
    pack.order(owl, { do: "move", group: "web", to: "elk" });
    assert.equal(pack.holder("web"), "elk");
    pack.feed(fox, { on: "stop" });
    pack.settle();
    pack.run(pack.at + 10);
    assert.equal(pack.holder("10.0.0.1", elk), "owl", "a node that leaves gives what it has to the next");
    assert.equal(pack.holder("web", owl), "elk");
  });
});

describe("maintenance", () => {
  test("nothing is started or moved on any node until it ends, on any node", () => {
    const pack = new Pack([fox, owl]);
    assert.equal(pack.order(owl, { do: "maintenance", on: true }).says, "maintenance is on");
    assert.equal(pack.node(fox).maintenance, true);
    assert.equal(pack.order(fox, { do: "move", group: "web", to: "owl" }).ok, false);
    pack.takeSaid();
    pack.feed(fox, { on: "standby-request", set: "all" });
    pack.feed(fox, { on: "take-over-request", from: owl, set: "all" });
    pack.feed(owl, { on: "peer-dead", node: fox });
    pack.run(pack.at + 3000);
    assert.ok(!pack.takeSaid().some((line) => /acquire|release/.test(line)));
    pack.feed(owl, { on: "order", order: { do: "maintenance", on: false } });
    assert.ok(pack.takeSaid().includes("owl acquire web"), "what had to wait");
  });

  test("the last order counts, whoever hears of it last", () => {
    const pack = new Pack([fox, owl]);
    pack.order(owl, { do: "maintenance", on: true });
    pack.order(fox, { do: "maintenance", on: false });
    pack.run(pack.at + 10);
    assert.equal(pack.node(owl).maintenance, false);
  });
});

describe("the hb4 field", () => {
  test("what is said of all groups of a node costs one word, of some a digest each", () => {
    const pack = new Pack([fox, owl]);
    assert.match(pack.node(fox).successor(), / hold=fox:\d+(?: |$)/);
    pack.order(fox, { do: "move", group: "web", to: "owl" });
    assert.match(pack.node(fox).successor(), / hold=fox\/[a-z0-9]+:\d+(?: |$)/);
  });

  test("a thousand groups in disorder fit; beyond that more is claimed than is held, never less", () => {
    const many = Array.from({ length: 6000 }, (_, i) => group(fox, script(`service-${i}`)));
    for (const count of [1000, 6000]) {
      const table = new UnitTable([fox, owl], many.slice(0, count));
      const held = table.of(fox).filter((_, i) => i % 2 === 0);
      const blank = new Takeover({ self: fox, nodes: [fox], autoFailback: true, version: "4" }).state();
      const text = encodeSuccessor({ ...blank, holds: new Map(held.map((id) => [id, 7])) }, table);
      assert.ok(text.length <= successorTextMax);
      const read = parseSuccessor(text, table)?.holds;
      assert.ok(held.every((id) => read?.get(id) === 7));
      assert.equal(read?.size, count === 1000 ? held.length : count);
    }
  });

  test("with the word of the configuration behind it, it is read whatever its length", () => {
    const table = new UnitTable(
      [fox, owl],
      Array.from({ length: 1600 }, (_, i) => group(fox, script(`service-${i}`))),
    );
    const blank = new Takeover({ self: fox, nodes: [fox], autoFailback: true, version: "4" }).state();
    const textOf = (count: number): string => {
      const held = table.of(fox).slice(0, count);
      return encodeSuccessor({ ...blank, holds: new Map(held.map((id, i) => [id, 1000 + i])) }, table);
    };
    const isFine = (count: number): boolean => parseSuccessor(textOf(count), table)?.holds.size === count;
    let longest = 100;
    for (let step = 512; step >= 1; step /= 2) if (isFine(longest + step)) longest += step;
    assert.ok(textOf(longest).length > successorTextMax - 64, "a text near the bound was found");
    for (const count of [longest - 1, longest, longest + 1])
      assert.ok(parseSuccessor(`${textOf(count)} conf=0123456789ab`, table), `${count} groups`);
  });

  test("groups that only the other node knows do not stand in its way", () => {
    const table = new UnitTable([fox, owl], groups);
    const state = parseSuccessor("1 4 ready=1 leave=0 claim=fox/zzz:3", table);
    assert.deepEqual([...(state?.claims ?? [])], [["fox/zzz", 3]]);
    const pack = new Pack([fox, owl]);
    pack.feed(owl, { on: "peer-status", node: fox, seq: seq(1000), active: true, state });
    assert.match(pack.node(owl).successor(), /grant=fox\/fox\/zzz:3/);
  });

  test("digests that happen to be alike are told apart by their order", () => {
    const twins = [group(fox, script("web")), group(fox, script("web"))];
    assert.equal(new Set(new UnitTable([fox], twins).of(fox)).size, 2);
  });
});
