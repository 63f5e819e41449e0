/**
 * A restart of the daemon that its resources outlive: the others are asked for more patience, and a moment later the process ends and
 * leaves everything to the next one.
 *
 * It waits until nothing moves, as the original does: a start or a hand-over under way would be carried on by the next core, but the other
 * side of a hand-over would wait for an answer.
 *
 * Source: docs/reference/resources.md, section 12.4; wire-protocol.md, section 10.5. Deviation: it is another process (quirk 110).
 */
import { after, type Instant } from "../base/units.ts";
import { restartNotice } from "./limits.ts";

export type RestartOutput =
  /** Something moves: the restart waits. Said once. */
  | "waits"
  /** Ask the others for patience, end the programs that live with us. */
  | "announce"
  | "go";

export class QuickRestart {
  #phase: "none" | "wanted" | "waiting" | "announced" | "held up" | "gone" = "none";
  #goAt: Instant | undefined;

  request(): void {
    if (this.#phase === "none") this.#phase = "wanted";
  }

  /** An orderly stop goes before. True: the others were told of a restart that does not come. */
  cancel(): boolean {
    const announced = this.#phase === "announced" || this.#phase === "held up";
    this.#phase = "gone";
    this.#goAt = undefined;
    return announced;
  }

  nextDeadline(): Instant | undefined {
    return this.#goAt;
  }

  /** After every step. `quiet`: nothing moves; `alone`: no program lives with us any more. */
  judge(quiet: boolean, alone: boolean, now: Instant): RestartOutput | undefined {
    switch (this.#phase) {
      case "none":
      case "gone":
        return undefined;
      case "wanted":
      case "waiting":
        if (quiet) {
          this.#phase = "announced";
          this.#goAt = after(now, restartNotice);
          return "announce";
        }
        if (this.#phase === "waiting") return undefined;
        this.#phase = "waiting";
        return "waits";
      case "announced":
        if (!alone || this.#goAt === undefined || now < this.#goAt) return undefined;
        if (!quiet) {
          this.#phase = "held up"; // something began to move meanwhile
          this.#goAt = undefined;
          return undefined;
        }
        return this.#go();
      case "held up":
        return quiet ? this.#go() : undefined;
    }
  }

  #go(): "go" {
    this.#phase = "gone";
    this.#goAt = undefined;
    return "go";
  }
}
