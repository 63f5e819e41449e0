/** Who keeps what two nodes hold: one rule after the other, the same answer on both, with its reason. */
import assert from "node:assert/strict";
import test from "node:test";
import { type NodeName, nodeName } from "../../../src/base/units.ts";
import { type Holding, keeper } from "../../../src/core/takeover/ownership.ts";

const [fox, owl, elk] = ["fox", "owl", "elk"].map(nodeName) as [NodeName, NodeName, NodeName];
const nodes = [fox, owl, elk];
const holding = (node: NodeName, more: Partial<Holding> = {}): Holding => ({
  node,
  term: 1,
  stalled: false,
  unheard: false,
  pings: 2,
  ...more,
});

/** The same whoever asks. */
function keeps(owner: NodeName, a: Holding, b: Holding): string {
  const answers = [keeper(owner, a, b, nodes), keeper(owner, b, a, nodes)];
  assert.deepEqual(answers[0], answers[1]);
  return `${answers[0]?.node}: ${answers[0]?.because}`;
}

/** Everything speaks for `worse` but the rule that is looked at. */
const rules: readonly {
  readonly rule: string;
  readonly worse: Partial<Holding>;
  readonly better: Partial<Holding>;
  readonly says: string;
}[] = [
  {
    rule: "who slept for its dead time gives way",
    worse: { stalled: true, pings: 3, term: 1 },
    better: { unheard: true, pings: 0, term: 9 },
    says: "owl: fox was not running for its dead time",
  },
  {
    rule: "then whom the other does not hear",
    worse: { unheard: true, pings: 3, term: 1 },
    better: { pings: 0, term: 9 },
    says: "owl: owl does not hear fox",
  },
  {
    rule: "then who reaches fewer ping nodes",
    worse: { pings: 1, term: 1 },
    better: { pings: 2, term: 9 },
    says: "owl: owl reaches more ping nodes",
  },
  {
    rule: "then who took it later; it counts only where both say how many ping nodes they reach",
    worse: { pings: 3, term: 2 },
    better: { pings: undefined, term: 1 },
    says: "owl: owl held it before the split",
  },
];

for (const { rule, worse, better, says } of rules)
  test(rule, () => assert.equal(keeps(fox, holding(fox, worse), holding(owl, better)), says));

test("then the node order, counted from the owner, who so keeps its own", () => {
  assert.equal(keeps(fox, holding(fox), holding(owl)), "fox: fox comes first after fox in the node order");
  assert.equal(keeps(owl, holding(fox), holding(owl)), "owl: owl comes first after owl in the node order");
  assert.equal(keeps(owl, holding(fox), holding(elk)), "elk: elk comes first after owl in the node order");
  assert.equal(keeps(elk, holding(fox), holding(owl)), "fox: fox comes first after elk in the node order");
});
