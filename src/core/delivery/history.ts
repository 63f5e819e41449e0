/**
 * The messages we sent, for those who missed one.
 *
 * A retransmission repeats the very bytes, so that a receiver cannot tell it from the first copy. Who asks for what we no
 * longer have is told so at once: silence would make an original ask for ever.
 *
 * Every answer goes to everybody. So the same one is not given twice within the time in which requests are repeated, and all answers
 * together are bounded: who got none asks again (quirk 130).
 *
 * Source: docs/reference/wire-protocol.md, section 8.3.
 */
import { after, type Instant, instant, type Milliseconds, type Seq, seq as toSeq } from "../../base/units.ts";
import { answersPerWindowMax, answersWindow, historyMax, retransmitsPerRequestMax } from "../limits.ts";

interface Sent {
  readonly bytes: Uint8Array;
  resentAt: Instant | undefined;
}

export type HistoryAnswer =
  | { readonly is: "resend"; readonly seq: Seq; readonly bytes: Uint8Array }
  | { readonly is: "refuse"; readonly seq: Seq; readonly because: "seqno too low" | "seqno not found" };

export class History {
  readonly #sent = new Map<Seq, Sent>();
  readonly #patience: number;
  /** Refusals, and when they were given; only those still within the patience. */
  readonly #refused = new Map<number, Instant>();
  #highest = 0;
  #windowEnd = instant(0);
  #answersInWindow = 0;

  /** `delay` is `max_rexmit_delay`: what was resent more recently than that is on its way. */
  constructor(delay: Milliseconds) {
    this.#patience = delay - 10;
  }

  add(seq: Seq, bytes: Uint8Array): void {
    this.#sent.set(seq, { bytes, resentAt: undefined });
    this.#highest = Math.max(this.#highest, seq);
    if (this.#sent.size > historyMax) for (const oldest of this.#sent.keys()) return void this.#sent.delete(oldest);
  }

  get highest(): number {
    return this.#highest;
  }

  answer(first: number, last: number, now: Instant): HistoryAnswer[] {
    const answers: HistoryAnswer[] = [];
    const most = Math.min(retransmitsPerRequestMax, this.#allowance(now));
    const lowest = this.#sent.keys().next().value ?? 1;
    for (let n = first; n <= Math.min(last, this.#highest) && answers.length < most; n++) {
      const sent = this.#sent.get(toSeq(n));
      if (sent === undefined) {
        if (this.#refusedLately(n, now)) continue;
        answers.push({ is: "refuse", seq: toSeq(n), because: n < lowest ? "seqno too low" : "seqno not found" });
      } else if (sent.resentAt === undefined || now - sent.resentAt >= this.#patience) {
        sent.resentAt = now;
        answers.push({ is: "resend", seq: toSeq(n), bytes: sent.bytes });
      }
    }
    this.#answersInWindow += answers.length;
    return answers;
  }

  #allowance(now: Instant): number {
    if (now >= this.#windowEnd) {
      this.#windowEnd = after(now, answersWindow);
      this.#answersInWindow = 0;
    }
    return answersPerWindowMax - this.#answersInWindow;
  }

  #refusedLately(n: number, now: Instant): boolean {
    for (const [seq, at] of this.#refused) if (now - at >= this.#patience) this.#refused.delete(seq);
    if (this.#refused.has(n)) return true;
    this.#refused.set(n, now);
    return false;
  }
}
