import assert from "node:assert/strict";
import test from "node:test";
import { instant, milliseconds } from "../../../src/base/units.ts";
import { Ipfail, type IpfailInput, type IpfailNode } from "../../../src/core/connectivity/ipfail.ts";
import { text } from "../../../src/wire/message.ts";

const nodes = (first: string, second: string): IpfailNode[] => [
  { name: "fox", type: "normal", status: "active" },
  { name: "owl", type: "normal", status: "active" },
  { name: "gw1", type: "ping", status: first },
  { name: "gw2", type: "ping", status: second },
];

/** Ours is fox. Outputs as short texts. */
function fox(first = "ping", second = "ping", autoFailback = true) {
  const machine = new Ipfail({ self: "fox", autoFailback, keepalive: milliseconds(500) });
  const feed = (at: number, input: IpfailInput): string[] =>
    machine.step(input, instant(at)).map((output) => {
      if (output.is === "log") return `${output.level}: ${output.text}`;
      if (output.is === "ask-resources") return "?";
      return output.body.map(({ name, value }) => `${name}=${value}`).join(" ");
    });
  feed(0, { on: "start", nodes: nodes(first, second) });
  const hears = (at: number, ...fields: (readonly [string, string])[]): string[] =>
    feed(at, { on: "message", message: fields.map(([name, value]) => text(name, value)) });
  const told = (at: number, type: string, ...more: (readonly [string, string])[]) =>
    hears(at, ["t", type], ["src", "owl"], ...more);
  const status = (at: number, node: string, st: string) => hears(at, ["t", "status"], ["src", node], ["st", st]);
  const holds = (at: number, held: string | undefined) => feed(at, { on: "resources", held });
  return { machine, feed, hears, told, status, holds };
}

const ask = (count: number) => [
  "info: Asking other side for ping node count.",
  `t=num_ping_nodes src=fox num_ping=${count} dest=owl`,
];
const me = (set: string) => `t=ask_resources rsc_hold=${set} src=fox info=me`;

test("what changes the count makes both compare", () => {
  const { hears, status, told } = fox();
  assert.deepEqual(status(1, "gw1", "dead"), [
    "info: Status update: Node gw1 now has status dead",
    "info: NS: We are still alive!",
  ]);
  assert.deepEqual(hears(1, ["t", "ifstat"], ["node", "gw1"], ["ifname", "gw1"], ["st", "dead"]), [
    "info: Link Status update: Link gw1/gw1 now has status dead",
    "info: Checking remote count of ping nodes.",
    ...ask(1),
  ]);
  status(2, "gw2", "dead");
  assert.deepEqual(hears(2, ["t", "ifstat"], ["node", "gw2"], ["ifname", "gw2"], ["st", "dead"]), [
    "info: Link Status update: Link gw2/gw2 now has status dead",
    "info: We are dead. :<",
    ...ask(0),
  ]);
  assert.deepEqual(hears(3, ["t", "NS_st"], ["src", "gw2"], ["st", "ping"]), [
    "info: Status update: Node gw2 now has status ping",
    "info: A ping node just came up.",
    ...ask(1),
  ]);
  assert.deepEqual(hears(3, ["t", "NS_st"], ["src", "gw2"], ["st", "ping"]), [], "known");
  assert.deepEqual(told(4, "hbapi-clstat", ["from_id", "ipfail"], ["st", "join"]), ask(1));
  assert.deepEqual(told(4, "hbapi-clstat", ["from_id", "ipfail"], ["st", "leave"]), []);
});

test("who reaches more says so; who reaches fewer gives everything up, two keepalives later", () => {
  const more = fox();
  assert.deepEqual(more.told(1, "num_ping_nodes", ["num_ping", "1"]), [
    "info: Telling other node that we have more visible ping nodes.",
    "t=you_are_dead dest=owl",
  ]);
  for (const word of ["num_ping_nodes", "you_are_dead"]) {
    const fewer = fox("ping", "dead");
    const [because] = fewer.told(1, word, ["num_ping", "2"]);
    assert.match(
      because ?? "",
      /^info: Giving up because we (have less visible|were told that we have less) ping nodes\.$/,
    );
    assert.equal(fewer.machine.nextDeadline(), 1001);
    assert.deepEqual(fewer.feed(1001, { on: "deadline" }), ["info: giveup() called (timeout worked)", "?"]);
    assert.deepEqual(fewer.holds(1001, "local"), [me("all")]);
  }
});

