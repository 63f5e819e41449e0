/** Which heartbeat is late: one that comes behind its time, not one that was sent again because it had been lost. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, nodeName } from "../../src/base/units.ts";
import type { Input } from "../../src/core/input.ts";
import { Node } from "../../src/core/node.ts";
import { configure } from "../../src/sim/cluster.ts";
import { sealDatagram } from "../../src/wire/framing.ts";
import { text } from "../../src/wire/message.ts";

const config = configure(
  {
    nodes: ["fox", "owl"].map((name) => ({ name, groups: [] })),
    keepalive: 100,
    deadtime: 10_000,
    initdead: 10_000,
    autoFailback: "on",
  },
  nodeName("fox"),
);

function fox() {
  const node = new Node({
    config,
    identity: { uuid: new Uint8Array(16).fill(1), generation: generation(1) },
    seed: 1,
    version: "4",
    pid: 1,
  });
  const step = (at: number, input: Input): string[] =>
    node
      .step(input, { instant: instant(at), wallSeconds: 1_700_000_000, load: "n/a" })
      .flatMap((effect) => (effect.do === "log" && effect.id === "late-heartbeat" ? [effect.text] : []));
  step(0, { on: "start" });
  return {
    /** Lines that a heartbeat of owl with this number causes. */
    hears: (at: number, number: number): string[] => {
      const fields = { t: "status", st: "active", dt: "2710", src: "owl", seq: number.toString(16), hg: "1", ts: "1" };
      const sealed = sealDatagram(
        Object.entries(fields).map(([name, value]) => text(name, value)),
        config.keys,
        "netstring",
      );
      assert.ok(sealed.ok);
      return step(at, { on: "datagram", medium: mediumName("eth0"), bytes: sealed.value });
    },
  };
}

test("a heartbeat behind its time is late, once", () => {
  const { hears } = fox();
  assert.deepEqual(hears(0, 1), []);
  assert.deepEqual(hears(9000, 2), ["Late heartbeat: Node owl: interval 9000 ms"]);
  assert.deepEqual(hears(9100, 3), []);
});

test("older ones that are sent again are not late: nobody waited for them", () => {
  const { hears } = fox();
  assert.deepEqual(hears(0, 1), []);
  assert.deepEqual(hears(100, 5), []);
  for (const lost of [2, 3, 4]) assert.deepEqual(hears(9000, lost), [], `${lost}`);
  assert.deepEqual(hears(9050, 6), ["Late heartbeat: Node owl: interval 8950 ms"]);
});
