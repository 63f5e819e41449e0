/** The last `capacity` things, oldest first; an older one falls out. Histories have a bound. */
import { invariant } from "./invariant.ts";

export class Ring<T> {
  readonly #capacity: number;
  #items: T[] = [];

  constructor(capacity: number) {
    invariant(capacity > 0, "ring: capacity must be positive");
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items.push(item);
    // Trimming in halves keeps push at constant average cost without index arithmetic.
    if (this.#items.length >= 2 * this.#capacity) this.#items = this.#items.slice(-this.#capacity);
  }

  get length(): number {
    return Math.min(this.#items.length, this.#capacity);
  }

  toArray(): T[] {
    return this.#items.slice(-this.#capacity);
  }
}
