/**
 * An address that is taken away and cannot be put back: its group goes to a node that can have it, is kept up as far as it goes where there is none, and
 * may run here again when an interface is back.
 */
import assert from "node:assert/strict";
import test from "node:test";
import type { Resource, ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, nodeName } from "../../../src/base/units.ts";
import type { AddressOutcome } from "../../../src/core/input.ts";
import { Services, type ServicesInput } from "../../../src/core/services/services.ts";
import { UnitTable, unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const web: Resource = { kind: "address", text: "10.0.0.1", address: { ip: "10.0.0.1" } };
const shop: Resource = { kind: "script", text: "shop", script: "shop", args: [] };
const groups: ResourceGroup[] = [{ key: "10.0.0.1", owner: fox, resources: [web, shop] }];
const [unit = unitId("")] = new UnitTable([fox], groups).of(fox);

/** The kernel and the scripts do what they are told, until the interface is gone. */
class Played {
  readonly services: Services;
  interfaceThere = true;
  /** The service does not start. */
  broken = false;
  readonly active = new Set<string>();

  constructor(couldGo: () => boolean) {
    this.services = new Services(groups, undefined, undefined, couldGo);
    this.feed(0, { on: "acquire", unit });
  }

  feed(at: number, input: ServicesInput): string[] {
    return this.services.step(input, instant(at)).flatMap((output): string[] => {
      if (output.is !== "effect") return [output.is];
      const { effect } = output;
      if (effect.do === "address")
        return this.feed(at, {
          on: "address-finished",
          operation: effect.operation,
          outcome: this.#kernel(effect.action),
        });
      if (effect.do === "log") return effect.level === "crit" ? [effect.text] : [];
      if (effect.do !== "run-agent") return [];
      const ran = this.active.has("shop");
      if (effect.action === "start" && !this.broken) this.active.add("shop");
      if (effect.action === "stop") this.active.delete("shop");
      const said = effect.action === "status" && ran ? "running" : "";
      const code = effect.action === "start" && this.broken ? 1 : 0;
      const outcome = { result: "exited", code, output: said } as const;
      const told = effect.action === "status" ? [] : [`shop ${effect.action}`];
      return [...told, ...this.feed(at, { on: "agent-finished", operation: effect.operation, outcome })];
    });
  }

  #kernel(action: "add" | "remove" | "status"): AddressOutcome {
    if (action === "add" && !this.interfaceThere) return { result: "failed", says: "there is no eth0" };
    if (action === "add") this.active.add("10.0.0.1");
    if (action === "remove") this.active.delete("10.0.0.1");
    if (!this.active.has("10.0.0.1")) return { result: "absent" };
    return { result: "present", address: { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" } };
  }

  /** Milliseconds at which the group may be tried again, asked whenever something is due. */
  ableAt(from: number, until: number): number[] {
    const found: number[] = [];
    for (let at = this.services.nextDeadline(); at !== undefined && at <= until; at = this.services.nextDeadline())
      if (this.feed(at, { on: "deadline" }).includes("unit-able")) found.push(at - from);
    return found;
  }

  loseInterface(at: number): string[] {
    this.interfaceThere = false;
    this.active.delete("10.0.0.1");
    return this.feed(at, { on: "address-gone", ip: "10.0.0.1" });
  }
}

const notBack = "10.0.0.1 cannot be put back: there is no eth0. It is tried again every second.";

test("another node could have it: all of the group is stopped here at once, and that is told as a loss", () => {
  const node = new Played(() => true);
  assert.deepEqual([...node.active], ["10.0.0.1", "shop"]);
  assert.deepEqual(node.loseInterface(1000), [
    notBack,
    "Giving up resources due to failure of 10.0.0.1",
    "shop stop",
    "unit-lost",
  ]);
  assert.deepEqual([...node.active], []);
  assert.deepEqual(node.feed(2000, { on: "deadline" }), [], "nobody puts back what is to be gone");
});

test("nobody else could have it: the rest stays up, and the address comes back with its interface", () => {
  let other = false;
  const node = new Played(() => other);
  assert.deepEqual(node.loseInterface(1000), [notBack]);
  assert.deepEqual(node.feed(2000, { on: "deadline" }), []);
  assert.deepEqual([...node.active], ["shop"]);
  node.interfaceThere = true;
  node.feed(3000, { on: "deadline" });
  assert.deepEqual([...node.active], ["shop", "10.0.0.1"]);

  assert.deepEqual(node.loseInterface(4000), [notBack]);
  other = true; // it has come up meanwhile
  assert.deepEqual(node.feed(5000, { on: "deadline" }), [
    "Giving up resources due to failure of 10.0.0.1",
    "shop stop",
    "unit-lost",
  ]);
});

const up = { on: "interface-up", device: "eth0" } as const;

test("a group that failed for want of its interface may be tried again 2 s and 15 s after one is back", () => {
  const node = new Played(() => true);
  node.loseInterface(1000);
  assert.deepEqual(node.ableAt(0, 60_000), [], "not while it is gone");
  node.feed(100_000, up);
  assert.deepEqual(node.ableAt(100_000, 200_000), [2000, 15_000]);
});

test("so may one that could not start for want of it; while the interface comes and goes nothing is tried", () => {
  const node = new Played(() => false);
  node.feed(0, { on: "release", unit, urgent: false });
  node.interfaceThere = false;
  assert.ok(node.feed(1000, { on: "acquire", unit }).includes("unit-up"));
  for (const at of [2000, 3000, 4000]) {
    node.feed(at, up);
    assert.deepEqual(node.ableAt(at, at + 999), []);
  }
  assert.deepEqual(node.ableAt(4000, 5000), []);
  assert.deepEqual(node.ableAt(4000, 6000), [2000]);

  node.interfaceThere = true;
  node.feed(7000, { on: "acquire", unit });
  assert.deepEqual([...node.active], ["10.0.0.1", "shop"]);
  assert.deepEqual(node.ableAt(4000, 60_000), [], "it runs");
});

test("a group whose service failed waits for an operator, whatever the interfaces do", () => {
  const node = new Played(() => true);
  node.feed(0, { on: "release", unit, urgent: false });
  node.broken = true;
  node.feed(1000, { on: "acquire", unit });
  node.feed(2000, up);
  assert.deepEqual(node.ableAt(2000, 60_000), []);
});
