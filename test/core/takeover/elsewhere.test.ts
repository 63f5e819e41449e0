/** Whether another node could have what cannot be kept up here; and that an original in a cluster of more than two is warned of. */
import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceGroup } from "../../../src/agents/resource.ts";
import { instant, type NodeName, nodeName, seq } from "../../../src/base/units.ts";
import { surrenderHoldOff } from "../../../src/core/limits.ts";
import type { TakeoverInput, TakeoverOutput } from "../../../src/core/takeover/language.ts";
import { parseSuccessor } from "../../../src/core/takeover/successor.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import { unitId } from "../../../src/core/takeover/units.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const elk = nodeName("elk");
const ip = "10.0.0.1";
const groups: ResourceGroup[] = [{ key: ip, owner: fox, resources: [{ kind: "address", text: ip, address: { ip } }] }];

function node(...nodes: NodeName[]) {
  const takeover = new Takeover({ self: fox, nodes, groups, autoFailback: true, version: "4" });
  const [unit = unitId("")] = takeover.table.of(fox);
  let number = 0;
  const feed = (input: TakeoverInput, at = 0): readonly TakeoverOutput[] => takeover.step(input, instant(at));
  const hear = (from: NodeName, text: string | undefined, at = 0) =>
    feed(
      {
        on: "peer-status",
        node: from,
        seq: seq(++number),
        active: true,
        state: text === undefined ? undefined : parseSuccessor(text, takeover.table),
      },
      at,
    );
  const report = (from: NodeName, stable = true) =>
    feed({ on: "resource", from, seq: seq(++number), held: "none", full: true, stable, info: undefined });
  const couldGo = (at = 0): boolean => takeover.couldGo(unit, instant(at));
  return { takeover, unit, feed, hear, report, couldGo };
}

const ready = "1 4 ready=1 leave=0";

test("to a successor that takes part, has not failed with it and does not have it already", () => {
  const { unit, feed, hear, couldGo } = node(fox, owl);
  hear(owl, "1 4 ready=0 leave=0");
  feed({ on: "comm-up" });
  assert.equal(couldGo(), false, "it is not ours yet");
  const digest = unit.slice("fox/".length);
  hear(owl, `${ready} grant=fox/fox:1`);
  feed({ on: "unit-up", unit, ok: true });
  assert.equal(couldGo(), true);
  hear(owl, `${ready} fail=fox/${digest}:0`);
  assert.equal(couldGo(), false, "it does not start there");
  hear(owl, `1 4 ready=1 leave=1`);
  assert.equal(couldGo(), false, "it leaves");
  hear(owl, `${ready} hold=fox/${digest}:9`);
  assert.equal(couldGo(), false, "which of the two keeps it is decided otherwise");
  hear(owl, ready);
  feed({ on: "order", order: { do: "maintenance", on: true } });
  assert.equal(couldGo(), false, "maintenance");
  feed({ on: "order", order: { do: "maintenance", on: false } });
  feed({ on: "peer-dead", node: owl });
  assert.equal(couldGo(), false, "nobody is there");
});

test("to an original that is at rest, unless it was sent there lately", () => {
  const lostTo = 300_000;
  const { takeover, unit, feed, hear, report, couldGo } = node(fox, owl);
  hear(owl, undefined);
  feed({ on: "comm-up" });
  report(owl);
  feed({ on: "unit-up", unit, ok: true });
  assert.equal(couldGo(), true);
  report(owl, false);
  assert.equal(couldGo(), false, "resources move there");
  report(owl);
  const asked = feed({ on: "unit-lost", unit }, 1000).some((output) => output.is === "say");
  assert.equal(asked, true, "a stand-by is asked for");
  for (let at = 2000; at < lostTo; at += 1000) feed({ on: "deadline" }, at); // nobody answers, however often it asks
  feed({ on: "order", order: { do: "cleanup", group: ip } }, lostTo);
  feed({ on: "unit-up", unit, ok: true }, lostTo);
  assert.equal(takeover.word, "local");
  assert.equal(couldGo(lostTo), false);
  assert.equal(couldGo(lostTo + surrenderHoldOff), true);
});

test("to an original in calm only: not while an exchange goes on, nor when it may be about to start anew", () => {
  const { takeover, unit, feed, hear, report, couldGo } = node(fox, owl);
  hear(owl, undefined);
  feed({ on: "comm-up" });
  report(owl);
  feed({ on: "unit-up", unit, ok: true });
  feed({ on: "standby-request", set: "foreign" });
  assert.equal(couldGo(), false, "it was asked to take the other share");
  feed({ on: "deadline" }, 10_000);
  assert.equal(couldGo(10_000), true, "it did not answer");

  const [share = unitId("")] = takeover.table.of(owl);
  const back = {
    on: "peer-status",
    node: owl,
    seq: seq(100),
    active: true,
    state: undefined,
    anew: "returned",
  } as const;
  feed({ on: "peer-dead", node: owl }, 20_000);
  feed({ on: "unit-up", unit: share, ok: true }, 20_000);
  feed({ ...back, unheard: 9 }, 21_000);
  feed({ on: "resource", from: owl, seq: seq(101), held: "none", full: true, stable: true, info: undefined }, 21_000);
  assert.equal(couldGo(21_000), false, "it was cut off");
  feed({ on: "deadline" }, 26_000); // it has stayed, and is asked to take its share
  feed({ on: "deadline" }, 36_000);
  assert.equal(couldGo(36_000), true, "it did not answer");
});

test("to an original not while something starts or stops here", () => {
  const { takeover, unit, feed, hear, report, couldGo } = node(fox, owl);
  const [share = unitId("")] = takeover.table.of(owl);
  feed({ on: "peer-dead", node: owl });
  feed({ on: "comm-up" });
  feed({ on: "unit-up", unit, ok: true });
  hear(owl, undefined);
  report(owl);
  assert.equal(couldGo(), false, "the other share is on its way here");
  feed({ on: "unit-up", unit: share, ok: true });
  feed({ on: "deadline" }, 10_000); // it was asked to take it, and did not answer
  assert.equal(couldGo(10_000), true);
});

test("an original among more than two nodes is warned of, once", () => {
  const crowd = (...nodes: NodeName[]): string[] => {
    const { feed, hear } = node(...nodes);
    const outputs = [...hear(owl, undefined), ...feed({ on: "comm-up" }), ...hear(owl, undefined, 1000)];
    return outputs.flatMap((output) => (output.is === "log" && output.id === "original-in-crowd" ? [output.text] : []));
  };
  assert.deepEqual(crowd(fox, owl), []);
  assert.deepEqual(crowd(fox, owl, elk), [
    "owl runs 3.0.6, which knows two nodes only: while it is here, no more than two of the 3 nodes are safe to run.",
  ]);
});
