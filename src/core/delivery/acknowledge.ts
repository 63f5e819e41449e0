/**
 * When to tell a sender that we hold everything up to a number.
 *
 * A node that never acknowledges throttles every client of a cluster of originals, so this is not optional. Each node draws a
 * last digit per sender, and acknowledges numbers that end in it; the draws differ, so the acknowledgements spread out.
 *
 * In a cluster of many nodes these are most of the messages: each costs every node as much as a heartbeat. A successor therefore tells
 * another one by the way, in its next heartbeat (quirk 220).
 *
 * Source: docs/reference/wire-protocol.md, section 8.4.
 */
import type { Prng } from "../../base/prng.ts";
import { type Seq, seq } from "../../base/units.ts";
import type { SeqTrack } from "./seqtrack.ts";

const every = 10;
/** Without a message of its own no more than this is acknowledged: a sender of many messages is not to wait for a heartbeat. */
const onTheWayMax = 40;

export class Acknowledge {
  readonly #digit: number;
  #acknowledged = 0;
  /** Of that what was said. */
  #said = 0;

  constructor(prng: Prng) {
    this.#digit = prng.integer(0, every - 1);
  }

  /** A new process of the sender counts from 1 again. */
  reset(): void {
    this.#acknowledged = 0;
    this.#said = 0;
  }

  /** What was to be acknowledged and may be said by the way, now; undefined: nothing. */
  byTheWay(): Seq | undefined {
    if (this.#said === this.#acknowledged) return undefined;
    this.#said = this.#acknowledged;
    return seq(this.#said);
  }

  /**
   * To be asked after each delivered message; the number to acknowledge with a message of its own, if it is time. `canWait`: it may
   * be said by the way.
   */
  after(track: SeqTrack, canWait = false): Seq | undefined {
    const last = track.last;
    if (last === undefined) return undefined;
    let complete: number = last;
    for (const hole of track.missing) if (hole <= complete) complete = hole - 1;
    const eligible = complete - ((((complete - this.#digit) % every) + every) % every);
    if (eligible <= 0 || eligible <= this.#acknowledged) return undefined;
    this.#acknowledged = eligible;
    if (canWait && eligible - this.#said < onTheWayMax) return undefined;
    this.#said = eligible;
    return seq(eligible);
  }
}
