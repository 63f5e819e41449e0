import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { generation, seq } from "../../../src/base/units.ts";
import { type Arrival, SeqTrack } from "../../../src/core/delivery/seqtrack.ts";

const arrival = (n: number, part: Partial<Arrival> = {}): Arrival => ({
  seq: seq(n),
  generation: generation(7),
  isStatus: false,
  senderDead: false,
  ...part,
});
const status = (n: number, part: Partial<Arrival> = {}): Arrival => arrival(n, { isStatus: true, ...part });
const words = (track: SeqTrack, each: Arrival): string => {
  const verdict = track.receive(each);
  if (verdict.is === "drop") return verdict.because;
  if (verdict.is === "duplicate") return "duplicate";
  const notes = [verdict.restarted && "restarted", verdict.returned && "returned", verdict.filled && "filled"];
  return [
    "deliver",
    ...notes.filter((note) => note !== false),
    ...verdict.missing,
    ...(verdict.lostALot ? ["lost"] : []),
  ].join(" ");
};

test("in order, twice, a gap, the gap filled late", () => {
  const track = new SeqTrack();
  assert.equal(words(track, status(1)), "deliver");
  assert.equal(words(track, arrival(1)), "duplicate");
  assert.equal(words(track, arrival(4)), "deliver 2 3");
  assert.equal(words(track, arrival(2)), "deliver filled");
  assert.equal(words(track, arrival(2)), "old");
  assert.deepEqual([...track.missing], [3]);
});

test("exactly 250 lost are asked for, 251 are not", () => {
  const few = new SeqTrack();
  few.receive(status(1));
  const verdict = few.receive(arrival(252));
  assert.equal(verdict.is === "deliver" && verdict.missing.length, 250);
  const many = new SeqTrack();
  many.receive(status(1));
  assert.equal(words(many, arrival(253)), "deliver lost");
});

test("a higher generation in a status is a restart, a lower one a replay, in another message nothing", () => {
  const track = new SeqTrack();
  track.receive(status(500));
  assert.equal(words(track, arrival(3, { generation: generation(8) })), "generation-ahead");
  assert.equal(words(track, status(1, { generation: generation(8) })), "deliver restarted");
  assert.equal(words(track, status(501)), "replay");
  assert.equal(words(track, arrival(2, { generation: generation(8) })), "deliver");
});

test("how much was sent in a silence: told by the first message after it, of whatever type and however late an old one comes", () => {
  const silence = (...after: readonly Arrival[]): number | undefined => {
    const track = new SeqTrack();
    track.receive(status(500));
    track.receive(arrival(501));
    track.clear();
    for (const each of after) track.receive(each);
    return track.unheard;
  };
  const dead = { senderDead: true };
  assert.equal(silence(), undefined);
  assert.equal(silence(arrival(502, dead), arrival(503, dead), status(504, dead)), 0);
  assert.equal(silence(status(504, dead), arrival(503)), 2);
  assert.equal(silence(arrival(499, dead), status(502, dead)), 0, "an old one");
  assert.equal(silence(arrival(501, dead), status(505, dead)), 3, "one that was seen before");
  assert.equal(silence(status(1, { generation: generation(8) })), undefined, "another process");
});

test("a second silence is counted for itself, from what was heard last, were it in the silence before", () => {
  const track = new SeqTrack();
  track.receive(status(10));
  track.clear();
  track.receive(status(15, { senderDead: true }));
  assert.equal(track.unheard, 4);
  track.clear();
  track.clear(); // died once more without a word
  track.receive(status(16, { senderDead: true }));
  assert.equal(track.unheard, 0);
});

test("a first message that is no status tells the generation too: the first status voids nothing", () => {
  const track = new SeqTrack();
  assert.equal(words(track, arrival(3)), "deliver");
  assert.equal(words(track, arrival(6)), "deliver 4 5");
  assert.equal(words(track, status(5)), "deliver filled");
  assert.equal(words(track, arrival(4)), "deliver filled");
});

test("a dead node that speaks again in the same generation returned from a partition; its old words do not count", () => {
  const track = new SeqTrack();
  track.receive(status(10));
  track.clear();
  assert.equal(words(track, status(10, { senderDead: true })), "old");
  assert.equal(words(track, status(11, { senderDead: true })), "deliver returned");
  assert.equal(words(track, status(12)), "deliver");
});

test("whatever the order and the losses, nothing is delivered twice and every hole is known", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 200 }), (numbers) => {
      const track = new SeqTrack();
      const first = numbers[0] ?? 1;
      const delivered = new Set<number>();
      for (const n of numbers) {
        if (track.receive(arrival(n)).is !== "deliver") continue;
        assert.ok(!delivered.has(n), `${n} was delivered twice`);
        delivered.add(n);
      }
      for (let n = first; n <= (track.last ?? 0); n++)
        assert.equal(delivered.has(n), !track.missing.has(seq(n)), `${n} is neither delivered nor missing`);
    }),
  );
});
