/** Which heartbeat is late: one that comes behind its time, not one that was sent again because it had been lost. */
import assert from "node:assert/strict";
import test from "node:test";
import { foxBesideOwl, OneNode } from "../support/one-node.ts";

const config = foxBesideOwl({ keepalive: 100, deadtime: 10_000, initdead: 10_000 });

function fox() {
  const one = new OneNode(config);
  one.step({ on: "start" });
  return {
    /** Lines that a heartbeat of owl with this number causes. */
    hears: (at: number, number: number): string[] => {
      one.now = at;
      const fields = { t: "status", st: "active", dt: "2710", src: "owl", seq: number.toString(16), hg: "1", ts: "1" };
      return one
        .hears(fields)
        .flatMap((effect) => (effect.do === "log" && effect.id === "late-heartbeat" ? [effect.text] : []));
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
