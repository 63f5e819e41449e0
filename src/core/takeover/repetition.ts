/**
 * Which heartbeats need not be judged again.
 *
 * Most of them say what the last one said, and what was judged then holds still: in a cluster of sixteen nodes 150 judgements a second would look at
 * every group of every node, to find nothing. A heartbeat is passed over when it says the same as the last one of its sender, that one
 * was judged, and neither it nor anything since has changed a thing. What depends on time has a deadline, and a deadline is judged always.
 */
import type { NodeName } from "../../base/units.ts";

/** Judgements in a row that changed nothing: one of them may have settled what does not show. */
const restAfter = 2;

export class Repetition {
  /** Counts the changes. */
  #changes = 0;
  #still = 0;
  /** By how many changes there were when a heartbeat of that node was judged last. */
  readonly #judgedAt = new Map<NodeName, number>();

  /** What that node said last has been judged since the last change. */
  isJudged(node: NodeName): boolean {
    return this.#still >= restAfter && this.#judgedAt.get(node) === this.#changes;
  }

  /** Something was judged that is not a repeated heartbeat. */
  changed(): void {
    this.#changes++;
    this.#still = 0;
  }

  /** A deadline, or what `node` said again, was judged, and changed nothing. */
  unchanged(node?: NodeName): void {
    this.#still++;
    if (node !== undefined) this.#judgedAt.set(node, this.#changes);
  }
}
