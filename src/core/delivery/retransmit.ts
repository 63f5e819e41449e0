/**
 * When to ask a sender for missing messages again, and when to stop asking.
 *
 * Messages leave a node out of order by design, so nothing is asked for in the first 50 ms. Then the request is repeated, ever
 * more slowly, a bounded number of times; after that the message counts as lost.
 *
 * What one node missed on a shared network, all others often missed too. Every request and every answer goes to everybody, so
 * sixteen nodes that ask at once for the same ten messages are heard two thousand times, by nodes that are late already. Hence each waits
 * a random time, holds back when another has just asked for the same (the answer will reach all), and asks for neighbouring
 * numbers in one breath. This is how multicast protocols with negative acknowledgements keep from storms (RFC 5740, section 5.3).
 *
 * Source: docs/reference/wire-protocol.md, section 8.3. Deviations: the original asks for ever (quirk 4), for one number at a time, and
 * whoever else does (quirk 130).
 */
import { Deadlines } from "../../base/deadlines.ts";
import type { Prng } from "../../base/prng.ts";
import { after, type Instant, type Milliseconds, milliseconds, type NodeName, type Seq } from "../../base/units.ts";
import {
  requestsPerTurnMax,
  retransmitAttemptsMax,
  retransmitDelayMax,
  retransmitDelayMin,
  retransmitHoldBacksMax,
  retransmitsPerRequestMax,
} from "../limits.ts";

interface Wanted {
  readonly from: NodeName;
  readonly seq: Seq;
  attempts: number;
  /** How often others were let go first since we last asked. */
  heldBack: number;
}

export type RetransmitOutput =
  /** Both numbers included. */
  | { readonly is: "ask"; readonly from: NodeName; readonly first: Seq; readonly last: Seq }
  | { readonly is: "lost"; readonly from: NodeName; readonly seq: Seq };

export class Retransmit {
  readonly #wanted = new Map<string, Wanted>();
  readonly #due = new Deadlines<string>();
  readonly #delay: Milliseconds;
  readonly #prng: Prng;

  /** `delay` is the directive `max_rexmit_delay`. */
  constructor(delay: Milliseconds, prng: Prng) {
    this.#delay = delay;
    this.#prng = prng;
  }

  /** The numbers of one gap, which are asked for together. */
  want(from: NodeName, seqs: readonly Seq[], now: Instant): void {
    if (seqs.length === 0) return;
    const least = this.#delay < 2 * retransmitDelayMin ? 0 : retransmitDelayMin;
    const at = after(now, milliseconds(this.#prng.integer(least, this.#delay)));
    for (const seq of seqs) {
      const key = keyOf(from, seq);
      if (this.#wanted.has(key)) continue;
      this.#wanted.set(key, { from, seq, attempts: 0, heldBack: 0 });
      this.#due.set(key, at);
    }
  }

  /** Another node asks for the same: its answer will reach us too, if we give it the time. */
  overheard(from: NodeName, first: number, last: number, now: Instant): void {
    const wait = this.#prng.integer(this.#delay, 2 * Math.max(1, this.#delay));
    for (const [key, wanted] of this.#wanted) {
      if (wanted.from !== from || wanted.seq < first || wanted.seq > last) continue;
      const until = after(now, milliseconds(wait));
      const due = this.#due.get(key);
      if (due === undefined || due >= until || wanted.heldBack === retransmitHoldBacksMax) continue;
      wanted.heldBack++;
      this.#due.set(key, until);
    }
  }

  /** It arrived, or its sender said that it has it no more. */
  cancel(from: NodeName, seq: Seq): void {
    this.#forget(keyOf(from, seq));
  }

  cancelAll(from: NodeName): void {
    for (const [key, wanted] of this.#wanted) if (wanted.from === from) this.#forget(key);
  }

  due(now: Instant): RetransmitOutput[] {
    const lost: RetransmitOutput[] = [];
    const asking: Wanted[] = [];
    for (const key of this.#due.due(now)) {
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) continue;
      if (wanted.attempts < retransmitAttemptsMax) asking.push(wanted);
      else {
        this.#forget(key);
        lost.push({ is: "lost", from: wanted.from, seq: wanted.seq });
      }
    }
    return [...lost, ...this.#ask(asking, now)];
  }

  nextDeadline(): Instant | undefined {
    return this.#due.next();
  }

  /** Neighbours in one request; what is more than a turn may ask for waits for its next one. */
  #ask(asking: readonly Wanted[], now: Instant): RetransmitOutput[] {
    const requests: Wanted[][] = [];
    for (const wanted of asking.toSorted(inOrder)) {
      const run = requests.at(-1);
      const before = run?.at(-1);
      const follows = before?.from === wanted.from && before.seq + 1 === wanted.seq;
      if (follows && run !== undefined && run.length < retransmitsPerRequestMax) run.push(wanted);
      else requests.push([wanted]);
    }
    const outputs: RetransmitOutput[] = [];
    for (const [i, run] of requests.entries()) {
      const [first] = run;
      const last = run.at(-1);
      if (first === undefined || last === undefined) continue;
      const allowed = i < requestsPerTurnMax;
      if (allowed) outputs.push({ is: "ask", from: first.from, first: first.seq, last: last.seq });
      for (const wanted of run) this.#again(wanted, allowed, now);
    }
    return outputs;
  }

  #again(wanted: Wanted, asked: boolean, now: Instant): void {
    let wait: number = retransmitDelayMin;
    if (asked) {
      wait = Math.min(retransmitDelayMax, Math.max(1, this.#delay) * 2 ** Math.floor(wanted.attempts / 3));
      wanted.attempts++;
      wanted.heldBack = 0;
    }
    this.#due.set(keyOf(wanted.from, wanted.seq), after(now, milliseconds(wait)));
  }

  #forget(key: string): void {
    this.#wanted.delete(key);
    this.#due.delete(key);
  }
}

const keyOf = (from: NodeName, seq: Seq): string => `${from} ${seq}`;

const inOrder = (a: Wanted, b: Wanted): number => (a.from === b.from ? a.seq - b.seq : a.from < b.from ? -1 : 1);
