/**
 * An address that is taken away and cannot be put back: its group goes to a node that can have it, is kept up as far as it goes where there is none, and
 * may run here again when an interface is back.
 */
import assert from "node:assert/strict";
import test from "node:test";
import type { Resource, ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, nodeName, operationId } from "../../../src/base/units.ts";
import type { AddressAction } from "../../../src/core/effect.ts";
import type { AddressOutcome } from "../../../src/core/input.ts";
import type { ServicesInput } from "../../../src/core/services/language.ts";
import { Services } from "../../../src/core/services/services.ts";
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
  /** The kernel takes no address, whatever interfaces there are. */
  refuses = false;
  /** The kernel does not answer questions. */
  deaf = false;
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

  #kernel(action: AddressAction): AddressOutcome {
    const asksInterface = action === "add" || action === "could-add";
    if (asksInterface && !this.interfaceThere) return { result: "failed", says: "there is no eth0" };
    if (action === "add" && this.refuses) return { result: "failed", says: "permission denied" };
    if (action === "status" && this.deaf) return { result: "failed", says: "no buffer space" };
    if (action === "add") this.active.add("10.0.0.1");
    if (action === "remove") this.active.delete("10.0.0.1");
    if (!this.active.has("10.0.0.1")) return { result: "absent" };
    return { result: "present", address: { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" } };
  }

  /** All that comes by itself until then, with the milliseconds. */
  until(end: number): [number, string][] {
    const found: [number, string][] = [];
    for (let at = this.services.nextDeadline(); at !== undefined && at <= end; at = this.services.nextDeadline())
      for (const output of this.feed(at, { on: "deadline" })) found.push([at, output]);
    return found;
  }

  loseInterface(at: number): string[] {
    this.interfaceThere = false;
    this.active.delete("10.0.0.1");
    return this.feed(at, { on: "address-gone", ip: "10.0.0.1" });
  }
}

const notBack = "10.0.0.1 cannot be put back: there is no eth0. It is tried again every second.";

test("another node could have it: when it has been away for 5 s all of the group is stopped here, and that is told as a loss", () => {
  const node = new Played(() => true);
  assert.deepEqual([...node.active], ["10.0.0.1", "shop"]);
  assert.deepEqual(node.loseInterface(1000), [notBack]);
  assert.deepEqual(node.until(6000), [
    [6000, "Giving up resources due to failure of 10.0.0.1"],
    [6000, "shop stop"],
    [6000, "unit-lost"],
  ]);
  assert.deepEqual([...node.active], []);
  assert.deepEqual(node.until(60_000), [], "nobody puts back what is to be gone");
});

test("the network is restarted: the address is back with its interface, and nothing moves", () => {
  const node = new Played(() => true);
  assert.deepEqual(node.loseInterface(1000), [notBack]);
  assert.deepEqual(node.until(5000), []);
  node.interfaceThere = true;
  assert.deepEqual(node.until(60_000), []);
  assert.deepEqual([...node.active], ["shop", "10.0.0.1"]);
});

test("nobody else could have it: the rest stays up until somebody can", () => {
  let other = false;
  const node = new Played(() => other);
  assert.deepEqual(node.loseInterface(1000), [notBack]);
  assert.deepEqual(node.until(60_000), []);
  assert.deepEqual([...node.active], ["shop"]);
  other = true; // it has come up
  assert.deepEqual(node.until(61_000).at(-1), [61_000, "unit-lost"]);
});

test("a kernel that does not answer questions takes nothing down", () => {
  const node = new Played(() => true);
  node.deaf = true;
  assert.deepEqual(node.feed(1000, { on: "address-gone", ip: undefined }), []);
  assert.deepEqual(node.until(60_000), []);
  assert.deepEqual([...node.active], ["10.0.0.1", "shop"]);
});

test("a group that failed for want of its interface may be tried again when the kernel would take its address", () => {
  const node = new Played(() => true);
  node.loseInterface(1000);
  node.until(60_000);
  assert.deepEqual([...node.active], []);
  node.interfaceThere = true;
  assert.deepEqual(node.until(65_999), [[61_000, "unit-able"]]);
});

test("so may one that could not start for want of it, and one that the last core left so", () => {
  const node = new Played(() => false);
  node.feed(0, { on: "release", unit, urgent: false });
  node.interfaceThere = false;
  assert.ok(node.feed(1000, { on: "acquire", unit }).includes("unit-up"));
  assert.deepEqual(node.until(60_000), []);

  const next = new Played(() => false);
  next.feed(0, { on: "release", unit, urgent: false });
  next.interfaceThere = false;
  next.feed(1000, { on: "adopt", groups: node.services.memory(), underWay: [], lastOperation: operationId(0) });
  assert.deepEqual(next.until(60_000), []);

  const late = new Played(() => false); // its interface came back while no core ran
  late.feed(0, { on: "release", unit, urgent: false });
  late.feed(60_000, { on: "adopt", groups: node.services.memory(), underWay: [], lastOperation: operationId(0) });
  assert.deepEqual(late.until(60_000), [[60_000, "unit-able"]]);

  for (const each of [node, next]) {
    each.interfaceThere = true;
    assert.deepEqual(each.until(66_000), [[61_000, "unit-able"]]);
    each.feed(66_000, { on: "acquire", unit });
    assert.deepEqual([...each.active], ["10.0.0.1", "shop"]);
    assert.deepEqual(each.until(120_000), [], "it runs");
  }
});

test("an address that the kernel refuses although its interface is there is left to an operator", () => {
  const node = new Played(() => false);
  node.feed(0, { on: "release", unit, urgent: false });
  node.refuses = true;
  assert.ok(node.feed(1000, { on: "acquire", unit }).includes("unit-up"));
  assert.deepEqual(node.until(60_000), []);
  assert.equal(node.services.nextDeadline(), undefined, "nor is it asked again");
});

test("a group whose service failed waits for an operator, whatever the interfaces do", () => {
  const node = new Played(() => true);
  node.feed(0, { on: "release", unit, urgent: false });
  node.broken = true;
  node.feed(1000, { on: "acquire", unit });
  assert.deepEqual(node.until(60_000), []);
});
