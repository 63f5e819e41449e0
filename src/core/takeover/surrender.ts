/**
 * A service that failed here for good, with an original at the other end, which cannot be told of a single group: the whole share that the
 * group belongs to is given to it by the stand-by exchange, as an operator would do.
 *
 * An exchange may be refused or go unanswered, and another one may be under way; so it is asked for again a few times. A group that comes back
 * (an operator, or the original that could not start it either) and fails again soon is not sent a second time: it stays down, or a broken
 * service would fly between the nodes, and all its neighbours with it. Of several groups of a share that failed here each one that is still down
 * keeps the request alive, and all of them go with it.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { surrenderAfterMove, surrenderAttemptsMax, surrenderHoldOff, surrenderRetry } from "../limits.ts";
import type { Unit } from "./holdings.ts";
import type { Moves } from "./moves.ts";
import type { Scene } from "./scene.ts";

/** Of one share. */
interface Surrender {
  /** What of it is down here. */
  readonly units: Set<Unit>;
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
    return this.#open.get(unit.owner)?.units.has(unit) === true;
  }

  /** It was not sent away lately. */
  wouldSend(unit: Unit, now: Instant): boolean {
    this.#heldOff.due(now);
    return !this.#heldOff.has(unit);
  }

  lost(unit: Unit, now: Instant): void {
    this.#heldOff.due(now);
    if (this.#scene.leaving || !this.#scene.besideOriginal || this.#joins(unit, now)) return;
    if (this.#heldOff.has(unit)) {
      const minutes = Math.round(surrenderHoldOff / 60_000);
      const text = `${this.#scene.nameOf(unit)} was given to the other node within the last ${minutes} minutes, and has failed again: it stays down.`;
      return this.#scene.logOf([unit], "surrender-held-off", "warn", text);
    }
    this.#begin(unit, now);
  }

  /** What its owner, an original, gave us does not start here: home it goes, as often as somebody moves it here (quirk 250). */
  startFailed(unit: Unit, now: Instant): void {
    const { leaving, peers } = this.#scene;
    const owner = peers.get(unit.owner);
    if (leaving || owner?.present !== true || !owner.original || this.#joins(unit, now)) return;
    this.#begin(unit, after(now, surrenderAfterMove));
  }

  /** We leave: whoever is left takes what it wants. */
  calm(): void {
    this.#open.clear();
    this.#again.clear();
  }

  consider(now: Instant): void {
    const { besideOriginal, claims } = this.#scene;
    for (const [owner, { units }] of this.#open) {
      for (const unit of units) {
        const down = claims.holder(unit) === undefined && unit.state === "none" && unit.failedAt !== undefined;
        if (!down) units.delete(unit); // it came up
      }
      if (units.size === 0 || !besideOriginal) this.#close(owner); // nothing is left to give, or nobody to give it to
    }
    for (const owner of this.#again.due(now)) this.#ask(owner, now);
  }

  #begin(unit: Unit, at: Instant): void {
    this.#open.set(unit.owner, { units: new Set([unit]), attempts: 0 });
    this.#again.set(unit.owner, at);
  }

  /** Its share is on its way already: it goes with it. */
  #joins(unit: Unit, now: Instant): boolean {
    const surrender = this.#open.get(unit.owner);
    if (surrender === undefined) return false;
    surrender.units.add(unit);
    if (surrender.attempts > 0) this.#heldOff.set(unit, after(now, surrenderHoldOff));
    return true;
  }

  #ask(owner: NodeName, now: Instant): void {
    const surrender = this.#open.get(owner);
    if (surrender === undefined) return;
    const { besideUncertain, holdings, maintenance, config, phase } = this.#scene;
    const free = phase === "stable" && this.#moves.phase === "none" && !maintenance.on;
    const calm = free && !holdings.busy && !besideUncertain;
    this.#again.set(owner, after(now, calm ? surrenderRetry : surrenderAfterMove));
    if (!calm) return;
    if (surrender.attempts === surrenderAttemptsMax) return this.#close(owner);
    surrender.attempts++;
    const units = [...surrender.units];
    for (const unit of units) this.#heldOff.set(unit, after(now, surrenderHoldOff));
    const set = owner === config.self ? "local" : "foreign";
    const text = `Giving the resources of ${owner} to the other node, which cannot be told of a single group.`;
    const names = units.map((unit) => this.#scene.nameOf(unit)).join(", ");
    this.#scene.logOf(units, "surrender", "warn", text, `${names} failed here`);
    this.#moves.requestStandby(set, now);
  }

  #close(owner: NodeName): void {
    this.#open.delete(owner);
    this.#again.delete(owner);
  }
}
