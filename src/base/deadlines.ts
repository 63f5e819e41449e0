/**
 * A table of named points in time, each due once.
 *
 * Machines of the core own no timers: they keep their deadlines here, answer `next()` when the loop asks, and read `due()`
 * when it says that time has passed. A state that is left deletes its name; nothing else can fire late or twice.
 */
import type { Instant } from "./units.ts";

export class Deadlines<Name> {
  readonly #at = new Map<Name, Instant>();
  /** The earliest, as long as `#known`: it is asked for after every input, and mostly another one was moved. */
  #first: Instant | undefined;
  #known = true;

  set(name: Name, at: Instant): void {
    const before = this.#at.get(name);
    this.#at.set(name, at);
    if (this.#first === undefined || at <= this.#first) this.#first = at;
    else if (before === this.#first) this.#known = false;
  }

  get(name: Name): Instant | undefined {
    return this.#at.get(name);
  }

  has(name: Name): boolean {
    return this.#at.has(name);
  }

  delete(name: Name): boolean {
    this.#known = false;
    return this.#at.delete(name);
  }

  clear(): void {
    this.#at.clear();
    this.#first = undefined;
    this.#known = true;
  }

  /** The names, in the order in which they were first set. */
  names(): Name[] {
    return [...this.#at.keys()];
  }

  next(): Instant | undefined {
    if (this.#known) return this.#first;
    this.#first = undefined;
    this.#known = true;
    for (const at of this.#at.values()) if (this.#first === undefined || at < this.#first) this.#first = at;
    return this.#first;
  }

  /** Removes and returns what is due at `now`, earliest first. */
  due(now: Instant): Name[] {
    const first = this.next();
    if (first === undefined || first > now) return [];
    this.#known = false;
    const due = [...this.#at].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [name] of due) this.#at.delete(name);
    return due.map(([name]) => name);
  }

  /** The loop itself slept, so nobody may be blamed for the time: every deadline is at least `wait` away, and moves by it. */
  postpone(wait: number, now: Instant): void {
    this.#known = false;
    for (const [name, at] of this.#at) this.#at.set(name, (Math.max(at, now) + wait) as Instant);
  }
}
