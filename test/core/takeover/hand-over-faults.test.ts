/** What can go wrong while resources are handed over: lost, late and repeated words, restarts, stops that fail. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput, TakeoverOutput } from "../../../src/core/takeover/language.ts";
import { encodeSuccessor, parseSuccessor, type SuccessorState } from "../../../src/core/takeover/successor.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import type { UnitId } from "../../../src/core/takeover/units.ts";
import type { HoldWord } from "../../../src/core/view.ts";

/** In a cluster without groups the empty share of each node is called like the node. */
const name = (text: string) => text as NodeName & UnitId;
const fox = name("fox");
const owl = name("owl");
let lastSeq = 0;
const next = () => seq(++lastSeq);

const status = (part: Partial<SuccessorState>, anew?: "restarted" | "returned", node = owl): TakeoverInput => ({
  on: "peer-status",
  node,
  seq: next(),
  active: true,
  state: {
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
    stalled: false,
    dead: new Set(),
    pings: undefined,
    grants: [],
    ...part,
  },
  ...(anew === undefined ? {} : { anew }),
});
const ask = (info: string, set: HoldWord = "foreign"): TakeoverInput => ({
  on: "ask-resources",
  from: owl,
  seq: next(),
  set,
  info,
});
const report = (part: Partial<Extract<TakeoverInput, { on: "resource" }>>): TakeoverInput => ({
  on: "resource",
  from: owl,
  seq: next(),
  held: "none",
  full: true,
  stable: true,
  info: undefined,
  ...part,
});

function feed(node: Takeover, input: TakeoverInput, at = 0): string[] {
  return node.step(input, instant(at)).flatMap((output: TakeoverOutput) => {
    if (output.is === "acquire" || output.is === "release") return [`${output.is} ${output.unit}`];
    if (output.is !== "say") return output.is === "left" ? ["left"] : [];
    const { say, ...rest } = output.message;
    return [["say", say, ...Object.values(rest)].join(" ")];
  });
}

/** A status of an original. */
const original = (anew?: "restarted" | "returned"): TakeoverInput => ({
  on: "peer-status",
  node: owl,
  seq: next(),
  active: true,
  state: undefined,
  ...(anew === undefined ? {} : { anew }),
});

/** fox waits for owl, an original, which holds both shares and gives fox's back. */
function taker(): Takeover {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4" });
  feed(node, original());
  feed(node, { on: "comm-up" });
  feed(node, report({ held: "all" }));
  assert.deepEqual(feed(node, ask("me")), ["say ask-resources foreign other"]);
  return node;
}

/** fox holds both shares, as after owl's death. */
function holder(): Takeover {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4" });
  feed(node, { on: "peer-dead", node: owl });
  feed(node, { on: "comm-up" });
  feed(node, { on: "unit-up", unit: fox, ok: true });
  feed(node, { on: "unit-up", unit: owl, ok: true });
  return node;
}

test("the giver is started again in the middle: the hand-over is off, and the taker takes what is free", () => {
  const node = taker();
  feed(node, original("restarted"));
  assert.equal(node.settled, false, "it has said nothing yet");
  assert.ok(feed(node, report({ held: "local" })).includes("acquire fox"));
});

test("the giver shuts down in the middle: its goodbye ends the hand-over", () => {
  const node = taker();
  const outputs = feed(node, { on: "shutdown-done", from: owl, seq: next() });
  assert.ok(outputs.includes("acquire fox") && outputs.includes("acquire owl"), outputs.join("; "));
});

test("the giver never begins: ten seconds, then the taker forgets it; once it has begun, an hour", () => {
  const idle = taker();
  assert.equal(idle.nextDeadline(), 10_000);
  feed(idle, { on: "deadline" }, 10_000);
  assert.equal(idle.settled, true);
  const waiting = taker();
  feed(waiting, report({ held: "local", stable: false, info: "standby" }));
  assert.equal(waiting.nextDeadline(), 3_600_000);
  assert.deepEqual(feed(waiting, ask("done")), ["acquire fox"]);
});

test("what would not stop is not handed over: the giver keeps it and says so, the taker starts nothing", () => {
  const giver = holder();
  feed(giver, original("restarted"));
  feed(giver, report({}));
  feed(giver, ask("other"));
  const outputs = feed(giver, { on: "unit-down", unit: owl, clean: false });
  assert.ok(!outputs.some((each) => each.endsWith("done")), outputs.join("; "));
  assert.ok(outputs.includes("say resource all false standby-failed"), outputs.join("; "));

  const node = taker();
  feed(node, report({ stable: false, info: "standby" }));
  const after = feed(node, report({ held: "all", stable: true, info: "standby-failed" }));
  assert.ok(!after.some((each) => each.startsWith("acquire")), after.join("; "));
  assert.equal(node.settled, true);
});

