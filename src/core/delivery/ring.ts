/**
 * Passes messages on along a ring of serial lines, so that more than two nodes can be joined by nothing else.
 *
 * A serial line joins two nodes. With a line to each neighbour, every node hears two others; the rest it hears because those pass on what
 * they hear to their other line. What went round is stopped three ways: its sender drops it; who has seen its number before does not
 * pass it on; and `ttl`, the number of nodes, is counted down, which also ends what has no number.
 *
 * A message that is sent again has been seen before by those who did not miss it, and is passed on once by each who passed on the request.
 *
 * Source: the manual of the original promises such rings; 3.0.6 does not do it (wire-protocol.md, section 1, point 10). Deviation: `ttl`
 * is counted down, and the message signed anew (quirk 133).
 */
import { after, type Instant, type MediumName, type NodeName } from "../../base/units.ts";
import { f } from "../../wire/fields.ts";
import type { ClusterMessage } from "../../wire/kinds.ts";
import { type Message, stringOf, text, withField } from "../../wire/message.ts";
import { ringRequestsMax, ringRequestTime } from "../limits.ts";

/** How a message stands to what we have seen: not seen yet, seen, or without a number. */
export type Standing = "new" | "seen" | "unnumbered";

export class Ring {
  readonly #lines: ReadonlySet<MediumName>;
  /** What others behind us miss, and until when that is believed. */
  readonly #asked = new Map<string, Instant>();

  /** With fewer than two lines, or two nodes, there is nothing to pass on. */
  constructor(lines: readonly MediumName[], nodes: number) {
    this.#lines = new Set(lines.length > 1 && nodes > 2 ? lines : []);
  }

  /** The message as it goes on to our other lines; undefined: it ends here. */
  passOn(message: ClusterMessage, medium: MediumName, standing: Standing, now: Instant): Message | undefined {
    if (!this.#lines.has(medium)) return undefined;
    const hops = Number(stringOf(message.fields, f.hops));
    if (!Number.isInteger(hops) || hops <= 1) return undefined;
    if (message.kind === "retransmit-request" && message.destination !== undefined)
      this.#remember(message.destination, message.first, message.last, now);
    if (standing === "seen" && !this.#wanted(message.originator, message.seq, now)) return undefined;
    return withField(message.fields, text(f.hops, String(hops - 1)));
  }

  #remember(node: NodeName, first: number, last: number, now: Instant): void {
    for (const [key, until] of this.#asked) if (until <= now) this.#asked.delete(key);
    for (let n = first; n <= last && this.#asked.size < ringRequestsMax; n++)
      this.#asked.set(`${node} ${n}`, after(now, ringRequestTime));
  }

  /** Once: a copy that comes round again is not wanted any more. */
  #wanted(node: NodeName, seq: number | undefined, now: Instant): boolean {
    const key = `${node} ${seq}`;
    const until = this.#asked.get(key);
    this.#asked.delete(key);
    return until !== undefined && until > now;
  }
}
