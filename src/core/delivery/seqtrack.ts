/**
 * Knows which of one sender's messages we have seen, and which are missing.
 *
 * Every medium carries every message, so duplicates are normal, order is luck and loss is rare. We keep the highest
 * sequence seen and the holes below it. What was not seen before is delivered at once, in order of arrival; waiting for a hole
 * would block on a message that can never come. A status with a higher generation means that the sender restarted: forget all.
 *
 * Source: docs/reference/wire-protocol.md, section 8.2. Deviations: a message of a newer generation that no
 * status announced yet is dropped (the original judges it by the old generation's numbers, which nearly always drops it too);
 * the first message of an unknown sender tells its generation, whatever its type (quirk 9).
 */
import type { Generation, Seq } from "../../base/units.ts";
import { seq as toSeq } from "../../base/units.ts";
import { gapMax, missingMax } from "../limits.ts";

export interface Arrival {
  readonly seq: Seq;
  readonly generation: Generation;
  /** Only a status message may announce a new generation. */
  readonly isStatus: boolean;
  /** We hold the sender dead at this moment. */
  readonly senderDead: boolean;
}

export type Verdict =
  | {
      readonly is: "deliver";
      /** The sender is a new process. */
      readonly restarted: boolean;
      /** We held it dead, but it is the same process: the network was cut. */
      readonly returned: boolean;
      /** New holes, to be asked for. */
      readonly missing: readonly Seq[];
      /** A hole that this message fills. */
      readonly filled: boolean;
      /** Old holes that are given up for new ones. */
      readonly givenUp: readonly Seq[];
      /** More was lost than can be asked for. */
      readonly lostALot: boolean;
    }
  | { readonly is: "duplicate" }
  | { readonly is: "drop"; readonly because: "replay" | "old" | "generation-ahead" };

export class SeqTrack {
  #last: Seq | undefined;
  #generation: Generation | undefined;
  #lastStatus: Seq | undefined;
  /** The highest number before it was declared dead, until it is heard again. */
  #lastAlive: Seq | undefined;
  #unheard: number | undefined;
  readonly #missing = new Set<Seq>();

  get generation(): Generation | undefined {
    return this.#generation;
  }

  get missing(): ReadonlySet<Seq> {
    return this.#missing;
  }

  get last(): Seq | undefined {
    return this.#last;
  }

  /** How many messages it sent while it was silent, after which it was heard again as the same process; undefined: not known. */
  get unheard(): number | undefined {
    return this.#unheard;
  }

  /** The sender was declared dead: its numbers are void, its generation and last status are not (section 9). */
  clear(): void {
    this.#lastAlive = this.#last ?? this.#lastAlive;
    this.#unheard = undefined;
    this.#last = undefined;
    this.#missing.clear();
  }

  /** The sender cannot, or we will not, have this one any more. */
  giveUp(seq: Seq): void {
    this.#missing.delete(seq);
  }

  receive(arrival: Arrival): Verdict {
    const known = this.#generation;
    if (known !== undefined && arrival.generation < known) return { is: "drop", because: "replay" };
    let restarted = false;
    let returned = false;
    if (known === undefined) {
      this.#generation = arrival.generation;
    } else if (arrival.generation > known) {
      if (!arrival.isStatus) return { is: "drop", because: "generation-ahead" };
      restarted = true;
      this.clear();
      this.#lastAlive = undefined;
      this.#lastStatus = undefined;
      this.#generation = arrival.generation;
    } else if (arrival.isStatus && arrival.senderDead) {
      if (this.#lastStatus !== undefined && arrival.seq <= this.#lastStatus) return { is: "drop", because: "old" };
      returned = true;
    }
    this.#endSilence(arrival.seq);
    const verdict = this.#place(arrival.seq, restarted, returned);
    if (
      verdict.is === "deliver" &&
      arrival.isStatus &&
      (this.#lastStatus === undefined || arrival.seq > this.#lastStatus)
    )
      this.#lastStatus = arrival.seq;
    return verdict;
  }

  /** The first message afterwards, of whatever type. */
  #endSilence(seq: Seq): void {
    if (this.#lastAlive === undefined || seq <= this.#lastAlive) return;
    this.#unheard = seq - this.#lastAlive - 1;
    this.#lastAlive = undefined;
  }

  #place(seq: Seq, restarted: boolean, returned: boolean): Verdict {
    const deliver = (
      missing: readonly Seq[],
      filled = false,
      lostALot = false,
      givenUp: readonly Seq[] = [],
    ): Verdict => ({
      is: "deliver",
      restarted,
      returned,
      missing,
      filled,
      givenUp,
      lostALot,
    });
    const last = this.#last;
    if (last === undefined || seq === last + 1) {
      this.#last = seq;
      return deliver([]);
    }
    if (seq === last) return { is: "duplicate" };
    if (seq > last) {
      this.#last = seq;
      if (seq - last - 1 > gapMax) {
        this.#missing.clear();
        return deliver([], false, true);
      }
      const holes = Array.from({ length: seq - last - 1 }, (_, i) => toSeq(last + 1 + i));
      for (const hole of holes) this.#missing.add(hole);
      // The oldest fall out first: the sender forgets them first, too.
      const givenUp = [...this.#missing].slice(0, Math.max(0, this.#missing.size - missingMax));
      for (const old of givenUp) this.#missing.delete(old);
      return deliver(holes, false, false, givenUp);
    }
    return this.#missing.delete(seq) ? deliver([], true) : { is: "drop", because: "old" };
  }
}
