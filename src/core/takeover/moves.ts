/**
 * Planned moves: stand-by, take-over on request, failback, moving one group, leaving in good order.
 *
 * Among successors each unit is given to a node by name. One that is nothing but addresses is handed over with the taker going
 * first: the giver consents to its claim and lets go when the taker says that it is up, or a few milliseconds later in any case. Whatever
 * else is released first (quirk 141, quirk 142). With an original in the cluster whole shares move by the three-way exchange of `standby.ts`.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, earliest, type Instant, type NodeName, seq } from "../../base/units.ts";
import { giftMax, offerMax, overlapMax } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import type { Unit } from "./holdings.ts";
import type { TakeoverInput } from "./language.ts";
import type { LegacyMode } from "./legacy-mode.ts";
import type { Scene } from "./scene.ts";
import { Standby, type StandbyInput, type StandbyOutput, type StandbyPhase } from "./standby.ts";
import type { UnitId } from "./units.ts";
import { mirrored, sharesOf } from "./words.ts";

export class Moves {
  readonly #scene: Scene;
  readonly #legacy: LegacyMode;
  readonly #standby: Standby;
  readonly #limits = new Deadlines<UnitId>();
  /** Units that we still have although another node may take them now. */
  readonly #consented = new Set<UnitId>();

  constructor(scene: Scene, legacy: LegacyMode) {
    this.#scene = scene;
    this.#legacy = legacy;
    this.#standby = new Standby(scene.config.self, () => ({
      peerSettled: scene.claims.present().some((peer) => peer.settled && peer.active),
      ownStable: scene.phase === "stable",
      ownBusy: scene.holdings.busy,
    }));
  }

  /** Of the exchange. */
  get phase(): StandbyPhase {
    return this.#standby.phase;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#standby.nextDeadline(), this.#limits.next());
  }

  exchange(input: StandbyInput, now: Instant): void {
    this.#standbyOutputs(this.#standby.step(input, now));
  }

  deadline(now: Instant): void {
    this.exchange({ on: "deadline" }, now);
    for (const id of this.#limits.due(now)) this.#limitReached(this.#scene.holdings.of(id));
  }

  // --- Among successors -----------------------------------------------------------------------------------------------

  give(unit: Unit, to: NodeName, because: string, now: Instant): void {
    if (unit.state !== "held" || this.isPromised(unit)) return;
    unit.giveTo = to;
    unit.needsFailback = false;
    unit.because = because;
    if (!unit.addressOnly) return this.#scene.release(unit, because);
    this.#limits.set(unit.id, after(now, offerMax));
    this.#scene.emit({ is: "offer", unit: unit.id, offered: true });
  }

  /** The node that it is given to has our consent, and may have it by now: a third one must not get it, too. */
  isPromised(unit: Unit): boolean {
    return unit.giveTo !== undefined && this.#consented.has(unit.id);
  }

  /** What has become of what we give away. */
  consider(unit: Unit, now: Instant): void {
    const { giveTo: to, id } = unit;
    if (to === undefined) return void this.#consented.delete(id); // the next offer begins anew
    const taker = this.#scene.peer(to);
    const willing = this.#scene.claims.mayTake(to, unit);
    if (unit.state === "held") {
      const theirs = taker.alive ? taker.state : undefined;
      if (theirs?.holds.has(id) && !theirs.starting.has(id)) this.#letGo(unit);
      else if (this.#consented.has(id)) return;
      else if (theirs?.claims.has(id)) {
        this.#consented.add(id);
        this.#limits.set(id, after(now, overlapMax));
      } else if (!willing) this.#withdraw(unit);
    } else if (unit.state === "none") {
      if (!willing) this.#forget(unit);
      else if (!this.#limits.has(id)) this.#limits.set(id, after(now, giftMax));
    }
  }

  /** In good order: each unit goes to the node that is next. */
  leave(now: Instant): void {
    const { besideOriginal, claims, holdings, maintenance } = this.#scene;
    const because = "heartbeat is shutting down";
    for (const unit of holdings.all()) {
      if (unit.state === "claiming") unit.state = "none";
      const to = besideOriginal || maintenance.on ? undefined : claims.successorOf(unit);
      if (to !== undefined && unit.state === "held" && unit.addressOnly) this.give(unit, to, because, now);
      else this.#scene.release(unit, because);
    }
  }

  /** Something is offered to another node and still here. */
  get offering(): boolean {
    return this.#scene.holdings.all().some(({ state, giveTo }) => state === "held" && giveTo !== undefined);
  }

  failback(now: Instant): void {
    const { config, phase, holdings, maintenance, peers, claims } = this.#scene;
    if (!config.autoFailback || phase !== "stable" || this.#standby.phase !== "none" || maintenance.on) return;
    const homeless = holdings.all().filter((unit) => {
      const owner = peers.get(unit.owner);
      const calm = unit.state === "held" && unit.giveTo === undefined;
      // What a cut left on both goes home, too, once an original has ended a move; it may have the start of its own before it till then.
      const settled = !unit.contested || (owner?.original && owner.cameToRest);
      return calm && settled && unit.needsFailback && owner?.reported;
    });
    const ready = homeless.filter((unit) => claims.isFit(unit.owner) && claims.mayTake(unit.owner, unit));
    if (ready.length === 0 || (this.#scene.besideOriginal && (holdings.busy || this.#scene.besideUncertain))) return;
    for (const owner of new Set(ready.map((unit) => unit.owner))) {
      const because = `${owner} is stable again and auto_failback is on`;
      const units = ready.filter((unit) => unit.owner === owner);
      this.#scene.logOf(units, "failback", "info", `Giving ${owner}'s resources back.`, because);
      if (this.#scene.besideOriginal) {
        for (const unit of units) unit.needsFailback = false;
        return this.requestStandby("foreign", now);
      }
      for (const unit of units) this.give(unit, owner, because, now);
    }
  }

  #letGo(unit: Unit): void {
    this.#consented.delete(unit.id);
    this.#limits.delete(unit.id);
    this.#scene.release(unit, unit.because);
  }

  /** The taker does not want it any more. */
  #withdraw(unit: Unit): void {
    this.#forget(unit);
    this.#scene.emit({ is: "offer", unit: unit.id, offered: false });
    if (this.#scene.leaving) this.#scene.release(unit, unit.because);
  }

  #forget(unit: Unit): void {
    unit.giveTo = undefined;
    this.#limits.delete(unit.id);
  }

  /** The taker did not answer an offer, has had its time, or has not taken what is free. */
  #limitReached(unit: Unit): void {
    if (unit.state === "held" && unit.giveTo !== undefined) this.#letGo(unit);
    else if (unit.state === "none") this.#forget(unit);
  }

  // --- On request -----------------------------------------------------------------------------------------------------

  /** `hb_standby` here. */
  requestStandby(set: HoldWord, now: Instant): void {
    const { config, claims, holdings } = this.#scene;
    if (this.#scene.phase === "shutdown" || this.#refused() || this.#legacy.standbyImpossible()) return;
    if (!claims.present().some((peer) => peer.active)) {
      const text = "No reply to standby request.  Standby request cancelled.";
      return this.#scene.log("standby-alone", "warn", text, "no other node is active");
    }
    if (this.#scene.besideOriginal) return this.#beginExchange(set, now);
    if (this.#scene.phase !== "stable" || holdings.busy) {
      const text = `standby message [me] from ${config.self} ignored.  local resources in flux.`;
      return this.#scene.log("standby-own-in-flux", "warn", text);
    }
    this.#scene.log("standby-wanted", "info", `${config.self} wants to go standby [${set}]`);
    this.#scene.say({ say: "ask-resources", set, info: "me" });
    for (const unit of this.#held(set, config.self)) {
      const to = claims.successorOf(unit);
      if (to !== undefined) this.give(unit, to, `standby: ${to} takes it`, now);
      else this.#scene.logOf([unit], "standby-nobody", "warn", `No other node can take ${this.#scene.nameOf(unit)}.`);
    }
  }

  /** `hb_takeover` on another node is `hb_standby` of the mirrored set here (resources.md, section 10). */
  takeOverRequest(from: NodeName, set: HoldWord, now: Instant): void {
    const { config, phase } = this.#scene;
    if (from === config.self || phase === "shutdown") return;
    if (this.#scene.besideOriginal) return this.requestStandby(mirrored(set), now);
    if (this.#refused()) return;
    for (const unit of this.#held(set, from)) {
      if (this.isPromised(unit) && unit.giveTo !== from)
        this.#scene.logOf([unit], "standby-busy", "warn", `Standby in progress- new request from ${from} ignored`);
      else if (this.#scene.claims.mayTake(from, unit)) this.give(unit, from, `${from} asked for it`, now);
    }
  }

  askResources(message: Extract<TakeoverInput, { on: "ask-resources" }>, now: Instant): void {
    const { from, set, info } = message;
    if (this.#scene.phase === "shutdown" || this.#scene.peers.get(from)?.alive !== true) return;
    if (!this.#scene.besideOriginal) {
      if (info === "me") this.#scene.log("standby-wanted", "info", `${from} wants to go standby [${set}]`);
      return;
    }
    if (this.#legacy.standbyImpossible() || (info === "me" && this.#refused())) return;
    if (info === "done") this.#scene.peer(from).retreating = "none";
    this.exchange({ ...message, on: "message" }, now);
  }

  #refused(): boolean {
    if (!this.#scene.maintenance.on) return false;
    this.#scene.log("standby-maintenance", "warn", "Nothing is moved: heartbeat maintenance is on.");
    return true;
  }

  #held(set: HoldWord, speaker: NodeName): Unit[] {
    const owners = sharesOf(set, speaker, this.#scene.config.nodes);
    return this.#scene.holdings.all().filter((unit) => unit.state === "held" && owners.includes(unit.owner));
  }

  // --- Beside an original ---------------------------------------------------------------------------------------------

  #beginExchange(set: HoldWord, now: Instant): void {
    const before = this.#standby.phase;
    const request = { on: "message", from: this.#scene.config.self, seq: seq(0), set, info: "me" } as const;
    const outputs = this.#standby.step(request, now);
    // A request that we refuse ourselves must not make the other side wait for us.
    if (before !== this.#standby.phase) this.#scene.say({ say: "ask-resources", set, info: "me" });
    this.#standbyOutputs(outputs);
  }

  #yield(set: HoldWord, because: string): void {
    const owners = sharesOf(set, this.#scene.config.self, this.#scene.config.nodes);
    for (const unit of this.#scene.holdings.all()) {
      if (!owners.includes(unit.owner)) continue;
      if (unit.state === "claiming") unit.state = "none";
      if (unit.state === "held" || unit.state === "acquiring") unit.yielded = true;
      this.#scene.release(unit, because);
    }
  }

  #standbyOutputs(outputs: readonly StandbyOutput[]): void {
    const { config, holdings } = this.#scene;
    for (const output of outputs) {
      switch (output.is) {
        case "say":
          this.#scene.say({ say: "ask-resources", set: output.set, info: output.info });
          break;
        case "release":
          this.#yield(output.set, `standby: ${output.to} takes it`);
          this.#scene.say({ say: "resource", held: this.#scene.word, stable: false, info: "standby" });
          break;
        case "acquire":
          for (const owner of sharesOf(output.set, output.from, config.nodes))
            for (const unit of holdings.share(owner)) this.#scene.acquire(unit, `${output.from} went standby`);
          break;
        case "ended":
          if (this.#scene.phase === "stable") this.#scene.reportOurs();
          break;
        case "log":
          this.#scene.log(output.id, output.level, output.text);
          break;
        default:
          unreachable(output);
      }
    }
  }
}
