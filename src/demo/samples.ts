/**
 * What a client measured, and the outage that follows from it.
 *
 * Each probe is judged alone: when it was sent, and whether an answer to this very probe came. The service was out between
 * two answered probes if at least one between them was not answered; the outage lasts from the sending of the last
 * answered probe to the sending of the next answered one, so it is never too short. The prober may itself wake late. A
 * pause of the prober in which no probe was lost is no outage, and the time it overslept at either end of an outage is
 * taken off and reported beside it.
 *
 * All times are milliseconds of the monotonic clock, which all processes of a machine share.
 */
export interface Outage {
  readonly milliseconds: number;
  /** What the prober overslept at the two ends: the outage may be longer by as much. */
  readonly overslept: number;
  /** Probes without an answer. */
  readonly lost: number;
  /** When the last probe answered before it was sent. */
  readonly from: number;
  /** When the first probe answered after it was sent, and when its answer came. */
  readonly to: number;
  readonly firstAnswer: number;
  /** Who answered before and after. */
  readonly before: string;
  readonly after: string;
}

export interface Measurement {
  readonly sent: number;
  readonly lost: number;
  /** Who answered, one entry for each change. */
  readonly servedBy: readonly string[];
  /** In the order of their happening. */
  readonly outages: readonly Outage[];
}

interface Sample {
  readonly sent: number;
  answered?: number;
  by?: string;
}

export class Samples {
  readonly #ring: (Sample | undefined)[];
  readonly #period: number;
  #next = 0;

  /** Keeps the last `capacity` probes; one is due every `period` milliseconds. */
  constructor(capacity: number, period: number) {
    this.#ring = new Array<Sample | undefined>(capacity).fill(undefined);
    this.#period = period;
  }

  /** Notes a probe and returns its number. */
  sent(at: number): number {
    this.#ring[this.#next % this.#ring.length] = { sent: at };
    return this.#next++;
  }

  /** An answer to probe `number`; one to a probe that is forgotten or already answered changes nothing. */
  answered(number: number, at: number, by: string): void {
    if (number < this.#oldest() || number >= this.#next) return;
    const sample = this.#ring[number % this.#ring.length];
    if (sample === undefined || sample.by !== undefined) return;
    sample.answered = at;
    sample.by = by;
  }

  /** Judges the probes sent from `from` to `to`. Probes at the end that still wait for an answer count as lost. */
  measure(from: number, to: number): Measurement {
    const samples: Sample[] = [];
    for (let number = this.#oldest(); number < this.#next; number++) {
      const sample = this.#ring[number % this.#ring.length];
      if (sample !== undefined && sample.sent >= from && sample.sent <= to) samples.push(sample);
    }
    const outages: Outage[] = [];
    const servedBy: string[] = [];
    let last: number | undefined;
    for (const [index, sample] of samples.entries()) {
      if (sample.by === undefined) continue;
      if (sample.by !== servedBy.at(-1)) servedBy.push(sample.by);
      if (last !== undefined && index - last > 1) outages.push(this.#outage(samples, last, index));
      last = index;
    }
    const lost = samples.filter(({ by }) => by === undefined).length;
    return { sent: samples.length, lost, servedBy, outages };
  }

  #outage(samples: readonly Sample[], last: number, first: number): Outage {
    const sentAt = (index: number): number => samples[index]?.sent ?? Number.NaN;
    const overslept = [last + 1, first]
      .map((index) => Math.max(0, sentAt(index) - sentAt(index - 1) - this.#period))
      .reduce((sum, late) => sum + late);
    return {
      milliseconds: sentAt(first) - sentAt(last) - overslept,
      overslept,
      lost: first - last - 1,
      from: sentAt(last),
      to: sentAt(first),
      firstAnswer: samples[first]?.answered ?? Number.NaN,
      before: samples[last]?.by ?? "",
      after: samples[first]?.by ?? "",
    };
  }

  #oldest(): number {
    return Math.max(0, this.#next - this.#ring.length);
  }
}

/** Milliseconds of the clock that all processes of this machine share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;
