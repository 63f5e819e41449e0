/**
 * When a changed state is to be said. At once as a rule; but hundreds of groups that start, stop or fail within a second must not cost a
 * status message each, which would push everything else out of the history that lost messages are sent again from.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, elapsed, type Instant } from "../../base/units.ts";
import { stateBurst, statePause } from "../limits.ts";

export class Announcer {
  readonly #deadlines = new Deadlines<"say">();
  #said = "";
  /** How many changes may be said at once, and when that was reckoned. */
  #credit = stateBurst;
  #reckonedAt: Instant | undefined;

  nextDeadline(): Instant | undefined {
    return this.#deadlines.next();
  }

  /** True: say it now. */
  step(state: string, now: Instant): boolean {
    this.#deadlines.due(now);
    if (state === this.#said) {
      this.#deadlines.clear();
      return false;
    }
    const earned = this.#reckonedAt === undefined ? 0 : elapsed(this.#reckonedAt, now) / statePause;
    this.#credit = Math.min(stateBurst, this.#credit + earned);
    this.#reckonedAt = now;
    if (this.#credit < 1) {
      if (!this.#deadlines.has("say")) this.#deadlines.set("say", after(now, statePause));
      return false;
    }
    this.#credit -= 1;
    this.#said = state;
    this.#deadlines.clear();
    return true;
  }
}
