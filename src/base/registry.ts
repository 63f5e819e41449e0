/**
 * An ordered table of named things of one kind: directives, media, agents, programs.
 *
 * Names are unique, which is asserted at load; a name that nobody registered gets a suggestion, because most wrong names
 * are right names mistyped.
 */
import { invariant } from "./invariant.ts";

export interface Named {
  readonly name: string;
}

export interface Registry<T extends Named> extends Iterable<T> {
  get(name: string): T | undefined;
  names(): string[];
  /** The registered name that `name` was probably meant to be. */
  suggest(name: string): string | undefined;
}

export function registry<T extends Named>(entries: readonly T[]): Registry<T> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  invariant(byName.size === entries.length, "registry: a name is registered twice");
  return {
    get: (name) => byName.get(name),
    names: () => [...byName.keys()],
    suggest: (name) => nearest(name, [...byName.keys()]),
    [Symbol.iterator]: () => entries[Symbol.iterator](),
  };
}

/** The candidate within two edits of `word` (one for words of up to three letters), ignoring case; the closest wins. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of candidates) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= (wanted.length <= 3 ? 1 : 2) && (best === undefined || distance < best.distance))
      best = { name, distance };
  }
  return best?.name;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours count one each. */
export function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const beforePrevious = previous;
    previous = current;
    current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      current[j] = cost;
    }
  }
  return current[b.length] ?? 0;
}
