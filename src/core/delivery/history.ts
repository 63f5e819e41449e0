/**
 * The messages we sent, for those who missed one.
 *
 * A retransmission repeats the very bytes, so that a receiver cannot tell it from the first copy. Who asks for what we no
 * longer have is told so at once: silence would make an original ask for ever.
 *
 * Source: docs/reference/wire-protocol.md, section 8.3.
 */
import type { Instant, Milliseconds, Seq } from "../../base/units.ts";
import { seq as toSeq } from "../../base/units.ts";
import { historyMax, retransmitsPerRequestMax } from "../limits.ts";

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
  #highest = 0;

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
    const lowest = this.#sent.keys().next().value ?? 1;
    for (let n = first; n <= Math.min(last, this.#highest) && answers.length < retransmitsPerRequestMax; n++) {
      const sent = this.#sent.get(toSeq(n));
      if (sent === undefined) {
        answers.push({ is: "refuse", seq: toSeq(n), because: n < lowest ? "seqno too low" : "seqno not found" });
      } else if (sent.resentAt === undefined || now - sent.resentAt >= this.#patience) {
        sent.resentAt = now;
        answers.push({ is: "resend", seq: toSeq(n), bytes: sent.bytes });
      }
    }
    return answers;
  }
}
