/** A group that failed here for good, beside an original: its share goes there by the stand-by exchange, and does not fly back and forth. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput } from "../../../src/core/takeover/language.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";

const fox = "fox" as NodeName;
const owl = "owl" as NodeName;
const group = (owner: NodeName, script: string) => ({
  owner,
  key: script,
  resources: [{ kind: "script", text: script, script, args: [] }] as const,
});

/** Fox, ours, runs `web` and `mail`; owl, an original, runs nothing but knows how. */
class Beside {
  readonly node = new Takeover({
    self: fox,
    nodes: [fox, owl],
    groups: [group(fox, "web"), group(fox, "mail"), group(owl, "files"), group(owl, "print")],
    autoFailback: true,
    version: "4",
  });
  #number = 0;
  #now = 0;
  readonly units = this.node.table.of(fox);
  readonly theirs = this.node.table.of(owl);

  constructor() {
    this.feed({ on: "peer-status", node: owl, seq: this.next(), active: true, state: undefined });
    this.feed({ on: "comm-up" });
    this.feed(this.report("local"));
    for (const unit of this.units) this.feed({ on: "unit-up", unit, ok: true });
    assert.equal(this.node.word, "local");
  }
  next = () => seq(++this.#number);
  report = (held: "none" | "local" | "foreign" | "all", stable = true): TakeoverInput => ({
    on: "resource",
    from: owl,
    seq: this.next(),
    held,
    full: true,
    stable,
    info: undefined,
  });
  ask = (info: "other" | "done" | "me", set: "local" | "foreign" = "local"): TakeoverInput => ({
    on: "ask-resources",
    from: owl,
    seq: this.next(),
    set,
    info,
  });
  /** In short words. */
  feed(input: TakeoverInput): string[] {
    return this.node.step(input, instant(this.#now)).flatMap((output) => {
      if (output.is === "release" || output.is === "acquire") return [`${output.is} ${this.node.keyOf(output.unit)}`];
      if (output.is === "say" && output.message.say === "ask-resources")
        return [`${output.message.info} ${output.message.set}`];
      return output.is === "log" && output.level !== "info" ? [output.id] : [];
    });
  }
  pass(ms: number): string[] {
    this.#now += ms;
    return this.feed({ on: "deadline" });
  }
  lose(script = "web"): string[] {
    return this.feed({ on: "unit-lost", unit: this.unit(script) });
  }
  unit(script: string) {
    const unit = this.units.find((each) => this.node.keyOf(each) === script);
    assert.ok(unit !== undefined);
    return unit;
  }
  /** Owl gives its own share by stand-by, and both groups of it are being started here. */
  receive(): void {
    this.feed(this.ask("me"));
    this.feed({ ...this.report("none", false), info: "standby" } as TakeoverInput);
    assert.deepEqual(this.feed(this.ask("done")), ["acquire files", "acquire print"]);
  }
  /** The exchange up to the end, with what this node did. */
  handOver(): string[] {
    return [
      ...this.feed(this.ask("other")),
      ...this.feed({ on: "unit-down", unit: this.unit("mail"), clean: true }),
      ...this.feed(this.ask("done")),
      ...this.feed(this.report("all")),
    ];
  }
}

test("its share goes to the original, and nobody says that it stays down", () => {
  const pair = new Beside();
  assert.deepEqual(pair.lose(), ["surrender", "me local"]);
  assert.deepEqual(pair.handOver(), ["release mail", "done local"]);
  assert.equal(pair.node.word, "none");
  assert.deepEqual(pair.pass(60_000), []);
  assert.equal(pair.node.settled, true);
});

test("what comes back and fails again soon stays down; much later it may go again", () => {
  const pair = new Beside();
  pair.lose();
  pair.handOver();
  const comeBack = (): void => {
    pair.feed(pair.ask("me", "local")); // owl calls its own share so; it gives the other one:
    pair.pass(11_000);
    pair.feed(pair.ask("me", "foreign"));
    pair.feed(pair.report("local", false));
    assert.deepEqual(pair.feed(pair.ask("done", "foreign")), ["acquire web", "acquire mail"]);
    for (const unit of pair.units) pair.feed({ on: "unit-up", unit, ok: true });
    pair.feed(pair.ask("done", "foreign"));
    pair.feed(pair.report("local"));
  };
  comeBack();
  assert.deepEqual(pair.lose(), ["surrender-held-off", "group-down"]);
  assert.deepEqual(pair.pass(30_000), []);
  pair.feed({ on: "order", order: { do: "cleanup", group: "web" } });
  pair.feed({ on: "unit-up", unit: pair.unit("web"), ok: true });
  pair.pass(600_000);
  assert.deepEqual(pair.lose(), ["surrender", "me local"]);
});

test("of two that fail one after the other both go, nobody says that either stays down, and neither is sent a second time", () => {
  const pair = new Beside();
  assert.deepEqual([...pair.lose("web"), ...pair.lose("mail")], ["surrender", "me local"]);
  assert.deepEqual(pair.handOver(), ["done local"]);
  pair.pass(11_000);
  pair.feed(pair.ask("me", "foreign"));
  pair.feed(pair.report("local", false));
  pair.feed(pair.ask("done", "foreign"));
  for (const unit of pair.units) pair.feed({ on: "unit-up", unit, ok: true });
  pair.feed(pair.ask("done", "foreign"));
  pair.feed(pair.report("local"));
  assert.deepEqual(pair.lose("mail"), ["surrender-held-off", "group-down"]);
});

test("of an original's share nothing starts here: all of it goes home, and nobody says that any stays down", () => {
  const pair = new Beside();
  pair.receive();
  const said = pair.theirs.flatMap((unit) => pair.feed({ on: "unit-up", unit, ok: false }));
  assert.deepEqual(said, ["done local"]);
  pair.feed(pair.report("none"));
  assert.deepEqual(pair.pass(2000), ["surrender", "me foreign"]);
  pair.feed(pair.ask("other", "foreign"));
  pair.feed(pair.ask("done", "foreign"));
  assert.deepEqual(pair.feed(pair.report("local")), []);
  assert.deepEqual(pair.pass(60_000), []);
});

test("it goes home for the second although somebody has cleaned up after the first meanwhile", () => {
  const pair = new Beside();
  pair.receive();
  for (const unit of pair.theirs) pair.feed({ on: "unit-up", unit, ok: false });
  pair.feed(pair.report("none"));
  pair.feed({ on: "order", order: { do: "cleanup", group: "files" } });
  assert.deepEqual(pair.pass(2000), ["surrender", "me foreign"]);
});

test("a slow start beside one that failed does not put off the way home for longer than it lasts", () => {
  const pair = new Beside();
  pair.receive();
  const [files, print] = pair.theirs;
  assert.ok(files !== undefined && print !== undefined);
  pair.feed({ on: "unit-up", unit: files, ok: false });
  assert.deepEqual(pair.pass(5000), []);
  assert.deepEqual(pair.feed({ on: "unit-up", unit: print, ok: true }), ["done local"]);
  pair.feed(pair.report("none"));
  assert.deepEqual(pair.pass(2000), ["surrender", "me foreign"]);
});

test("nothing is given to an original that was cut off and may be about to start anew", () => {
  const pair = new Beside();
  pair.feed({ on: "peer-dead", node: owl });
  for (const unit of pair.theirs) pair.feed({ on: "unit-up", unit, ok: true });
  const status = { on: "peer-status", node: owl, seq: pair.next(), active: true, state: undefined } as const;
  pair.feed({ ...status, anew: "returned", unheard: 20 });
  pair.feed(pair.report("local"));
  assert.deepEqual([...pair.lose(), ...pair.feed({ on: "fitness", unfit: "no ping node answers" })], ["node-unfit"]);
  pair.feed(pair.report("none", false));
  pair.feed(pair.report("none"));
  assert.deepEqual(pair.pass(4999), []);
  assert.deepEqual(pair.pass(1), ["me foreign"]);
});

test("an original that does not answer is asked again, five times, and then it stays down and one line says so", () => {
  const pair = new Beside();
  const said = [...pair.lose()];
  for (let second = 0; second < 120; second++) said.push(...pair.pass(1000));
  assert.equal(said.filter((each) => each === "me local").length, 5);
  assert.equal(said.filter((each) => each === "group-down").length, 1);
  assert.equal(said.at(-1), "group-down");
  assert.equal(pair.node.word, "local", "its neighbour goes on");
});

test("with the original dead or under maintenance nothing is given", () => {
  const alone = new Beside();
  alone.feed({ on: "peer-dead", node: owl });
  assert.deepEqual(alone.lose(), ["group-down"]);
  const calm = new Beside();
  calm.feed({ on: "order", order: { do: "maintenance", on: true } });
  assert.deepEqual(calm.lose(), []);
  assert.deepEqual(calm.pass(60_000), []);
});

test("a node that leaves asks no more, and is not woken for it again and again", () => {
  const pair = new Beside();
  pair.lose();
  pair.feed({ on: "stop" });
  pair.feed({ on: "unit-down", unit: pair.unit("mail"), clean: true });
  assert.ok(!pair.pass(11_000).includes("me local"));
  assert.ok((pair.node.nextDeadline() ?? Number.POSITIVE_INFINITY) > 11_000, "no deadline of the past is left");
});

test("an unfit node offers everything, and when it leaves it is not woken for that again and again", () => {
  const pair = new Beside();
  assert.ok(pair.feed({ on: "fitness", unfit: "eth0 has no carrier" }).includes("node-unfit"));
  pair.feed({ on: "stop" });
  pair.feed({ on: "fitness", unfit: "eth0 has no carrier" });
  for (const unit of pair.units) pair.feed({ on: "unit-down", unit, clean: true });
  assert.ok((pair.node.nextDeadline() ?? Number.POSITIVE_INFINITY) > 0, "no deadline of the past is left");
});
