/** When addresses are announced again, and when a claim of another machine counts. */
import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, nodeName, type OperationId } from "../../../src/base/units.ts";
import type { ServicesInput } from "../../../src/core/services/language.ts";
import { Services } from "../../../src/core/services/services.ts";
import { UnitTable, unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const groups: ResourceGroup[] = [
  {
    key: "web",
    owner: fox,
    resources: [
      { kind: "address", text: "10.0.0.1", address: { ip: "10.0.0.1" } },
      { kind: "script", text: "slow", script: "slow", args: [] },
    ],
  },
];
const [unit = unitId("")] = new UnitTable([fox], groups).of(fox);
const claim: ServicesInput = { on: "address-claimed", ip: "10.0.0.1", mac: "02:00:00:00:00:66", device: "eth0" };

/** Services whose address answers at once and whose script hangs at `hangAt`. */
function play(hangAt?: string) {
  const services = new Services(groups);
  const feed = (at: number, input: ServicesInput): string[] =>
    services.step(input, instant(at)).flatMap((output) => {
      if (output.is !== "effect") return [];
      const { effect } = output;
      const { do: what } = effect;
      if (what === "announce" || what === "log")
        return what === "announce" ? [what] : effect.id === "address-claimed" ? [`${what} of ${effect.group}`] : [];
      if (what === "address") return feed(at, answer(effect.operation, effect.action === "add"));
      if (what !== "run-agent" || effect.action === hangAt) return [];
      const outcome = { result: "exited", code: 0, output: "stopped" } as const;
      return feed(at, { on: "agent-finished", operation: effect.operation, outcome });
    });
  const answer = (operation: OperationId, there: boolean): ServicesInput => ({
    on: "address-finished",
    operation,
    outcome: there
      ? { result: "present", address: { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" } }
      : { result: "absent" },
  });
  return { services, feed };
}

test("a burst after the start dies away; a cable that is in again begins it anew", () => {
  const { feed } = play();
  assert.deepEqual(feed(0, { on: "acquire", unit }), ["announce"]);
  let repeats = 0;
  for (let at = 0; at <= 100_000; at += 50) repeats += feed(at, { on: "deadline" }).length;
  assert.equal(repeats, 7);
  assert.deepEqual(feed(200_000, { on: "interface-up", device: "eth0" }), ["announce"]);
  let again = 0;
  for (let at = 200_000; at <= 300_000; at += 50) again += feed(at, { on: "deadline" }).length;
  assert.equal(again, 7);
  assert.deepEqual(feed(400_000, { on: "interface-up", device: "eth1" }), []);
});

test("a claim counts while the address is here to stay, and not while it moves", () => {
  const { feed, services } = play("stop");
  assert.deepEqual(feed(0, claim), [], "not ours yet");
  feed(0, { on: "acquire", unit });
  assert.deepEqual(feed(1000, { ...claim, ip: "10.0.0.2" }), [], "not ours at all");
  assert.deepEqual(feed(1000, claim), ["log of web", "announce"]);
  assert.equal(services.conflicts().length, 1);
  feed(2000, { on: "release", unit, urgent: false });
  assert.deepEqual(feed(3000, claim), [], "its script is being stopped: the address is on its way");
});

test("while an address is handed over its taker's announcements are no claim, and ours do not contradict them", () => {
  const { feed } = play();
  feed(0, { on: "acquire", unit });
  feed(10, { on: "offered", unit, offered: true });
  assert.deepEqual(feed(100, claim), []);
  assert.deepEqual(feed(100, { on: "deadline" }), [], "no repeats");
  feed(200, { on: "offered", unit, offered: false });
  assert.deepEqual(feed(300, claim), ["log of web", "announce"], "nobody took it");
});
