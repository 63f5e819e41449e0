/**
 * How long the runner keeps what a core held when that is gone without a word (quirk 112).
 *
 * The other nodes hold us dead when nothing was heard of us for as long as our last status asked them to wait, and then they start what was
 * ours. The first quarter of that time is for a next core to come, which spares the clients two moves. The other three are left for stopping, so that
 * all is down before the others start it: a database and a file system take seconds, and nothing is worse than a disk that two nodes write to.
 * Where a service manager starts the next core by itself, it is certain to come and half a second away: then it is half and half. A core that has
 * called already, and only has to finish its start, gets two thirds as long as it lives, but never the last second.
 *
 * A core that dies again and again may die of what it takes over: after a few adoptions in a row everything is given up.
 */

export interface Beat {
  /** Monotonic, in milliseconds. */
  readonly at: number;
  /** What the status asked the others for, in milliseconds. */
  readonly patience: number;
}

/** Adoptions within this time, in milliseconds, count as in a row. */
export const adoptionPeriod = 60_000;
export const adoptionsMax = 3;
/** Of the patience that the others have: where somebody may start the next core, where it comes by itself, and when it is here. */
const waitingPart = { awaited: 0.25, restarted: 0.5 };
const calledPart = 2 / 3;
/** What is left for stopping when a core that has called does not get ready, in milliseconds: with a short patience its call changes nothing. */
const stoppingTime = 1000;

/**
 * The moment to begin at; undefined: now. `adoptions`: when a core took over after a death, oldest first. `called`: the next core is here, and
 * is not ready yet.
 */
export function giveUpAt(
  beat: Beat | undefined,
  adoptions: readonly number[],
  now: number,
  next: keyof typeof waitingPart,
  called = false,
): number | undefined {
  if (beat === undefined) return undefined;
  if (adoptions.filter((at) => now - at < adoptionPeriod).length >= adoptionsMax) return undefined;
  const uncalled = beat.patience * waitingPart[next];
  const longest = Math.min(beat.patience * calledPart, beat.patience - stoppingTime);
  const limit = beat.at + (called ? Math.max(uncalled, longest) : uncalled);
  return limit > now ? limit : undefined;
}

/** For the restart of the machine, before the others hold us dead; and for the first attempt of each stop. Milliseconds. */
const restartTime = 1000;
const attemptTime = 2000;

/** When what has not stopped is ended by a restart of the machine. */
export function restartAt(beat: Beat | undefined, now: number): number {
  return Math.max(now + attemptTime, beat === undefined ? 0 : beat.at + beat.patience - restartTime);
}