test("a tie calls it off; with auto_failback on, and only then, what is foreign goes home", () => {
  const waiting = fox("ping", "dead");
  waiting.told(1, "you_are_dead");
  assert.deepEqual(waiting.told(500, "num_ping_nodes", ["num_ping", "1"]), [
    "info: Ping node count is balanced.",
    "t=abort_giveup src=fox dest=owl",
    "info: Aborted delayed giveup",
  ]);
  assert.equal(waiting.machine.nextDeadline(), undefined);
  for (const [held, home] of [
    ["all", true],
    ["foreign", true],
    ["local", false],
    ["none", false],
    ["transition", false],
    [undefined, false],
  ] as const) {
    const { told, holds, feed } = fox();
    assert.equal(told(1, "num_ping_nodes", ["num_ping", "2"]).at(-1), "?");
    const said = holds(1, held);
    assert.deepEqual(said.length > 0, home, held);
    if (!home) continue;
    assert.deepEqual(said, [
      "info: Giving up foreign resources (auto_failback).",
      "info: Delayed giveup in 1 seconds.",
    ]);
    feed(1001, { on: "deadline" });
    assert.deepEqual(holds(1001, held), [me("foreign")]);
  }
  assert.notEqual(fox("ping", "ping", false).told(1, "num_ping_nodes", ["num_ping", "2"]).at(-1), "?");
});

test("the other side may call it off, too", () => {
  const { told, machine } = fox("dead", "dead");
  assert.deepEqual(told(1, "abort_giveup"), ["info: No giveup timer to abort."]);
  told(2, "you_are_dead");
  assert.deepEqual(told(3, "abort_giveup"), ["info: Aborted delayed giveup"]);
  assert.equal(machine.nextDeadline(), undefined);
});

test("a request in the middle of a transition is made again ten seconds after the other side is stable", () => {
  const { told, feed, holds, machine, hears } = fox("dead", "dead");
  told(0, "you_are_dead");
  feed(1000, { on: "deadline" });
  assert.deepEqual(holds(1000, "transition"), []);
  assert.deepEqual(told(1100, "resource", ["isstable", "0"]), []);
  assert.deepEqual(told(1150, "resource", ["isstable", "1"], ["info", "standby"]), []);
  hears(1160, ["t", "resource"], ["src", "fox"], ["isstable", "1"]);
  assert.equal(machine.nextDeadline(), undefined, "none of these is its word that it is stable");
  told(1200, "resource", ["isstable", "1"]);
  assert.equal(machine.nextDeadline(), 11_200);
  assert.deepEqual(feed(11_200, { on: "deadline" }), ask(0));
  assert.equal(machine.nextDeadline(), undefined);
});

test("our own words, rubbish and strangers move nothing", () => {
  const { hears, told, machine } = fox("dead", "dead");
  for (const type of ["num_ping_nodes", "you_are_dead", "abort_giveup", "hbapi-clstat"])
    assert.deepEqual(
      hears(1, ["t", type], ["src", "fox"], ["num_ping", "9"], ["from_id", "ipfail"], ["st", "join"]),
      [],
      type,
    );
  for (const count of ["", "many", "-1"])
    assert.deepEqual(told(1, "num_ping_nodes", ["num_ping", count]), ["error: The other side's count is no number."]);
  assert.deepEqual(told(1, "pingreply"), []);
  assert.deepEqual(hears(1), []);
  assert.equal(machine.nextDeadline(), undefined);
});

test("of several other nodes the last one counts, which is said; a node alone asks nobody", () => {
  const machine = new Ipfail({ self: "fox", autoFailback: true, keepalive: milliseconds(500) });
  const more = [...nodes("ping", "ping"), { name: "elk", type: "normal", status: "active" }];
  assert.deepEqual(machine.step({ on: "start", nodes: more }, instant(0)), [
    { is: "log", level: "warn", text: "ipfail is for two nodes: of 2 others only elk counts." },
  ]);
  const alone = new Ipfail({ self: "fox", autoFailback: true, keepalive: milliseconds(500) });
  alone.step({ on: "start", nodes: nodes("ping", "ping").filter(({ name }) => name !== "owl") }, instant(0));
  const up = { on: "message", message: [text("t", "NS_st"), text("src", "gw3"), text("st", "ping")] } as const;
  assert.ok(alone.step(up, instant(1)).every(({ is }) => is === "log"));
});
