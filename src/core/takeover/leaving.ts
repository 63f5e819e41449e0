/**
 * The orderly end, at once and whatever is under way (quirk 252): everything is released, then the others are told that nothing runs here any more, then we go.
 *
 * What would not stop keeps us here. If we went, the others would hold us dead one day and start what still runs, and the word that nothing
 * runs would be a lie. So the stop is tried again and again, and who asked for it is told why it takes so long (quirk 235).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { uncleanRetry } from "../limits.ts";
import type { Moves } from "./moves.ts";
import type { Scene } from "./scene.ts";

export class Leaving {
  readonly #scene: Scene;
  readonly #moves: Moves;
  readonly #retry = new Deadlines<"stop">();
  /** Communication was up when the stop was asked for: the others expect a goodbye. */
  #tookPart = false;
  #ended = false;

  constructor(scene: Scene, moves: Moves) {
    this.#scene = scene;
    this.#moves = moves;
  }

  /** All is said. */
  get ended(): boolean {
    return this.#ended;
  }

  nextDeadline(): Instant | undefined {
    return this.#retry.next();
  }

  /** `adopted`: the last core took part, whether we do yet or not. */
  begin(adopted: boolean, now: Instant): void {
    this.#tookPart = adopted || this.#scene.phase !== "init";
    this.#scene.leaving = true;
    this.#scene.move("stop");
    this.#moves.leave(now);
    if (this.#tookPart) this.#scene.say({ say: "resource", held: "none", stable: false, info: "shutdown" });
    this.#scene.log("giving-up", "info", "Giving up all HA resources.");
  }

  /** What would not stop is tried again at once: somebody may have repaired it. */
  askedAgain(now: Instant): void {
    this.#scene.log("already-leaving", "info", "Heartbeat shutdown already underway.");
    if (this.#retry.has("stop")) this.#retry.set("stop", now);
  }

  /** After every input. */
  consider(now: Instant): void {
    const { holdings } = this.#scene;
    if (this.#ended || holdings.busy || this.#moves.offering) return;
    const stuck = holdings.all().filter(({ state }) => state === "held");
    if (stuck.length > 0) {
      if (this.#retry.due(now).length > 0)
        for (const unit of stuck) this.#scene.release(unit, "heartbeat is shutting down");
      else if (!this.#retry.has("stop")) {
        this.#retry.set("stop", after(now, uncleanRetry));
        const names = stuck.map((unit) => this.#scene.nameOf(unit)).join(", ");
        const text = `${names} would not stop: heartbeat stays until it is down, or others would start what still runs here. It is tried every ${uncleanRetry / 1000} s.`;
        this.#scene.log("stays-unclean", "crit", text);
      }
      return;
    }
    this.#ended = true;
    this.#retry.clear();
    this.#scene.log("relinquished", "info", "All HA resources relinquished.");
    if (this.#tookPart) this.#scene.say({ say: "shutdown-done" });
    this.#scene.emit({ is: "left" });
  }
}
