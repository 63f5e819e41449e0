import assert from "node:assert/strict";
import test from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { type Instant, instant, milliseconds, nodeName, seq } from "../../../src/base/units.ts";
import { History } from "../../../src/core/delivery/history.ts";
import { Retransmit } from "../../../src/core/delivery/retransmit.ts";

const owl = nodeName("owl");

test("the first request waits at least 50 ms, later ones back off, and at last the message is lost", () => {
  const retransmit = new Retransmit(milliseconds(250), new Prng(1));
  retransmit.want(owl, seq(5), instant(0));
  const asked: number[] = [];
  let lost: Instant | undefined;
  for (let at = retransmit.nextDeadline(); at !== undefined; at = retransmit.nextDeadline())
    for (const output of retransmit.due(at)) {
      if (output.is === "ask") asked.push(at);
      else lost = at;
    }
  assert.ok((asked[0] ?? 0) >= 50 && (asked[0] ?? 0) <= 250, `first asked at ${asked[0]}`);
  assert.equal(asked.length, 12);
  const gaps = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
  assert.deepEqual(
    gaps.map((gap) => Math.round(gap)),
    [250, 250, 250, 500, 500, 500, 1000, 1000, 1000, 2000, 2000],
  );
  assert.ok(lost !== undefined);
});

test("what arrived is not asked for", () => {
  const retransmit = new Retransmit(milliseconds(250), new Prng(1));
  retransmit.want(owl, seq(5), instant(0));
  retransmit.cancel(owl, seq(5));
  assert.equal(retransmit.nextDeadline(), undefined);
});

test("history resends the same bytes, not too often, and refuses what it no longer has", () => {
  const history = new History(milliseconds(250));
  for (let n = 1; n <= 510; n++) history.add(seq(n), Uint8Array.of(n & 0xff));
  assert.deepEqual(history.answer(510, 510, instant(0)), [
    { is: "resend", seq: 510, bytes: Uint8Array.of(510 & 0xff) },
  ]);
  assert.deepEqual(history.answer(510, 510, instant(100)), []);
  assert.equal(history.answer(510, 510, instant(240)).length, 1);
  assert.deepEqual(history.answer(3, 3, instant(0)), [{ is: "refuse", seq: 3, because: "seqno too low" }]);
  assert.deepEqual(history.answer(511, 900, instant(0)), []);
  assert.equal(history.answer(1, 510, instant(0)).length, 50);
});