test("a share that is still starting is not given away, and a refused request is not said", () => {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: false, version: "4" });
  feed(node, { on: "peer-dead", node: owl });
  feed(node, { on: "comm-up" });
  feed(node, status({}, "restarted"));
  assert.deepEqual(feed(node, { on: "standby-request", set: "all" }), []);
  assert.equal(node.state().holds.size, 2);
});

test("a start that began after the request was sent is undone before it is handed over", () => {
  const node = holder();
  feed(node, original("restarted"));
  feed(node, report({})); // failback asks
  feed(node, { on: "unit-up", unit: owl, ok: true });
  assert.deepEqual(feed(node, ask("other")), ["release owl", "say resource local false standby"]);
});

test("late words of a node that we hold dead do not bring it back", () => {
  const node = holder();
  for (const late of [report({ held: "all" }), { on: "starting", from: owl } as const, ask("me", "all")])
    feed(node, late);
  assert.equal(node.unit(owl).holder, fox);
  assert.equal(node.settled, true, "nobody is waited for");
});

test("a report that was lost and sent again does not undo a newer one", () => {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4" });
  feed(node, { on: "peer-status", node: owl, seq: next(), active: true, state: undefined });
  feed(node, { on: "comm-up" });
  const older = report({ held: "local" });
  feed(node, report({ held: "all" }));
  assert.ok(!feed(node, older).includes("acquire fox"), "the original still holds it");
});

test("a term beyond counting does not make what we hold unreadable for the others", () => {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4" });
  feed(node, status({ claims: new Map([[fox, 999_999_999_999_999]]) }));
  feed(node, { on: "peer-dead", node: owl });
  feed(node, { on: "comm-up" });
  assert.deepEqual(
    [...(parseSuccessor(encodeSuccessor(node.state(), node.table), node.table)?.holds.keys() ?? [])],
    [fox, owl],
  );
});

test("an address that failed while it was handed over is offered anew the next time", () => {
  const resources = [{ kind: "address", text: "10.0.0.1", address: { ip: "10.0.0.1" } }] as const;
  const groups = [{ key: "web", owner: fox, resources }];
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4", groups });
  const [unit] = node.table.of(fox);
  assert.ok(unit);
  const offered = (): void => {
    const term = node.state().claims.get(unit) ?? 0;
    feed(node, status({ grants: [{ to: fox, unit, term }] }));
    feed(node, { on: "unit-up", unit, ok: true });
    feed(node, { on: "order", order: { do: "move", group: "web", to: "owl" } });
    assert.equal(node.unit(unit).movingTo, "owl");
  };
  feed(node, status({}));
  feed(node, { on: "comm-up" });
  offered();
  feed(node, status({ claims: new Map([[unit, 9]]) })); // fox consents, and then
  feed(node, { on: "unit-lost", unit });
  feed(node, status({}));
  feed(node, { on: "order", order: { do: "cleanup", group: "web" } });
  offered();
  feed(node, status({ leaving: true }));
  assert.equal(node.unit(unit).movingTo, undefined, "owl leaves: it is not given away any more");
});

test("an address whose hand-over to one node was consented to is not given to a third", () => {
  const cat = name("cat");
  const resources = [{ kind: "address", text: "10.0.0.1", address: { ip: "10.0.0.1" } }] as const;
  const groups = [{ key: "web", owner: fox, resources }];
  const node = new Takeover({ self: fox, nodes: [fox, owl, cat], autoFailback: true, version: "4", groups });
  const [unit] = node.table.of(fox);
  assert.ok(unit);
  for (const peer of [owl, cat]) feed(node, status({}, undefined, peer));
  feed(node, { on: "comm-up" });
  const term = node.state().claims.get(unit) ?? 0;
  for (const peer of [owl, cat]) feed(node, status({ grants: [{ to: fox, unit, term }] }, undefined, peer));
  feed(node, { on: "unit-up", unit, ok: true });
  feed(node, { on: "order", order: { do: "move", group: "web", to: "cat" } });
  feed(node, status({ claims: new Map([[unit, 9]]) }, undefined, cat)); // fox consents: cat may have it by now

  const order = { on: "order", order: { do: "move", group: "web", to: "owl" } } as const;
  assert.deepEqual(node.step(order, instant(0)), [
    { is: "answered", answer: { ok: false, says: "web is moving to cat: try again when it is there" } },
  ]);
  const [told] = node.step({ on: "take-over-request", from: owl, set: "all" }, instant(0));
  assert.ok(told?.is === "log" && told.id === "standby-busy");
  feed(node, { on: "standby-request", set: "all" }); // owl comes first after fox
  assert.equal(node.unit(unit).movingTo, "cat");
});
