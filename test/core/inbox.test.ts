/** What is believed of a sender: nothing of its earlier processes, and no more holes than it could fill. */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import type { Effect } from "../../src/core/effect.ts";
import { gapMax, missingMax } from "../../src/core/limits.ts";
import { configure } from "../../src/sim/cluster.ts";
import { openDatagram } from "../../src/wire/framing.ts";
import { parseMessage } from "../../src/wire/kinds.ts";
import { OneNode } from "../support/one-node.ts";

const sketch = {
  nodes: ["fox", "owl"].map((name) => ({ name, groups: [] })),
  keepalive: 1000,
  deadtime: 5000,
  initdead: 60_000,
  autoFailback: "on",
} as const;
const config = configure(sketch, nodeName("fox"));

/** fox, of which owl is heard with generation 5; `seq` 0: a message without a number. */
function fox() {
  const one = new OneNode(config);
  one.step({ on: "start" });
  const asked = new Set<number>();
  const note = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      const opened = effect.do === "transmit" ? openDatagram(effect.bytes, config.keys) : undefined;
      const parsed = opened?.ok ? parseMessage(opened.value) : undefined;
      if (!parsed?.ok || parsed.value.kind !== "retransmit-request") continue;
      for (let n: number = parsed.value.first; n <= parsed.value.last; n++) asked.add(n);
    }
  };
  const view = () => one.node.view(one.time);
  return {
    asked,
    hears: (seq: number, fields: Readonly<Record<string, string>>): void => {
      const said = { ...fields, src: "owl", ts: "65000000", ...(seq === 0 ? {} : { seq: seq.toString(16) }) };
      note(one.hears({ hg: "5", ...said }));
    },
    waits: (time: number): void => note(one.waits(one.now + time)),
    link: () => view().nodes.find(({ name }) => name === "owl")?.links[0]?.status,
    replays: () => view().counters["replay"] ?? 0,
  };
}
const beat = { t: "status", st: "active", dt: "1388", protocol: "1" };
const refusal = { t: "NS_nak_rexmit", dest: "fox", firstseq: "2", info: "seqno too low" };

test("what has no number counts of the process that is known, of a later one, and where it names none", () => {
  for (const [hg, counts] of [
    ["5", true],
    ["6", true],
    ["0", true],
    ["4", false],
  ] as const) {
    const { hears, waits, asked, replays } = fox();
    hears(1, beat);
    hears(3, beat); // 2 is missing
    hears(0, { ...refusal, hg });
    assert.equal(replays(), counts ? 0 : 1, `generation ${hg}`);
    waits(400);
    assert.equal(asked.has(2), !counts, "a refusal of an earlier process hides no loss");
  }
});

test("no recorded message of an earlier process keeps a link up", () => {
  const { hears, waits, link } = fox();
  hears(1, beat);
  for (let i = 0; i < 8; i++) {
    waits(1000);
    hears(0, { t: "NS_ackmsg", dest: "fox", ackseq: "1", hg: "4" });
  }
  assert.equal(link(), "dead");
});

test("of a sender whose numbers leap no more is asked for than it keeps", () => {
  const { hears, waits, asked } = fox();
  const leaps = 20;
  for (let i = 0; i < leaps; i++) hears(1 + i * (gapMax + 1), beat);
  waits(1000);
  assert.ok(asked.size > gapMax && asked.size <= missingMax, `${asked.size} numbers are asked for`);
  const last = 1 + (leaps - 1) * (gapMax + 1);
  assert.ok(
    [...asked].every((n) => n > last - 2 * (gapMax + 1)),
    "the newest of them",
  );
});
