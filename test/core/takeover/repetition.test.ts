/** What a heartbeat says again is judged once, and anew as soon as anything has changed. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput } from "../../../src/core/takeover/language.ts";
import { parseSuccessor } from "../../../src/core/takeover/successor.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";

const fox = "fox" as NodeName;
const owl = "owl" as NodeName;

/** Fox beside owl; each judgement asks once how many ping nodes answer, since that is part of what fox says. */
function pair() {
  let asked = 0;
  let pings = 1;
  const node = new Takeover({
    self: fox,
    nodes: [fox, owl],
    autoFailback: true,
    version: "4",
    pings: () => {
      asked++;
      return pings;
    },
  });
  let number = 0;
  const says = (text: string) => parseSuccessor(text, node.table);
  const holds = says("1 4 ready=1 leave=0 hold=owl:1");
  const judged = (input: TakeoverInput): boolean => {
    const before = asked;
    node.step(input, instant(++number));
    return asked > before;
  };
  const status = (state = holds): TakeoverInput => ({
    on: "peer-status",
    node: owl,
    seq: seq(++number),
    active: true,
    state,
  });
  judged(status());
  judged({ on: "comm-up" });
  for (let i = 0; i < 10; i++) judged(status());
  assert.equal(judged(status()), false, "it is at rest");
  const setPings = (count: number): void => {
    pings = count;
  };
  return { node, judged, status, says, setPings };
}

test("at rest a repeated heartbeat is passed over, a deadline is not", () => {
  const { judged, status } = pair();
  assert.equal(judged({ on: "deadline" }), true);
  assert.equal(judged(status()), false);
});

test("what it says otherwise is judged, and what it says then again, until all is at rest", () => {
  const { node, judged, status, says } = pair();
  const leaves = says("1 4 ready=1 leave=1 hold=owl:1");
  assert.equal(judged(status(leaves)), true);
  assert.equal(judged(status(leaves)), true);
  for (let i = 0; i < 5; i++) judged(status(leaves));
  assert.equal(judged(status(leaves)), false);
  const gone = says("1 4 ready=1 leave=1");
  judged(status(gone));
  assert.equal(node.word, "all", "its share was taken");
});

test("a change of another kind has the next heartbeat judged: a death, an order, another number of ping nodes", () => {
  for (const change of ["peer-dead", "order", "pings"] as const) {
    const { judged, status, setPings } = pair();
    if (change === "peer-dead") judged({ on: "peer-dead", node: owl });
    else if (change === "order") judged({ on: "order", order: { do: "maintenance", on: true } });
    else {
      setPings(0);
      judged({ on: "deadline" });
    }
    assert.equal(judged(status()), true, change);
  }
});

test("a heartbeat that was passed over is the newest all the same: an older one tells nothing", () => {
  const { node, judged, status, says } = pair();
  const late = status(says("1 4 ready=1 leave=0"));
  assert.equal(judged(status()), false);
  judged(late);
  assert.equal(node.peer(owl).word, "local");
});
