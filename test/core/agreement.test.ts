import assert from "node:assert/strict";
import test from "node:test";
import { instant, milliseconds, nodeName } from "../../src/base/units.ts";
import { Agreement } from "../../src/core/agreement.ts";
import { configure } from "../../src/sim/cluster.ts";

const owl = nodeName("owl");
const sketch = {
  keepalive: 1000,
  deadtime: 5000,
  initdead: 10_000,
  autoFailback: "on",
  nodes: [
    { name: "fox", groups: [["10.0.0.10", "web"], ["db"]] },
    { name: "owl", groups: [] },
  ],
} as const;
const config = configure(sketch, nodeName("fox"));
const state = (of: Agreement) => `1 4.0.0 ready=1 leave=0 ${of.word}`;

/** Fox hears two statuses of owl: the first makes the digests known, the second brings the parts. */
function meet(fox: Agreement, other: Agreement, at = 0): string | undefined {
  assert.equal(fox.heard(owl, state(other), undefined, instant(at)), undefined);
  other.heard(nodeName("fox"), state(fox), undefined, instant(at));
  return fox.heard(owl, state(other), other.parts(instant(at)), instant(at));
}

test("the same configuration: nothing is said, and the parts stay at home", () => {
  const fox = new Agreement(config);
  assert.equal(meet(fox, new Agreement(configure(sketch, owl))), undefined);
  assert.equal(fox.parts(instant(0)), undefined);
  assert.deepEqual(fox.differences(owl), []);
});

test("what differs is named: values, lines that read otherwise, are missing or unknown; and once", () => {
  const other = new Agreement({
    ...config,
    deadtime: milliseconds(30_000),
    groups: [
      { key: "10.0.0.10", owner: owl, resources: config.groups[0]?.resources ?? [] },
      { key: "new", owner: owl, resources: [] },
    ],
  });
  const fox = new Agreement(config);
  const said = meet(fox, other);
  assert.equal(
    said,
    "The configuration of owl differs from ours: deadtime (ms): 30000 there, 5000 here; the line of 10.0.0.10 in haresources " +
      "reads otherwise there; haresources there has no group db; haresources there has 1 more group, unknown here.",
  );
  assert.equal(fox.differences(owl).length, 4);
  assert.equal(fox.heard(owl, state(other), other.parts(instant(60_000)), instant(60_000)), undefined, "said already");
  assert.equal(
    fox.heard(owl, state(fox), undefined, instant(61_000)),
    "The configuration of owl is the same as ours again.",
  );
  assert.deepEqual(fox.differences(owl), []);
});

test("where it is written here is said, as far as it was read from files", () => {
  const read = {
    ...config,
    lines: new Map([
      ["deadtime", 7],
      ["group 10.0.0.10", 2],
      ["group db", 3],
    ]),
  };
  const [first] = config.groups;
  assert.ok(first !== undefined);
  const other = {
    ...config,
    keepalive: milliseconds(2000),
    deadtime: milliseconds(30_000),
    groups: [{ ...first, owner: owl }],
  };
  assert.equal(
    meet(new Agreement(read), new Agreement(other)),
    "The configuration of owl differs from ours: keepalive (ms): 2000 there, 1000 here; " +
      "deadtime (ms): 30000 there, 5000 here (line 7 of ha.cf here); " +
      "the line of 10.0.0.10 in haresources reads otherwise there (line 2 of haresources here); " +
      "haresources there has no group db (line 3 of haresources here).",
  );
});

test("the parts go out at once when a difference is new, then every minute", () => {
  const fox = new Agreement(config);
  const other = new Agreement({ ...config, keepalive: milliseconds(2000) });
  fox.heard(owl, state(other), undefined, instant(0));
  const sent = [];
  for (let at = 0; at <= 180_000; at += 1000) if (fox.parts(instant(at)) !== undefined) sent.push(at);
  assert.deepEqual(sent, [0, 60_000, 120_000, 180_000]);
});

test("entries of authkeys are compared by number and method; no key text leaves the node, whole or digested", () => {
  const keys = (text: string, active = 1) => ({
    active,
    entries: new Map([
      [1, { method: "sha1", text } as const],
      [2, { method: "md5", text: "second" } as const],
    ]),
  });
  const fox = new Agreement({ ...config, keys: keys("first") });
  const same = new Agreement({ ...config, keys: keys("another text") });
  assert.equal(fox.word, same.word, "a digest of a key text would help to guess it");
  const other = new Agreement({ ...config, keys: keys("first", 2) });
  assert.match(meet(fox, other) ?? "", /the entries of authkeys: 1:sha1,2\*:md5 there, 1\*:sha1,2:md5 here/);
  assert.doesNotMatch(`${fox.parts(instant(0))}`, /first|second/);
  fox.changeKeys(keys("first", 2));
  assert.match(fox.heard(owl, state(other), undefined, instant(1)) ?? "", /the same as ours again/);
});

test("many groups, and rubbish from a peer, stay within bounds", () => {
  const many = (count: number, tail = "") => ({
    ...config,
    groups: Array.from({ length: count }, (_, n) => ({ key: `g${n}${tail}`, owner: owl, resources: [] })),
  });
  const fox = new Agreement(many(1000));
  const said = meet(fox, new Agreement(many(1000, "x")));
  assert.ok((said?.length ?? 0) < 2000);
  assert.ok((fox.parts(instant(0))?.length ?? 0) <= 4096);
  for (const parts of ["", "x".repeat(5000), "lines=,,,:: groups=NaN keepalive", `deadtime=${"\t".repeat(2000)}`]) {
    const text = fox.heard(nodeName("elk"), "1 4 conf=0123456789ab", parts, instant(0));
    assert.ok((text?.length ?? 0) < 2000);
    assert.doesNotMatch(text ?? "", /\t/);
  }
});
