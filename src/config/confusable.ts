/**
 * Words of haresources that 3.0.6 takes for others: it looks for a group, and for a node, with the word as a regular expression, in which a dot is any
 * character and some others mean something else altogether.
 *
 * Source: docs/reference/resources.md, section 2.3.
 */

const special = /[*+?()[\]{}|^$\\]/;

/** The character of a word that is no plain text to that search. */
export const specialIn = (word: string): string | undefined => special.exec(word)?.[0];

/** Words of a file, and in which of its lines each stands, for the question which of them a search for another one finds. */
export class SearchedWords {
  /** By length, since a dot is one character: each word once, with its line, or -1 where it stands in several. */
  readonly #byLength = new Map<number, Map<string, number>>();

  add(word: string, line: number): void {
    const alike = this.#byLength.get(word.length) ?? new Map<string, number>();
    this.#byLength.set(word.length, alike);
    const before = alike.get(word);
    alike.set(word, before === undefined || before === line ? line : several);
  }

  /** Another word, not of this line alone, that a search for `word` finds, too: as long, and the same but where `word` has a dot. */
  takenFor(word: string, line: number): string | undefined {
    if (!word.includes(".")) return undefined;
    for (const [other, where] of this.#byLength.get(word.length) ?? [])
      if (other !== word && where !== line && finds(word, other)) return other;
    return undefined;
  }
}

const several = -1;

function finds(word: string, other: string): boolean {
  for (let at = 0; at < word.length; at++) if (word[at] !== "." && word[at] !== other[at]) return false;
  return true;
}
