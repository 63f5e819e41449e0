/**
 * Counts what was thrown away and says so at most once a second per reason.
 *
 * Anybody on the network can send rubbish; nobody may fill the log with it. The first of a kind is told at once, the rest
 * as a number (quirk 18).
 */
import { Deadlines } from "../base/deadlines.ts";
import { after, type Instant } from "../base/units.ts";
import { rejectLogInterval } from "./limits.ts";

export class Rejects {
  readonly #counts = new Map<string, number>();
  readonly #untold = new Map<string, { count: number; text: string }>();
  readonly #quiet = new Deadlines<string>();

  /** The line to log now, if any. */
  note(reason: string, text: string, now: Instant): string | undefined {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (this.#quiet.has(reason)) {
      const untold = this.#untold.get(reason);
      this.#untold.set(reason, { count: (untold?.count ?? 0) + 1, text });
      return undefined;
    }
    this.#quiet.set(reason, after(now, rejectLogInterval));
    return text;
  }

  /** Lines for what was kept quiet since. */
  due(now: Instant): string[] {
    return this.#quiet.due(now).flatMap((reason) => {
      const untold = this.#untold.get(reason);
      if (untold === undefined) return [];
      this.#untold.delete(reason);
      this.#quiet.set(reason, after(now, rejectLogInterval));
      return [`${untold.text} (${untold.count} more of this kind)`];
    });
  }

  nextDeadline(): Instant | undefined {
    return this.#quiet.next();
  }

  counters(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
