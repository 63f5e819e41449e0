/**
 * Counts what was thrown away and says so in at most one line a second.
 *
 * Anybody on the network can send rubbish; nobody may fill the log with it. The first is told at once; what follows within a
 * second becomes one line, with the latest example of each kind and their numbers (quirk 18).
 */
import { after, type Instant } from "../base/units.ts";
import type { LogLevel } from "./effect.ts";
import { rejectLogInterval } from "./limits.ts";

/** Kinds that a line shows with an example; of the others it tells the number. */
const examplesMax = 3;

export interface RejectLine {
  /** The worst of what the line tells of. */
  readonly level: LogLevel;
  readonly text: string;
}

export class Rejects {
  readonly #counts = new Map<string, number>();
  /** Since the last line. */
  readonly #untold = new Map<string, { count: number; text: string; level: LogLevel }>();
  #quietUntil: Instant | undefined;

  /** One more, and nothing is said of it. */
  count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** The line to log now, if any. */
  note(reason: string, level: LogLevel, text: string, now: Instant): RejectLine | undefined {
    this.count(reason);
    if (this.#quietUntil !== undefined) {
      this.#untold.set(reason, { count: (this.#untold.get(reason)?.count ?? 0) + 1, text, level });
      return undefined;
    }
    this.#quietUntil = after(now, rejectLogInterval);
    return { level, text };
  }

  /** The line for what was kept quiet since, when its time has come. */
  due(now: Instant): RejectLine[] {
    if (this.#quietUntil === undefined || now < this.#quietUntil) return [];
    this.#quietUntil = undefined;
    if (this.#untold.size === 0) return [];
    this.#quietUntil = after(now, rejectLogInterval);
    const kinds = [...this.#untold.values()].sort((a, b) => b.count - a.count);
    this.#untold.clear();
    const shown = kinds.slice(0, examplesMax).map(({ count, text }) => `${text} (${count} of this kind)`);
    const others = kinds.slice(examplesMax).reduce((sum, { count }) => sum + count, 0);
    const level = kinds.find((kind) => kind.level !== "warn")?.level ?? "warn";
    return [{ level, text: [...shown, ...(others > 0 ? [`${others} of other kinds`] : [])].join("; ") }];
  }

  nextDeadline(): Instant | undefined {
    return this.#quietUntil;
  }

  counters(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
