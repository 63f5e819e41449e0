/** The one shape of everything that decides: facts in, orders out, deadlines by question. */
import type { Instant } from "../base/units.ts";

export interface Machine<Input, Output> {
  step(input: Input, now: Instant): readonly Output[];
  /** When the machine wants to be given `{ on: "deadline" }`; it may be asked at any time. */
  nextDeadline(): Instant | undefined;
}
