/**
 * Looks at the same thing on every node again and again, quickly, and remembers when more than one had it.
 *
 * For what must never be owned twice: an end state that looks right says nothing about the moments before.
 */
export interface Overlap {
  /** Milliseconds since the watch began. */
  readonly from: number;
  readonly to: number;
  readonly owners: readonly string[];
}

export class Watch {
  readonly #overlaps: Overlap[] = [];
  readonly #history: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #looks = 0;

  /** `owners` tells who has it now. */
  constructor(owners: () => readonly string[], everyMs = 4) {
    const began = performance.now();
    this.#timer = setInterval(() => {
      this.#looks++;
      const now = Math.round(performance.now() - began);
      const who = owners();
      if (this.#history.at(-1) !== who.join()) this.#history.push(who.join());
      const last = this.#overlaps.at(-1);
      if (who.length < 2) return;
      if (last !== undefined && last.owners.join() === who.join() && now - last.to <= 3 * everyMs)
        this.#overlaps[this.#overlaps.length - 1] = { ...last, to: now };
      else this.#overlaps.push({ from: now, to: now, owners: who });
    }, everyMs);
    this.#timer.unref(); // a test that fails before it stops the watch must be able to end
  }

  /** Who had it, one after the other; empty: nobody. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Ends the watch: what it saw, and how often it looked. */
  stop(): { readonly overlaps: readonly Overlap[]; readonly looks: number } {
    clearInterval(this.#timer);
    return { overlaps: this.#overlaps, looks: this.#looks };
  }
}
