/**
 * A core that died without a word leaves its runner behind, which keeps what was held for a while. If it can be taken over, it is. If it is
 * giving up what was held already, a new core must not start the same service meanwhile, or the old runner's stop would hit it.
 */
import { setTimeout as pause } from "node:timers/promises";
import { callRunner, type FormerRunner, type RunnerAnswer } from "../drivers/former-runner.ts";

export interface FormerRunnerOptions {
  readonly door: string;
  /** What it answers to a call that was made already. */
  readonly answer?: Promise<RunnerAnswer>;
  /** The number of what a core and a runner say to each other, here. */
  readonly protocol: number;
  /** Is this process a core of ours? */
  readonly isCore: (pid: number) => boolean;
  /** In milliseconds. */
  readonly patience: number;
  /** Called once if there is one that must be waited for. */
  readonly onWait: (pid: number) => void;
  /** Called before one gives up what it has because it cannot be taken over from. */
  readonly onIncompatible: (runner: FormerRunner) => void;
  /** Called when patience has ended before it has. */
  readonly onImpatient: () => void;
}

/** In milliseconds: a runner notices the end of its core at once, but may not have had its turn yet. */
const lookInterval = 20;

/** Undefined: there is none, or none that can be taken over; then it has done its work. */
export async function findFormerRunner(options: FormerRunnerOptions): Promise<FormerRunner | undefined> {
  const limit = performance.now() + options.patience;
  let first = options.answer;
  while (performance.now() < limit) {
    const answer = await (first ?? callRunner(options.door));
    first = undefined;
    switch (answer.is) {
      case "none":
        return undefined;
      case "serving":
        if (options.isCore(answer.core)) return undefined; // the pid file will say so, too
        await pause(lookInterval);
        break;
      case "waiting":
        if (answer.runner.offer.protocol === options.protocol) return answer.runner;
        options.onIncompatible(answer.runner);
        await endOf(answer.runner.decline(), limit);
        break;
      case "leaving":
        options.onWait(answer.pid);
        await endOf(answer.ended, limit);
        break;
    }
  }
  options.onImpatient();
  return undefined;
}

async function endOf(ended: Promise<void>, limit: number): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    ended,
    pause(Math.max(0, limit - performance.now()), undefined, { signal: late.signal }).catch(() => {}),
  ]);
  late.abort();
}
