/** What is kept of a node that is held dead, until a status proves that it lives. */
import assert from "node:assert/strict";
import test from "node:test";
import { nodeName, seq } from "../../../src/base/units.ts";
import { unheededReportsMax } from "../../../src/core/limits.ts";
import type { ResourceReport } from "../../../src/core/takeover/language.ts";
import { Peer } from "../../../src/core/takeover/peers.ts";

const report = (number: number): ResourceReport => ({
  seq: seq(number),
  held: "foreign",
  full: true,
  stable: true,
  info: undefined,
});

test("its last reports, as many as are bounded; each once", () => {
  const peer = new Peer(nodeName("owl"));
  for (let number = 1; number <= unheededReportsMax + 5; number++) peer.setAside(report(number));
  const kept = peer.takeUnheeded();
  assert.deepEqual([kept.length, kept[0]?.seq, kept.at(-1)?.seq], [unheededReportsMax, 6, unheededReportsMax + 5]);
  assert.deepEqual(peer.takeUnheeded(), []);
});

test("nothing of the process before, and nothing that it said before its silence", () => {
  const peer = new Peer(nodeName("owl"));
  peer.isNews(seq(7));
  peer.forget(); // it died
  for (const number of [6, 7, 8]) peer.setAside(report(number));
  assert.deepEqual(
    peer.takeUnheeded().map((each) => each.seq),
    [8],
  );
  peer.setAside(report(9));
  peer.forget(); // it was started again
  assert.deepEqual(peer.takeUnheeded(), []);
});
