/**
 * The four words for what a node holds, and the shares that they stand for.
 *
 * A *share* is all groups that prefer one node; it is named after that node. The wire's `local` is the sender's own share,
 * `foreign` is every other one (resources.md, section 1). In a cluster of two the words say everything.
 */
import type { NodeName } from "../../base/units.ts";
import type { HoldWord } from "../view.ts";

export const hasLocal = (word: HoldWord): boolean => word === "local" || word === "all";
export const hasForeign = (word: HoldWord): boolean => word === "foreign" || word === "all";

export function holdWord(local: boolean, foreign: boolean): HoldWord {
  return local ? (foreign ? "all" : "local") : foreign ? "foreign" : "none";
}

/** A partial statement (no `rtype=full`): `none` clears, anything else adds (resources.md, section 7). */
export function addTo(held: HoldWord, word: HoldWord): HoldWord {
  if (word === "none") return "none";
  return holdWord(hasLocal(held) || hasLocal(word), hasForeign(held) || hasForeign(word));
}

/** The shares that `word` names when `speaker` says it. */
export function sharesOf(word: HoldWord, speaker: NodeName, nodes: readonly NodeName[]): NodeName[] {
  return nodes.filter((owner) => (owner === speaker ? hasLocal(word) : hasForeign(word)));
}

/** The same set seen from the other of two nodes. */
export function mirrored(word: HoldWord): HoldWord {
  return holdWord(hasForeign(word), hasLocal(word));
}
