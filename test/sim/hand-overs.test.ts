/** The checker that lets an address be up on two nodes: only in a hand-over, and no longer than the product promises. */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import { overlapMax } from "../../src/core/limits.ts";
import { activeAnywhereOnce, activeOnce, HandOvers, Hearing, handOverMax } from "../../src/sim/checkers.ts";
import { parseStory, playStory } from "../../src/sim/scenario.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const both = [fox, owl].map((name) => ({ name, activeGroups: new Set(["10.0.0.1"]) }));
const awake = (): boolean => false;

function violation(handOvers: HandOvers, now: number): string | undefined {
  const hearing = new Hearing(1000);
  for (const at of [0, now])
    for (const [to, from] of [
      [fox, owl],
      [owl, fox],
    ] as const)
      hearing.received(to, from, at);
  const found = activeOnce(both, hearing, handOvers, now, 0);
  assert.equal(activeAnywhereOnce(both, handOvers, now) === undefined, found === undefined);
  return found;
}

test("a hand-over may have an address up twice for 20 ms, and not longer", () => {
  const handOvers = new HandOvers((_, from, to) => from === fox && to === owl);
  handOvers.look(both, 100, awake);
  handOvers.look(both, 110, awake);
  assert.equal(violation(handOvers, 100 + handOverMax), undefined);
  assert.match(violation(handOvers, 101 + handOverMax) ?? "", /active on both/);
});

test("what did not begin as a hand-over does not become one", () => {
  let handing = false;
  const handOvers = new HandOvers(() => handing);
  handOvers.look(both, 100, awake);
  handing = true;
  handOvers.look(both, 101, awake);
  assert.match(violation(handOvers, 101) ?? "", /active on both/);
});

test("a frozen node cannot let go: its time counts from when it runs again", () => {
  const handOvers = new HandOvers(() => true);
  handOvers.look(both, 100, awake);
  handOvers.look(both, 500, (node) => node === fox);
  assert.equal(violation(handOvers, 510), undefined);
  assert.match(violation(handOvers, 501 + handOverMax) ?? "", /active on both/);
});

/** Of ten moves of an address to and fro, with messages lost or not. */
function longestOf(seed: number, loss: number): number {
  const moves = Array.from({ length: 5 }, () => "standby fox all; run 2s; standby owl all; run 2s").join("; ");
  const story = `cluster seed=${seed}
node fox holds "10.0.0.10"
node owl
----
start fox owl; run 15s; loss ${loss}; ${moves}
----
`;
  return playStory(parseStory(story)).longestHandOver;
}

test("the product hands addresses over with both nodes having them, and the giver lets go by itself when it hears nothing of the taker", (t) => {
  const calm = longestOf(1, 0);
  t.diagnostic(`nothing lost: up twice for ${calm.toFixed(2)} ms`);
  assert.ok(calm > 0 && calm <= 1, "for as long as the taker's word is on its way");
  const lossy = Array.from({ length: 4 }, (_, i) => longestOf(i + 1, 30));
  const worst = Math.max(...lossy);
  t.diagnostic(`a third lost: up twice for ${worst.toFixed(2)} ms at most`);
  assert.ok(worst > 1, "some word of a taker was lost");
  assert.ok(worst <= overlapMax && overlapMax < handOverMax, `${worst} ms`);
});
