/** What becomes of a machine on which something will not stop. */
import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, nodeName, type OperationId } from "../../../src/base/units.ts";
import type { Extension } from "../../../src/config/ha4-cf.ts";
import type { Effect } from "../../../src/core/effect.ts";
import type { ServicesOutput } from "../../../src/core/services/language.ts";
import { Services } from "../../../src/core/services/services.ts";
import { UnitTable, unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const groups: ResourceGroup[] = [
  { key: "db", owner: fox, resources: [{ kind: "script", text: "db::x", script: "db", args: ["x"] }] },
];

const [unit = unitId("")] = new UnitTable([fox], groups).of(fox);

/** Starts `db`, then stops it, where every stop fails and every status says that it runs. What was asked for besides. */
function stopInVain(options?: Extension): Effect[] {
  const services = new Services(groups, options);
  const asked: Effect[] = [];
  let at = 0;
  const feed = (input: Parameters<Services["step"]>[0]): void => take(services.step(input, instant(at)));
  const answer = (operation: OperationId, code: number, output: string): void =>
    feed({ on: "agent-finished", operation, outcome: { result: "exited", code, output } });
  let starting = true;
  const take = (outputs: readonly ServicesOutput[]): void => {
    for (const output of outputs) {
      if (output.is !== "effect") continue;
      const { effect } = output;
      if (effect.do !== "run-agent") asked.push(effect);
      else if (effect.action === "status") answer(effect.operation, 0, starting ? "stopped" : "running");
      else answer(effect.operation, starting ? 0 : 1, "");
    }
  };
  feed({ on: "acquire", unit });
  starting = false;
  feed({ on: "release", unit, urgent: false });
  for (at = 0; at < 60_000; at += 1000) feed({ on: "deadline" });
  return asked;
}

const extension = (part: Partial<Extension>): Extension => ({
  defaults: {},
  kinds: new Map(),
  groups: new Map(),
  resources: new Map(),
  ...part,
});
const reboots = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.do === "reboot" ? [effect.reason] : []));

test("what would not stop restarts the machine, once, with a reason", () => {
  assert.deepEqual(reboots(stopInVain()), ["db::x would not stop"]);
  assert.deepEqual(reboots(stopInVain(extension({}))), ["db::x would not stop"]);
});

test("ha4.cf may choose to hold it instead, and that is said", () => {
  const hold = { stopFailure: "hold" } as const;
  for (const part of [
    { defaults: hold },
    { groups: new Map([["db", hold]]) },
    { resources: new Map([["db::x", hold]]) },
    { resources: new Map([["db", hold]]) },
  ]) {
    const asked = stopInVain(extension(part));
    assert.deepEqual(reboots(asked), []);
    assert.ok(asked.some((effect) => effect.do === "log" && effect.id === "stop-failure-held"));
    for (const effect of asked) if (effect.do === "log") assert.equal(effect.group, "db", effect.text);
  }
  const nearer = extension({ defaults: hold, resources: new Map([["db", { stopFailure: "reboot" }]]) });
  assert.deepEqual(reboots(stopInVain(nearer)), ["db::x would not stop"]);
});
