/**
 * Keeps book of what the nodes of a world have ordered: each operation ends once, and in time.
 *
 * The core never waits, it only remembers: what never ended would leave a group half started for good, and what ended twice could be taken for
 * the end of something else. An operation whose core has died is nobody's, unless the next core says that it has inherited it.
 */
import type { NodeName, OperationId } from "../base/units.ts";
import type { Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";

export type Ordered = Extract<Effect, { readonly operation: OperationId; readonly do: Operation }>;
type Operation = "run-agent" | "probe" | "address" | "fence";

export const isOrdered = (effect: Effect): effect is Ordered =>
  effect.do === "run-agent" || effect.do === "probe" || effect.do === "address" || effect.do === "fence";

/** Nothing is looked for more often than this, in milliseconds. */
const lookEvery = 500;
/** Fencing devices and all the rest are counted apart. */
const keyOf = (operation: OperationId, fences: boolean): string => `${fences ? "fencing " : ""}operation ${operation}`;

/** Milliseconds beyond its own time limit within which each operation ends; the kernel needs no more for an address. */
const graceMax = 2000;
/** Of what a core inherited the limit is not known any more: none is longer. */
const inheritedMax = 120_000;

export class Operations {
  #lookAt = 0;
  /** By node: what is under way, and when it is overdue. */
  readonly #open = new Map<NodeName, Map<string, number>>();

  /** A sentence when something is wrong. */
  ordered(by: NodeName, effect: Ordered, now: number): string | undefined {
    const open = this.#of(by);
    const key = keyOf(effect.operation, effect.do === "fence");
    if (open.has(key)) return `${by} ordered ${key} twice`;
    open.set(key, now + ("timeLimit" in effect ? effect.timeLimit : 0) + graceMax);
    return undefined;
  }

  inherited(by: NodeName, operations: readonly OperationId[], now: number): void {
    for (const operation of operations) this.#of(by).set(keyOf(operation, false), now + inheritedMax);
  }

  /** The core is told this. A sentence when it is the end of nothing. */
  told(to: NodeName, input: Input): string | undefined {
    if (input.on !== "agent-finished" && input.on !== "address-finished" && input.on !== "fence-finished")
      return undefined;
    const key = keyOf(input.operation, input.on === "fence-finished");
    return this.#of(to).delete(key) ? undefined : `${to} was told of the end of ${key}, which is not under way`;
  }

  /** The core ended: nobody waits for what it ordered. */
  forget(node: NodeName): void {
    this.#open.delete(node);
  }

  /** The first that should have ended by now. `awake`: this node can be told of it. */
  overdue(now: number, awake: (node: NodeName) => boolean): string | undefined {
    if (now < this.#lookAt) return undefined;
    this.#lookAt = now + lookEvery;
    for (const [node, open] of this.#open)
      for (const [key, due] of open) if (now > due && awake(node)) return `${key} of ${node} has not ended in time`;
    return undefined;
  }

  #of(node: NodeName): Map<string, number> {
    const known = this.#open.get(node);
    if (known !== undefined) return known;
    const fresh = new Map<string, number>();
    this.#open.set(node, fresh);
    return fresh;
  }
}
