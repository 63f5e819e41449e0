/**
 * A service that failed here for good, with an original at the other end, which cannot be told of a single group: the whole share that the
 * group belongs to is given to it by the stand-by exchange, as an operator would do.
 *
 * An exchange may be refused or go unanswered, and another one may be under way; so it is asked for again a few times. A group that comes back
 * (an operator, or the original that could not start it either) and fails again soon is not sent a second time: it stays down, or a broken
 * service would fly between the nodes, and all its neighbours with it.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { surrenderAfterMove, surrenderAttemptsMax, surrenderHoldOff, surrenderRetry } from "../limits.ts";
import type { Unit } from "./holdings.ts";
import type { Moves } from "./moves.ts";
import type { Scene } from "./scene.ts";

interface Surrender {
  readonly unit: Unit;
  attempts: number;
}

export class Surrenders {
  readonly #scene: Scene;
  readonly #moves: Moves;
  readonly #open = new Map<NodeName, Surrender>();
  readonly #again = new Deadlines<NodeName>();
  /** Sent away lately. */
  readonly #heldOff = new Deadlines<Unit>();

  constructor(scene: Scene, moves: Moves) {
    this.#scene = scene;
    this.#moves = moves;
  }

  nextDeadline(): Instant | undefined {
    // Before communication is up nothing is decided, and a time that nobody takes would keep the loop awake.
    return this.#scene.phase === "init" ? undefined : this.#again.next();
  }

  /** It is down here, and may come up there yet. */
  hopesFor(unit: Unit): boolean {
    return this.#open.get(unit.owner)?.unit === unit;
  }

  lost(unit: Unit, now: Instant): void {
    this.#heldOff.due(now);
    if (this.#scene.leaving || !this.#scene.besideOriginal || this.#open.has(unit.owner)) return;
    if (this.#heldOff.has(unit)) {
      const minutes = Math.round(surrenderHoldOff / 60_000);
      const text = `${this.#scene.nameOf(unit)} was given to the other node within the last ${minutes} minutes, and has failed again: it stays down.`;
      return this.#scene.logOf([unit], "surrender-held-off", "warn", text);
    }
    this.#open.set(unit.owner, { unit, attempts: 0 });
    this.#again.set(unit.owner, now);
  }

  /** What its owner, an original, gave us does not start here: home it goes, as often as somebody moves it here (quirk 250). */
  startFailed(unit: Unit, now: Instant): void {
    const { leaving, peers } = this.#scene;
    const owner = peers.get(unit.owner);
    if (leaving || owner?.present !== true || !owner.original || this.#open.has(unit.owner)) return;
    this.#open.set(unit.owner, { unit, attempts: 0 });
    this.#again.set(unit.owner, after(now, surrenderAfterMove));
  }

  /** We leave: whoever is left takes what it wants. */
  calm(): void {
    this.#open.clear();
    this.#again.clear();
  }

  consider(now: Instant): void {
    const { besideOriginal, claims } = this.#scene;
    for (const [owner, { unit }] of this.#open) {
      const down = claims.holder(unit) === undefined && unit.state === "none" && unit.failedAt !== undefined;
      if (!down || !besideOriginal) this.#close(owner); // it came up, or there is nobody left to give it to
    }
    for (const owner of this.#again.due(now)) this.#ask(owner, now);
  }

  #ask(owner: NodeName, now: Instant): void {
    const surrender = this.#open.get(owner);
    if (surrender === undefined) return;
    const { holdings, maintenance, config, phase } = this.#scene;
    const calm = phase === "stable" && this.#moves.phase === "none" && !holdings.busy && !maintenance.on;
    this.#again.set(owner, after(now, surrenderRetry));
    if (!calm) return;
    if (surrender.attempts === surrenderAttemptsMax) return this.#close(owner);
    surrender.attempts++;
    this.#heldOff.set(surrender.unit, after(now, surrenderHoldOff));
    const set = owner === config.self ? "local" : "foreign";
    const text = `Giving the resources of ${owner} to the other node, which cannot be told of a single group.`;
    this.#scene.logOf(
      [surrender.unit],
      "surrender",
      "warn",
      text,
      `${this.#scene.nameOf(surrender.unit)} has failed here`,
    );
    this.#moves.requestStandby(set, now);
  }

  #close(owner: NodeName): void {
    this.#open.delete(owner);
    this.#again.delete(owner);
  }
}
