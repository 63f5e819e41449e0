/**
 * When to tell a sender that we hold everything up to a number.
 *
 * A node that never acknowledges throttles every client of a cluster of originals, so this is not optional. Each node draws a
 * last digit per sender, and acknowledges numbers that end in it; the draws differ, so the acknowledgements spread out.
 *
 * Source: docs/reference/wire-protocol.md, section 8.4.
 */
import type { Prng } from "../../base/prng.ts";
import { type Seq, seq } from "../../base/units.ts";
import type { SeqTrack } from "./seqtrack.ts";

const every = 10;

export class Acknowledge {
  readonly #digit: number;
  #acknowledged = 0;

  constructor(prng: Prng) {
    this.#digit = prng.integer(0, every - 1);
  }

  /** A new process of the sender counts from 1 again. */
  reset(): void {
    this.#acknowledged = 0;
  }

  /** To be asked after each delivered message; the number to acknowledge, if it is time. */
  after(track: SeqTrack): Seq | undefined {
    const last = track.last;
    if (last === undefined) return undefined;
    let complete: number = last;
    for (const hole of track.missing) if (hole <= complete) complete = hole - 1;
    const eligible = complete - ((((complete - this.#digit) % every) + every) % every);
    if (eligible <= 0 || eligible <= this.#acknowledged) return undefined;
    this.#acknowledged = eligible;
    return seq(eligible);
  }
}
