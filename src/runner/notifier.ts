/**
 * Runs the notification scripts: one at a time, first come, first served, so that scripts see events in their order.
 *
 * Nobody waits for them. When events come faster than scripts end, the newest are dropped: a queue without a bound would only tell old
 * news ever later.
 */
import type { AgentOutcome } from "../core/input.ts";

const waitingMax = 200;

/** Why a notice that was not delivered was not. */
export type NoticeOutcome = AgentOutcome | { readonly result: "dropped" };

export class Notifier<Notice extends { readonly type: string }> {
  readonly #run: (notice: Notice) => Promise<AgentOutcome>;
  readonly #onEnd: (type: string, outcome: NoticeOutcome) => void;
  readonly #waiting: Notice[] = [];
  #running = false;

  constructor(run: (notice: Notice) => Promise<AgentOutcome>, onEnd: (type: string, outcome: NoticeOutcome) => void) {
    this.#run = run;
    this.#onEnd = onEnd;
  }

  push(notice: Notice): void {
    if (this.#waiting.length >= waitingMax) return this.#onEnd(notice.type, { result: "dropped" });
    this.#waiting.push(notice);
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let notice = this.#waiting.shift(); notice !== undefined; notice = this.#waiting.shift())
      this.#onEnd(notice.type, await this.#run(notice));
    this.#running = false;
  }
}
