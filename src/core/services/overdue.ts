/**
 * Answers of the runner that do not come.
 *
 * The runner ends what it runs at its time limit, so this is about the runner itself: the disk with its programs stands still, say. The core
 * goes on beating meanwhile, and without a limit of its own nobody would ever learn that the services of this node are looked after by no one.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type Milliseconds, milliseconds, type OperationId } from "../../base/units.ts";
import { agentGuard, lateAnswersMax } from "../limits.ts";

export class OverdueAnswers {
  readonly #limits = new Deadlines<OperationId>();
  /** Counted as timed out; their answers may still come. In the order of their ends. */
  readonly #late = new Set<OperationId>();

  next(): Instant | undefined {
    return this.#limits.next();
  }

  expect(operation: OperationId, timeLimit: Milliseconds, now: Instant): void {
    this.#limits.set(operation, after(now, milliseconds(timeLimit + agentGuard)));
  }

  /** An answer has come. False: it was counted as timed out before. */
  answered(operation: OperationId): boolean {
    this.#limits.delete(operation);
    return !this.#late.delete(operation);
  }

  postpone(wait: Milliseconds, now: Instant): void {
    this.#limits.postpone(wait, now);
  }

  due(now: Instant): readonly OperationId[] {
    const due = [...this.#limits.due(now)];
    for (const operation of due) this.#late.add(operation);
    for (const operation of this.#late) {
      if (this.#late.size <= lateAnswersMax) break;
      this.#late.delete(operation);
    }
    return due;
  }
}
