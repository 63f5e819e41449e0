/** The course of a drill with hands that are a story, and what it measures with real sockets. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import test from "node:test";
import { failed, ok } from "../../src/base/result.ts";
import { addressTarget, ask, OutageMeter, probeTarget } from "../../src/cli/outage.ts";
import { addressOf, type DrillHands, objection, otherNode, type Plan, rehearse } from "../../src/cli/rehearsal.ts";
import type { GroupView, NodeView, View } from "../../src/core/view.ts";
import { viewOf } from "../support/client-cluster.ts";
import { until } from "../support/until.ts";

const node = (name: string, more: Partial<NodeView> = {}): NodeView => ({
  name,
  type: "normal",
  status: "active",
  version: "4",
  deadtime: 3000,
  holds: "none",
  stable: true,
  links: [{ medium: "eth0", status: "up" }],
  ...more,
});
const group = (more: Partial<GroupView> = {}): GroupView => ({
  key: "web",
  owner: "fox",
  holder: "fox",
  state: "running",
  because: "",
  resources: [{ text: "IPaddr::10.0.0.10/24/eth0", state: "running" }],
  ...more,
});
const view = (more: Partial<View> = {}): View =>
  viewOf("fox", { nodes: [node("fox"), node("owl")], groups: [group()], ...more });

test("only a cluster that is whole and calm is tried", () => {
  assert.equal(objection(view(), "web", undefined), undefined);
  assert.equal(objection(view(), "web", "owl"), undefined);
  const rows: readonly [View, RegExp][] = [
    [view({ maintenance: true }), /maintenance/],
    [view({ phase: "starting" }), /not settled/],
    [view({ resourceStatus: "transition" }), /not settled/],
    [view({ managesResources: false }), /-M/],
    [view({ nodes: [node("fox"), node("owl", { status: "dead" })] }), /not whole: node owl is dead/],
    [view({ nodes: [node("fox"), node("owl", { stable: false })] }), /owl is not settled/],
    [view({ nodes: [node("fox"), node("owl", { links: [{ medium: "eth1", status: "dead" }] })] }), /link owl:eth1/],
    [view({ nodes: [node("fox"), node("owl", { differs: ["deadtime"] })] }), /owl differs: deadtime/],
    [view({ groups: [group({ failedOn: ["owl"] })] }), /did not start on owl/],
    [view({ groups: [group({ movingTo: "owl" })] }), /not settled/],
    [view({ groups: [group({ key: "other" })] }), /no group web: other/],
    [view({ nodes: [node("fox")] }), /no other node/],
  ];
  for (const [each, says] of rows) assert.match(objection(each, "web", undefined) ?? "", says);
  assert.match(objection(view(), "web", "fox") ?? "", /on fox already/);
  assert.match(objection(view(), "web", "elk") ?? "", /no node elk/);
  const { version: _none, ...original } = node("owl");
  assert.match(objection(view({ nodes: [node("fox"), original] }), "web", undefined) ?? "", /3\.0\.6/);
});

test("where it goes, and what is asked", () => {
  const three = view({ nodes: [node("elk"), node("fox"), node("owl")] });
  assert.equal(otherNode(three, { holder: "fox" }), "owl");
  assert.equal(otherNode(three, { holder: "owl" }), "elk");
  assert.equal(addressOf(group()), "10.0.0.10");
  assert.equal(addressOf(group({ resources: [{ text: "IPv6addr::fd00::1/64/eth0", state: "running" }] })), "fd00::1");
  assert.equal(addressOf(group({ resources: [{ text: "apache2", state: "running" }] })), undefined);
  assert.deepEqual(probeTarget("tcp:[fd00::1]:80"), { host: "fd00::1", port: 80, refusedCounts: false });
  for (const wrong of ["http:a:1", "tcp:a", "tcp::80", "tcp:a:0", "tcp:a:65536"])
    assert.equal(probeTarget(wrong), undefined, wrong);
});

const plan: Plan = { group: "web", from: "fox", to: "owl", stay: 100, patience: 5000 };

/** A cluster that obeys after 200 ms; `refuses`: moves that are refused; `stopAt`: when the operator has had enough. */
function story({ refuses = [], stopAt }: { readonly refuses?: readonly string[]; readonly stopAt?: number } = {}) {
  let clock = 0;
  let holder = "fox";
  let due: { readonly to: string; readonly at: number } | undefined;
  const orders: string[] = [];
  const hands: DrillHands = {
    view: async () => {
      if (due !== undefined && clock >= due.at) {
        holder = due.to;
        due = undefined;
      }
      return ok(view({ groups: [group({ holder, ...(due === undefined ? {} : { movingTo: due.to }) })] }));
    },
    move: async (to) => {
      orders.push(to);
      if (refuses.includes(to)) return failed({ says: `${to} takes nothing now` });
      due ??= { to, at: clock + 200 };
      return ok("it moves");
    },
    meter: { mark: () => {}, longest: 42, silence: 0 },
    interrupted: () => stopAt !== undefined && clock >= stopAt,
    pause: async (milliseconds) => {
      clock += milliseconds;
    },
    now: () => clock,
    tell: () => {},
  };
  return { hands, orders, holder: () => holder };
}

test("there and back, each way timed", async () => {
  const { hands, orders, holder } = story();
  assert.deepEqual(await rehearse(plan, hands), {
    is: "done",
    away: { to: "owl", took: 200, outage: 42 },
    back: { to: "fox", took: 200, outage: 42 },
  });
  assert.deepEqual(orders, ["owl", "fox"]);
  assert.equal(holder(), "fox");
});

test("a refusal moves nothing", async () => {
  const { hands, orders, holder } = story({ refuses: ["owl"] });
  assert.deepEqual(await rehearse(plan, hands), { is: "broken-off", because: "owl takes nothing now" });
  assert.deepEqual(orders, ["owl"]);
  assert.equal(holder(), "fox");
});

test("interrupted on the way or there: it is brought back", async () => {
  for (const stopAt of [50, 250]) {
    const { hands, orders, holder } = story({ stopAt });
    assert.deepEqual(await rehearse(plan, hands), { is: "broken-off", because: "interrupted" });
    assert.equal(orders.at(-1), "fox");
    assert.equal(holder(), "fox");
  }
});

test("what cannot be brought back is said", async () => {
  const { hands } = story({ refuses: ["fox"] });
  const course = await rehearse(plan, hands);
  assert.ok(course.is === "stranded");
  assert.match(course.because, /could not be brought back to fox: fox takes nothing now/);
});

test("an outage is the longest time without an answer", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const target = { host: "127.0.0.1", port: address.port, refusedCounts: false };
  assert.equal(await ask(target), true);
  const meter = new OutageMeter(target);
  await until("it answers", () => meter.silence < 100);
  meter.mark();
  await new Promise((resolve) => server.close(resolve));
  await until("it is away", () => meter.silence > 300);
  assert.equal(await ask(target), false);
  assert.equal(
    await ask({ ...addressTarget("127.0.0.1"), port: address.port }),
    true,
    "a refusal is an answer of the address",
  );
  server.listen(address.port, "127.0.0.1");
  await until("it answers again", () => meter.silence < 100);
  meter.stop();
  server.close();
  assert.ok(meter.longest >= 300, `${meter.longest}`);
});
