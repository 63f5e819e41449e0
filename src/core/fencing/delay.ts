/**
 * Who waits how long before it switches a silent node off, so that two that lost each other do not switch each other off, and at least one
 * that runs something goes on.
 *
 * Each knows what the other held when it was heard last. Who was started in the cut does not: it never heard the other, which may run
 * everything, may have noticed the cut long ago and may be about to strike after the longest of the other waits. So it waits longer than
 * all who know (quirk 230).
 */
import { type Milliseconds, milliseconds } from "../../base/units.ts";
import { fencingPauseMax, fencingPauseMin, fencingPlaceDelay } from "../limits.ts";

export interface FencingDelay {
  readonly wait: Milliseconds;
  readonly because: string;
}

/** Before the first attempt. `other.holds` is undefined when it was never heard; `nodes`: how many there are. */
export function fencingDelay(
  self: { readonly holds: boolean; readonly place: number },
  other: { readonly holds: boolean | undefined; readonly armed: boolean },
  nodes: number,
  eachPlace: Milliseconds = fencingPlaceDelay,
): FencingDelay {
  const none = milliseconds(0);
  if (!other.armed) return { wait: none, because: "it has no device to fence us" };
  if (!self.holds && other.holds === undefined) {
    const wait = milliseconds(eachPlace * (nodes + self.place));
    return { wait, because: "we never heard it, so it may hold resources and be about to fence us" };
  }
  const theyHold = other.holds ?? true;
  if (self.holds && !theyHold) return { wait: none, because: "we hold resources and it does not" };
  if (!self.holds && theyHold) return { wait: eachPlace, because: "it holds resources and we do not" };
  const wait = milliseconds(eachPlace * self.place);
  return { wait, because: `it can fence us, too, and we stand ${self.place + 1}. in the node order` };
}

/** The pause after so many rounds in which every device failed. */
export function fencingPause(rounds: number): Milliseconds {
  return milliseconds(Math.min(fencingPauseMax, fencingPauseMin * 2 ** Math.min(20, rounds - 1)));
}
