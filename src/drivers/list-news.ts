/**
 * A long list of which little changes, told to another process again and again: an entry that the last version had is told as its place there.
 *
 * Hundreds of groups start in one go, and the runner hears of each step; telling all of them each time would take most of the take-over.
 * An entry is the same if it is the same object: whoever draws lists up keeps the objects of what has not changed.
 */

/** The entries in order: new ones in full, known ones by their place in the last version. */
export type ListNews<Entry extends object> = readonly (Entry | number)[];

/** The end that tells. */
export class ListTeller<Entry extends object> {
  #places = new Map<Entry, number>();

  /** What is told now, on the understanding that it arrives. */
  next(list: readonly Entry[]): ListNews<Entry> {
    const last = this.#places;
    this.#places = new Map(list.map((entry, place) => [entry, place]));
    return list.map((entry) => last.get(entry) ?? entry);
  }

  /** The other end has nothing (any more). */
  forget(): void {
    this.#places.clear();
  }
}

/** The end that hears. A place that the last version has not is a fault of the teller's, and left out. */
export function readListNews<Entry extends object>(news: ListNews<Entry>, last: readonly Entry[]): Entry[] {
  return news.flatMap((each) => {
    const entry = typeof each === "number" ? last[each] : each;
    return entry === undefined ? [] : [entry];
  });
}
