/** systemd says that a unit is down: it is asked for its own status at once, whatever its probes are, and only while it is up. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Resource, ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, nodeName, type OperationId, seconds } from "../../../src/base/units.ts";
import type { Extension } from "../../../src/config/ha4-cf.ts";
import type { ServicesInput } from "../../../src/core/services/language.ts";
import { Services } from "../../../src/core/services/services.ts";
import { UnitTable, unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const unitOf = (script: string): Resource => ({ kind: "systemd", text: `systemd::${script}`, script, args: [] });
const groups: ResourceGroup[] = [{ key: "shop", owner: fox, resources: [unitOf("shop"), unitOf("desk.socket")] }];
const [unit = unitId("")] = new UnitTable([fox], groups).of(fox);
const options: Extension = {
  defaults: { monitorInterval: seconds(60) },
  kinds: new Map(),
  groups: new Map(),
  resources: new Map([["systemd::shop", { probes: [{ kind: "tcp", host: "127.0.0.1", port: 80 }] }]]),
};

/** What is asked of the outside, in words, and the number of the last question. */
function play() {
  const services = new Services(groups, options);
  let last: OperationId | undefined;
  const feed = (at: number, input: ServicesInput): string[] =>
    services.step(input, instant(at * 1000)).flatMap((output) => {
      if (output.is !== "effect") return [];
      const { effect } = output;
      if (effect.do === "log") return effect.id === "resource-failed" ? [effect.text] : [];
      if (effect.do !== "run-agent" && effect.do !== "probe") return [];
      last = effect.operation;
      return [effect.do === "probe" ? "probe" : `${effect.script} ${effect.action}`];
    });
  const answer = (at: number, output: string): string[] => {
    assert.ok(last !== undefined);
    return feed(at, { on: "agent-finished", operation: last, outcome: { result: "exited", code: 0, output } });
  };
  return { feed, answer };
}

const down = (name: string): ServicesInput => ({ on: "unit-down", unit: name });

test("it is asked at once, and started anew when it says so itself", () => {
  const { feed, answer } = play();
  assert.deepEqual(feed(0, { on: "acquire", unit }), ["shop status"]);
  assert.deepEqual(feed(0, down("shop.service")), [], "it is not up yet");
  assert.deepEqual(answer(1, "inactive"), ["shop start"]);
  assert.deepEqual(answer(2, ""), ["desk.socket status"]);
  assert.deepEqual(answer(3, "active"), []);

  assert.deepEqual(feed(4, down("shop.service")), ["shop status"]);
  assert.deepEqual(answer(5, "active"), [], "what was heard was old");
  assert.deepEqual(feed(6, down("other.service")), []);
  assert.deepEqual(feed(6, down("desk.service")), []);
  assert.deepEqual(feed(7, down("desk.socket")), ["desk.socket status"]);
  assert.deepEqual(answer(8, "failed"), [
    "systemd::desk.socket has failed: status says failed (failure 1 within 600 s, 2 are answered by a restart)",
    "desk.socket stop",
  ]);
  assert.deepEqual(feed(9, down("desk.socket")), [], "it is being seen to");
});

test("its probes are asked when they were due", () => {
  const { feed, answer } = play();
  feed(0, { on: "acquire", unit });
  answer(0, "active");
  answer(0, "active");
  assert.deepEqual(feed(10, down("shop.service")), ["shop status"]);
  assert.deepEqual(answer(11, "active"), []);
  assert.deepEqual(feed(59, { on: "deadline" }), []);
  assert.deepEqual(feed(60, { on: "deadline" }).sort(), ["desk.socket status", "probe"]);
});
