/**
 * A node that is not fit to hold resources takes none, and gives what it holds to others, as long as there is a fit node to give it to. Where there is
 * none it stays, and an unfit node takes what nobody has: a service that some can reach is better than none.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { surrenderRetry } from "../limits.ts";
import type { Moves } from "./moves.ts";
import type { Scene } from "./scene.ts";

export class Fitness {
  readonly #scene: Scene;
  readonly #moves: Moves;
  /** When an original is asked again to take everything. */
  readonly #again = new Deadlines<"ask">();

  constructor(scene: Scene, moves: Moves) {
    this.#scene = scene;
    this.#moves = moves;
  }

  nextDeadline(): Instant | undefined {
    return this.#again.next();
  }

  judged(unfit: string | undefined, now: Instant): void {
    this.#scene.holdings.unfit = unfit;
    this.#again.clear();
    if (unfit === undefined) return this.#scene.log("node-fit", "info", "This node may hold resources again.");
    if (!this.#scene.leaving) this.#again.set("ask", now);
    this.#scene.log("node-unfit", "warn", "This node is not fit to hold resources.", unfit);
  }

  /** We leave: whoever is left takes what it wants. */
  calm(): void {
    this.#again.clear();
  }

  consider(now: Instant): void {
    const { holdings, maintenance, phase } = this.#scene;
    if (holdings.unfit === undefined) return;
    const asked = this.#again.due(now).length > 0;
    if (asked) this.#again.set("ask", after(now, surrenderRetry));
    if (phase !== "stable" || maintenance.on) return;
    if (!this.#scene.besideOriginal) return this.#giveAway(holdings.unfit, now);
    const calm = this.#moves.phase === "none" && !holdings.busy && !this.#scene.besideUncertain;
    if (asked && calm && this.#scene.word !== "none") this.#moves.requestStandby(this.#scene.word, now);
  }

  #giveAway(unfit: string, now: Instant): void {
    const { claims, config, holdings } = this.#scene;
    for (const unit of holdings.all()) {
      if (unit.state !== "held" || unit.giveTo !== undefined || unit.contested) continue;
      const to = claims.isBarred(config.self, unit) ? claims.successorOf(unit) : undefined;
      if (to !== undefined) this.#moves.give(unit, to, `this node is not fit: ${unfit}`, now);
    }
  }
}
