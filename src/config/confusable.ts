/**
 * Words of haresources that 3.0.6 takes for others: it looks for a group, and for a node, with the word as a regular expression, in which a dot is any
 * character and some others mean something else altogether.
 *
 * Source: docs/reference/resources.md, section 2.3.
 */

const special = /[*+?()[\]{}|^$\\]/;

/** The character of a word that is no plain text to that search. */
export const specialIn = (word: string): string | undefined => special.exec(word)?.[0];

/** The first of `others` that a search for the word finds, too: as long, and the same but where the word has a dot. */
export const takenFor = (word: string, others: readonly string[]): string | undefined =>
  others.find((other) => other !== word && finds(word, other));

const finds = (word: string, other: string): boolean =>
  word.length === other.length && [...word].every((character, at) => character === "." || character === other[at]);
