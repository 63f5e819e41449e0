/**
 * Who waits how long before it switches a silent node off, so that two that lost each other do not switch each other off, and at least one
 * that runs something goes on.
 *
 * Each knows what the other held when it was heard last, which may have changed: a node that released its resources in the cut still counts
 * as a holder there. So the one that stands first in the node order never waits as long as the other may, whatever the two believe: no wait
 * occurs in both columns (quirk 230).
 *
 *                                   first   second
 *     we hold, or neither does        0        1
 *     it holds and we do not          2        1
 *     never heard, and hold nothing   3        4
 *
 * The second loses nothing by its wait when it alone holds: then nobody waits for its resources. Who was started in the cut never heard the
 * other, which may run everything, may have noticed the cut long ago and may be about to strike after the longest of the other waits. So it
 * waits longer than all who know.
 */
import { type Milliseconds, milliseconds } from "../../base/units.ts";
import { fencingPauseMax, fencingPauseMin, fencingTurn } from "../limits.ts";

export interface FencingDelay {
  readonly wait: Milliseconds;
  readonly because: string;
}

/** Before the first attempt. `self.first`: we stand before it in the node order; `other.holds` is undefined when it was never heard. */
export function fencingDelay(
  self: { readonly holds: boolean; readonly first: boolean },
  other: { readonly holds: boolean | undefined; readonly armed: boolean },
  turn: Milliseconds = fencingTurn,
): FencingDelay {
  if (!other.armed) return { wait: milliseconds(0), because: "it has no device to fence us" };
  const turns = (first: number, second: number): Milliseconds => milliseconds(turn * (self.first ? first : second));
  if (!self.holds && other.holds === undefined)
    return { wait: turns(3, 4), because: "we never heard it, so it may hold resources and be about to fence us" };
  const theyHold = other.holds ?? true;
  if (!self.holds && theyHold) return { wait: turns(2, 1), because: "it holds resources and we do not" };
  const place = self.first ? "we stand before it" : "it stands before us";
  return { wait: turns(0, 1), because: `it can fence us, too, and ${place} in the node order` };
}

/** The pause after so many rounds in which every device failed. */
export function fencingPause(rounds: number): Milliseconds {
  return milliseconds(Math.min(fencingPauseMax, fencingPauseMin * 2 ** Math.min(20, rounds - 1)));
}
