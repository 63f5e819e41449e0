/**
 * What a core leaves to the next one, should there be one: who was to run what, and how far each group is.
 *
 * The runner keeps it without looking. It is written down before the orders that follow from it are given, so that whatever runs is in
 * it; an order that is in it and does not run was never given, and is given again.
 */
import type { Milliseconds, NodeName, OperationId } from "../base/units.ts";
import type { JobMemory } from "./services/job-language.ts";
import type { KeptHoldings } from "./takeover/language.ts";

export interface Keepsake {
  readonly holdings: KeptHoldings;
  readonly groups: readonly KeptGroup[];
  /** Who asked for how much of it, where that is not what is configured. */
  readonly patience: readonly KeptPatience[];
}

export interface KeptPatience {
  readonly node: NodeName;
  readonly deadtime: Milliseconds;
}

export interface KeptGroup extends JobMemory {
  /** Whose end its next step waits for. */
  readonly operation?: OperationId;
}

/** The last core's keepsake in the hands of the next. */
export interface Inheritance {
  readonly keepsake: Keepsake;
  /** Of the operations that it waits for: those whose end will still be told. */
  readonly underWay: readonly OperationId[];
  /** The highest number of an order so far. */
  readonly lastOperation: number;
}

const nothing: Keepsake = {
  holdings: { units: [], unfenced: [], off: [], maintenance: { count: 0, on: false } },
  groups: [],
  patience: [],
};

/** From what the runner kept, for a core of the same version. */
export function inheritanceOf(memory: unknown, underWay: readonly OperationId[], lastOperation: number): Inheritance {
  const keepsake = isKeepsake(memory) ? memory : nothing;
  const awaited = new Set(keepsake.groups.map(({ operation }) => operation));
  return { keepsake, underWay: underWay.filter((operation) => awaited.has(operation)), lastOperation };
}

function isKeepsake(memory: unknown): memory is Keepsake {
  if (typeof memory !== "object" || memory === null) return false;
  return "holdings" in memory && "groups" in memory && "patience" in memory && Array.isArray(memory.groups);
}
