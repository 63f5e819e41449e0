/**
 * The one thing that goes wrong in a run: the n-th operation that any node of the world orders.
 *
 * A story that goes well once is told again for each of its operations, that one failing: no step may count on the one before it.
 */
import type { AgentOutcome, Input } from "../core/input.ts";
import type { Ordered } from "./operations.ts";

/**
 * `fails`: it says so, and nothing has happened. `half-done`: it says so, and yet it has happened; only the kernel's word on an address is always
 * true. `hangs`: nothing has happened, and after its time limit it is ended.
 */
export type Manner = "fails" | "half-done" | "hangs";

export interface Mishap {
  /** Counted from 1 over all nodes. */
  readonly nth: number;
  readonly how: Manner;
}

export interface Spoilt {
  readonly after: number;
  readonly input: Input;
}

/** It happens, whatever is said of it. */
export const isDone = (effect: Ordered, how: Manner): boolean => how === "half-done" && effect.do !== "address";

/** How the operation ends. What has or has not happened is for the host to do. */
export function spoilt(effect: Ordered, how: Manner): Spoilt {
  const { operation } = effect;
  const after = how === "hangs" && "timeLimit" in effect ? effect.timeLimit : 10;
  const outcome: AgentOutcome = how === "hangs" ? { result: "timed-out" } : { result: "exited", code: 1, output: "" };
  switch (effect.do) {
    case "run-agent":
    case "probe":
      return { after, input: { on: "agent-finished", operation, outcome } };
    case "address": {
      const failed = { result: "failed", says: "out of memory" } as const;
      return { after, input: { on: "address-finished", operation, outcome: failed } };
    }
    case "fence":
      return { after, input: { on: "fence-finished", operation, outcome: { result: "failed", says: "no answer" } } };
  }
}

/** What this may hold up, in milliseconds: a script until it is ended, a stop until it is tried again. */
export const mishapPatience = (how: Manner): number => (how === "hangs" ? 65_000 : 5000);
