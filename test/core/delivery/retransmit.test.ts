import assert from "node:assert/strict";
import test from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { type Instant, instant, milliseconds, nodeName, seq } from "../../../src/base/units.ts";
import { History } from "../../../src/core/delivery/history.ts";
import { Retransmit } from "../../../src/core/delivery/retransmit.ts";

const owl = nodeName("owl");

test("the first request waits at least 50 ms, later ones back off, and at last the message is lost", () => {
  const retransmit = new Retransmit(milliseconds(250), new Prng(1));
  retransmit.want(owl, [seq(5)], instant(0));
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
  retransmit.want(owl, [seq(5)], instant(0));
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
  assert.deepEqual(history.answer(3, 3, instant(400)), [{ is: "refuse", seq: 3, because: "seqno too low" }]);
  assert.deepEqual(history.answer(3, 3, instant(500)), [], "it was said to all just now");
  assert.equal(history.answer(3, 3, instant(640)).length, 1);
  assert.deepEqual(history.answer(511, 900, instant(1000)), []);
});

test("answers to all together are bounded, and go on when their time is over", () => {
  const history = new History(milliseconds(250));
  for (let n = 1; n <= 500; n++) history.add(seq(n), Uint8Array.of(n & 0xff));
  const answered = (first: number, at: number) => history.answer(first, first + 99, instant(at)).length;
  assert.deepEqual([answered(1, 1000), answered(101, 1010), answered(201, 1020)], [50, 50, 0]);
  assert.equal(answered(201, 1100), 50);
});

test("a gap is asked for in one breath, with its neighbours and within bounds", () => {
  const retransmit = new Retransmit(milliseconds(250), new Prng(1));
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => seq(first + i));
  retransmit.want(owl, range(5, 7), instant(0));
  retransmit.want(owl, range(9, 9), instant(0));
  retransmit.cancel(owl, seq(6));
  assert.deepEqual(retransmit.due(instant(250)), [
    { is: "ask", from: owl, first: 5, last: 5 },
    { is: "ask", from: owl, first: 7, last: 7 },
    { is: "ask", from: owl, first: 9, last: 9 },
  ]);
  retransmit.cancelAll(owl);
  retransmit.want(owl, range(10, 130), instant(1000));
  assert.deepEqual(retransmit.due(instant(1250)), [
    { is: "ask", from: owl, first: 10, last: 59 },
    { is: "ask", from: owl, first: 60, last: 109 },
    { is: "ask", from: owl, first: 110, last: 130 },
  ]);
  retransmit.cancelAll(owl);
  for (let n = 0; n < 12; n++) retransmit.want(owl, [seq(200 + 2 * n)], instant(2000));
  assert.equal(retransmit.due(instant(2250)).length, 8);
  assert.deepEqual(retransmit.due(instant(2299)), []);
  assert.equal(retransmit.due(instant(2300)).length, 4, "the rest, 50 ms later");
});

test("what another has just asked for is waited for, but not for ever", () => {
  const retransmit = new Retransmit(milliseconds(250), new Prng(1));
  retransmit.want(owl, [seq(5)], instant(0));
  let at = 40;
  const heard: number[] = [];
  for (let n = 0; n < 4; n++) {
    retransmit.overheard(owl, 5, 5, instant(at));
    retransmit.overheard(owl, 6, 9, instant(at));
    retransmit.overheard(nodeName("fox"), 5, 5, instant(at));
    heard.push(retransmit.nextDeadline() ?? 0);
    at = (heard.at(-1) ?? 0) - 1;
  }
  assert.ok((heard[0] ?? 0) >= 290, `put off to ${heard[0]}`);
  assert.ok((heard[1] ?? 0) >= (heard[0] ?? 0) + 249);
  assert.equal(heard[2], heard[1]);
  assert.equal(retransmit.due(instant(heard[1] ?? 0)).length, 1);
});
