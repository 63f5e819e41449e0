/**
 * A table of named points in time, each due once.
 *
 * Machines of the core own no timers: they keep their deadlines here, answer `next()` when the loop asks, and read `due()`
 * when it says that time has passed. A state that is left deletes its name; nothing else can fire late or twice.
 */
import type { Instant } from "./units.ts";

export class Deadlines<Name> {
  readonly #at = new Map<Name, Instant>();

  set(name: Name, at: Instant): void {
    this.#at.set(name, at);
  }

  get(name: Name): Instant | undefined {
    return this.#at.get(name);
  }

  has(name: Name): boolean {
    return this.#at.has(name);
  }

  delete(name: Name): boolean {
    return this.#at.delete(name);
  }

  clear(): void {
    this.#at.clear();
  }

  /** The names, in the order in which they were first set. */
  names(): Name[] {
    return [...this.#at.keys()];
  }

  next(): Instant | undefined {
    let first: Instant | undefined;
    for (const at of this.#at.values()) if (first === undefined || at < first) first = at;
    return first;
  }

  /** Removes and returns what is due at `now`, earliest first. */
  due(now: Instant): Name[] {
    const due = [...this.#at].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [name] of due) this.#at.delete(name);
    return due.map(([name]) => name);
  }

  /** The loop itself slept, so nobody may be blamed for the time: every deadline is at least `wait` away, and moves by it. */
  postpone(wait: number, now: Instant): void {
    for (const [name, at] of this.#at) this.#at.set(name, (Math.max(at, now) + wait) as Instant);
  }
}
