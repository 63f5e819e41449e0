/** A runner that does not answer: the core has a limit of its own. */
import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, milliseconds, nodeName, type OperationId } from "../../../src/base/units.ts";
import type { Extension } from "../../../src/config/ha4-cf.ts";
import type { ServicesInput, ServicesOutput } from "../../../src/core/services/language.ts";
import { Services } from "../../../src/core/services/services.ts";
import { UnitTable, unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const groups: ResourceGroup[] = [
  { key: "db", owner: fox, resources: [{ kind: "script", text: "db::x", script: "db", args: ["x"] }] },
];
const [unit = unitId("")] = new UnitTable([fox], groups).of(fox);

class Desk {
  readonly services: Services;
  readonly orders: { readonly operation: OperationId; readonly action: string }[] = [];
  readonly told: string[] = [];

  constructor(options?: Extension) {
    this.services = new Services(groups, options);
  }

  feed(input: ServicesInput, at = 0): void {
    this.#take(this.services.step(input, instant(at)));
  }

  answer(index: number, code: number, output: string, at = 0): void {
    const { operation } = this.orders.at(index) ?? assert.fail("nothing was ordered");
    this.feed({ on: "agent-finished", operation, outcome: { result: "exited", code, output } }, at);
  }

  #take(outputs: readonly ServicesOutput[]): void {
    for (const output of outputs) {
      if (output.is === "effect" && output.effect.do === "run-agent") this.orders.push(output.effect);
      else if (output.is !== "effect") this.told.push(output.is);
    }
  }
}

test("a start that nobody answers counts as timed out 15 s after its limit, and its late answer as none", () => {
  const desk = new Desk();
  desk.feed({ on: "acquire", unit });
  desk.answer(-1, 0, "stopped");
  const start = desk.orders.length - 1;
  assert.equal(desk.orders[start]?.action, "start");
  assert.equal(desk.services.nextDeadline(), 75_000);
  desk.feed({ on: "deadline" }, 74_999);
  assert.equal(desk.orders.length, start + 1);
  desk.feed({ on: "deadline" }, 75_000);
  assert.ok(desk.orders.length > start + 1, "what may have started is stopped");
  const orders = desk.orders.length;
  desk.answer(start, 0, "", 75_100);
  assert.equal(desk.orders.length, orders);
  desk.answer(orders - 1, 0, "stopped", 75_200);
});

test("a node that slept reads first what was answered meanwhile", () => {
  const desk = new Desk();
  desk.feed({ on: "acquire", unit });
  desk.answer(-1, 0, "stopped");
  desk.feed({ on: "stalled", wait: milliseconds(1000) }, 100_000);
  desk.feed({ on: "deadline" }, 100_000);
  desk.answer(-1, 0, "", 100_001);
  assert.deepEqual(desk.told, ["unit-up"]);
});

test("an answer that comes twice is a fault of ours and is told as one", () => {
  const desk = new Desk();
  desk.feed({ on: "acquire", unit });
  desk.answer(0, 0, "stopped");
  assert.throws(() => desk.answer(0, 0, "stopped"), /ended twice/);
});

test("an order of the last core has the longest limit that ha4.cf gives its group", () => {
  const none = { kinds: new Map(), groups: new Map(), resources: new Map() };
  const patient: Extension = { ...none, defaults: { startTimeout: milliseconds(300_000) } };
  const last = new Desk(patient);
  last.feed({ on: "acquire", unit });
  last.answer(-1, 0, "stopped");
  const start = last.orders.at(-1)?.operation ?? assert.fail("no start");
  const next = new Desk(patient);
  next.feed({ on: "adopt", groups: last.services.memory(), underWay: [start], lastOperation: start });
  assert.equal(next.services.nextDeadline(), 315_000);
});
