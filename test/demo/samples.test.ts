import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Samples } from "../../src/demo/samples.ts";

/** Sends a probe at each of these moments; those named in `answers` are answered half a millisecond later. */
function played(moments: readonly number[], answers: (moment: number) => string | undefined): Samples {
  const samples = new Samples(1000, 1);
  for (const moment of moments) {
    const number = samples.sent(moment);
    const by = answers(moment);
    if (by !== undefined) samples.answered(number, moment + 0.5, by);
  }
  return samples;
}
const everyMillisecond = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

test("an outage lasts from the last answered probe to the next answered one, by their times of sending", () => {
  const samples = played(everyMillisecond(0, 100), (at) => (at < 20 ? "test3" : at >= 60 ? "test4" : undefined));
  assert.deepEqual(samples.measure(0, 100), {
    sent: 100,
    lost: 40,
    servedBy: ["test3", "test4"],
    outages: [
      {
        milliseconds: 41,
        overslept: 0,
        lost: 40,
        from: 19,
        to: 60,
        firstAnswer: 60.5,
        before: "test3",
        after: "test4",
      },
    ],
  });
});

test("a pause of the prober in which no probe was lost is no outage", () => {
  const samples = played([...everyMillisecond(0, 20), ...everyMillisecond(60, 100)], () => "test3");
  assert.deepEqual(samples.measure(0, 100).outages, []);
});

test("what the prober overslept at an end of an outage is taken off and told", () => {
  // Lost from 20 on; the prober sleeps from 30 to 60 and the first probe after its sleep is answered.
  const samples = played([...everyMillisecond(0, 30), ...everyMillisecond(60, 100)], (at) =>
    at < 20 || at >= 60 ? "test3" : undefined,
  );
  const [outage] = samples.measure(0, 100).outages;
  assert.equal(outage?.milliseconds, 10 + 1);
  assert.equal(outage?.overslept, 60 - 29 - 1);
});

test("only probes of the window count, and one that still waits is lost but no outage", () => {
  const samples = played(everyMillisecond(0, 100), (at) => (at === 50 || at >= 90 ? undefined : "test3"));
  assert.deepEqual(samples.measure(0, 40), { sent: 41, lost: 0, servedBy: ["test3"], outages: [] });
  assert.deepEqual(samples.measure(80, 100), { sent: 20, lost: 10, servedBy: ["test3"], outages: [] });
  assert.equal(samples.measure(0, 100).outages.length, 1);
});

test("answers to forgotten, unknown and already answered probes change nothing", () => {
  const samples = new Samples(4, 1);
  for (let at = 0; at < 6; at++) samples.sent(at);
  samples.answered(1, 7, "test3"); // its place belongs to probe 5 now
  samples.answered(6, 7, "test3");
  assert.deepEqual(samples.measure(0, 10), { sent: 4, lost: 4, servedBy: [], outages: [] });
  samples.answered(2, 7, "test3");
  samples.answered(2, 9, "test4");
  samples.answered(4, 8, "test3");
  assert.deepEqual(
    samples.measure(0, 10).outages.map(({ before, after, firstAnswer }) => [before, after, firstAnswer]),
    [["test3", "test3", 8]],
  );
});

test("whatever is lost: outages are disjoint, in order, and count every lost probe between answered ones", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (answered) => {
      const samples = played(everyMillisecond(0, answered.length), (at) => (answered[at] ? "test3" : undefined));
      const { outages, lost } = samples.measure(0, answered.length);
      const between = answered.slice(answered.indexOf(true), answered.lastIndexOf(true) + 1);
      assert.equal(
        outages.reduce((sum, outage) => sum + outage.lost, 0),
        answered.includes(true) ? between.filter((each) => !each).length : 0,
      );
      assert.equal(lost, answered.filter((each) => !each).length);
      for (const [index, outage] of outages.entries()) {
        assert.ok(outage.lost > 0 && outage.milliseconds === outage.lost + 1);
        assert.ok(index === 0 || outage.from >= (outages[index - 1]?.to ?? 0));
      }
    }),
  );
});
