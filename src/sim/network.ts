/**
 * The network of a simulated cluster: delay, loss, duplicates and cuts, all drawn from the seed.
 *
 * A cut has a direction, because asymmetric failures are the ones that hurt. What is on its way when a cut begins still
 * arrives, as on a real switch.
 */
import type { Prng } from "../base/prng.ts";
import type { NodeName } from "../base/units.ts";

export interface NetworkFaults {
  /** Probability that a datagram is lost, for each receiver on its own. */
  loss: number;
  /** Probability that it arrives twice. */
  duplicate: number;
  /** Milliseconds; each datagram draws its own, so that they overtake each other. */
  minDelay: number;
  maxDelay: number;
}

export const calm: Readonly<NetworkFaults> = { loss: 0, duplicate: 0, minDelay: 0.1, maxDelay: 0.5 };

export class Network {
  faults: NetworkFaults = { ...calm };
  readonly #prng: Prng;
  readonly #cuts = new Set<string>();

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  /** Nothing goes from `from` to `to` any more. */
  cut(from: NodeName, to: NodeName): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  isCut(from: NodeName, to: NodeName): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  /** After how many milliseconds the copies of one datagram arrive; none: it is lost. */
  arrivals(from: NodeName, to: NodeName): number[] {
    const { loss, duplicate, minDelay, maxDelay } = this.faults;
    if (from === to) return [minDelay];
    const lost = this.#prng.chance(loss); // drawn in any case: a cut must not change what happens to others
    if (lost || this.isCut(from, to)) return [];
    const delay = (): number => minDelay + this.#prng.next() * (maxDelay - minDelay);
    return this.#prng.chance(duplicate) ? [delay(), delay()] : [delay()];
  }
}
