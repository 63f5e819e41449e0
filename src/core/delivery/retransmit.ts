/**
 * When to ask a sender for a missing message again, and when to stop asking.
 *
 * Messages leave a node out of order by design, so nothing is asked for in the first 50 ms. Then the request is repeated, ever
 * more slowly, a bounded number of times; after that the message counts as lost.
 *
 * Source: docs/reference/wire-protocol.md, section 8.3. Deviation: the original asks for ever (quirk 4).
 */
import { Deadlines } from "../../base/deadlines.ts";
import type { Prng } from "../../base/prng.ts";
import { after, type Instant, type Milliseconds, milliseconds, type NodeName, type Seq } from "../../base/units.ts";
import { retransmitAttemptsMax, retransmitDelayMax, retransmitDelayMin } from "../limits.ts";

interface Wanted {
  readonly from: NodeName;
  readonly seq: Seq;
  attempts: number;
}

export type RetransmitOutput =
  | { readonly is: "ask"; readonly from: NodeName; readonly seq: Seq }
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

  want(from: NodeName, seq: Seq, now: Instant): void {
    const key = `${from} ${seq}`;
    if (this.#wanted.has(key)) return;
    const least = this.#delay < 2 * retransmitDelayMin ? 0 : retransmitDelayMin;
    this.#wanted.set(key, { from, seq, attempts: 0 });
    this.#due.set(key, after(now, milliseconds(this.#prng.integer(least, this.#delay))));
  }

  /** It arrived, or its sender said that it has it no more. */
  cancel(from: NodeName, seq: Seq): void {
    this.#forget(`${from} ${seq}`);
  }

  cancelAll(from: NodeName): void {
    for (const [key, wanted] of this.#wanted) if (wanted.from === from) this.#forget(key);
  }

  due(now: Instant): RetransmitOutput[] {
    return this.#due.due(now).flatMap((key): RetransmitOutput[] => {
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) return [];
      if (wanted.attempts === retransmitAttemptsMax) {
        this.#forget(key);
        return [{ is: "lost", from: wanted.from, seq: wanted.seq }];
      }
      const wait = Math.min(retransmitDelayMax, Math.max(1, this.#delay) * 2 ** Math.floor(wanted.attempts / 3));
      wanted.attempts++;
      this.#due.set(key, after(now, milliseconds(wait)));
      return [{ is: "ask", from: wanted.from, seq: wanted.seq }];
    });
  }

  nextDeadline(): Instant | undefined {
    return this.#due.next();
  }

  #forget(key: string): void {
    this.#wanted.delete(key);
    this.#due.delete(key);
  }
}
