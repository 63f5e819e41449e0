/**
 * Looks at every unit after every input: what is free, what is wanted twice or held twice, and what can run nowhere.
 */
import type { Instant } from "../../base/units.ts";
import type { Unit } from "./holdings.ts";
import { keeper } from "./ownership.ts";
import type { Peer } from "./peers.ts";
import type { Scene } from "./scene.ts";
import type { Surrenders } from "./surrender.ts";

export class Judgement {
  readonly #scene: Scene;
  readonly #exchanging: () => boolean;
  readonly #surrenders: Surrenders;

  /** `exchanging`: a stand-by exchange with an original is under way. */
  constructor(scene: Scene, exchanging: () => boolean, surrenders: Surrenders) {
    this.#scene = scene;
    this.#exchanging = exchanging;
    this.#surrenders = surrenders;
  }

  consider(unit: Unit): void {
    this.#considerContest(unit);
    if (unit.state === "held" || unit.state === "acquiring") this.considerConflict(unit);
    else if (unit.state === "claiming") this.#considerClaim(unit);
    else if (unit.state === "none") this.#considerFree(unit);
    this.#considerDown(unit);
  }

  /** Of what we have: does another node have it, too, and is it that which keeps it? */
  considerConflict(unit: Unit): void {
    const { peers, config } = this.#scene;
    if (unit.state !== "held" && unit.state !== "acquiring") return;
    for (const peer of peers.values()) {
      const theirs = peer.alive ? peer.state?.holds.get(unit.id) : undefined;
      if (theirs === undefined || this.#handedOver(unit, peer)) continue;
      const kept = keeper(
        unit.owner,
        { node: config.self, term: unit.term, stalled: false, unheard: peer.deaf, pings: config.pings?.() },
        {
          node: peer.name,
          term: theirs,
          stalled: peer.state?.stalled ?? false,
          unheard: false,
          pings: peer.state?.pings,
        },
        config.nodes,
      );
      if (kept.node === config.self) continue;
      const text = `${this.#scene.nameOf(unit)} is held twice: releasing ours.`;
      this.#scene.logOf([unit], "yield", "warn", text, kept.because);
      return this.#scene.release(unit, kept.because, true);
    }
  }

  /** What we hold and cannot keep up: is there a node that could have it? An original would be sent the whole share. */
  couldGo(unit: Unit, now: Instant): boolean {
    const { besideOriginal, besideUncertain, claims, holdings, maintenance } = this.#scene;
    if (unit.state !== "held" || unit.contested || unit.giveTo !== undefined || maintenance.on) return false;
    if (!besideOriginal) return claims.successorOf(unit) !== undefined;
    // The whole share can be sent in calm only: until then the rest of the group runs on.
    if (besideUncertain || holdings.busy || this.#exchanging()) return false;
    return claims.originals().every(({ willing }) => willing) && this.#surrenders.wouldSend(unit, now);
  }

  /** In the short time in which both may have it. */
  #handedOver(unit: Unit, peer: Peer): boolean {
    return unit.giveTo === peer.name || peer.state?.gives.get(unit.id) === this.#scene.config.self;
  }

  /** Who keeps a unit that was held twice tells the network so once more when the other one has let go. */
  #considerContest(unit: Unit): void {
    const contested = unit.state === "held" && this.#scene.claims.holder(unit) !== undefined;
    if (unit.contested && !contested && unit.state === "held") this.#scene.emit({ is: "reannounce", unit: unit.id });
    unit.contested = contested;
  }

  #considerFree(unit: Unit): void {
    const { claims, config, holdings } = this.#scene;
    if (unit.yielded || unit.failedAt !== undefined || this.#mustRest(unit) || this.#exchanging()) return;
    if (!claims.isFree(unit)) return;
    if (this.#scene.besideOriginal) {
      if (claims.isOursBesideOriginals(unit) && !claims.isBarred(config.self, unit))
        this.#scene.acquire(unit, "the other node is stable and does not hold it");
    } else if (claims.isOurs(unit)) {
      unit.because = claims.reason(unit);
      if (claims.consenting(unit).length === 0) return this.#scene.acquire(unit, unit.because);
      unit.state = "claiming";
      holdings.nextTerm(unit);
    }
  }

  /** Nothing is started while maintenance lasts, but for what was on its way when it began (quirk 232). */
  #mustRest(unit: Unit): boolean {
    return this.#scene.maintenance.on && !this.#scene.claims.isGift(unit);
  }

  #considerClaim(unit: Unit): void {
    const { claims } = this.#scene;
    const verdict = this.#mustRest(unit) || !claims.isOurs(unit) ? "lost" : claims.verdict(unit);
    if (verdict === "won") this.#scene.acquire(unit, claims.reason(unit));
    else if (verdict === "lost") unit.state = "none";
  }

  /** Everybody who could run it has tried: that is for people to know, and to repair. */
  #considerDown(unit: Unit): void {
    const { claims, config } = this.#scene;
    if (unit.state !== "none" || unit.failedAt === undefined || unit.downTold) return;
    if (claims.holders(unit).length > 0 || this.#surrenders.hopesFor(unit)) return;
    const name = this.#scene.nameOf(unit);
    const [original] = claims.originals();
    if (original !== undefined) {
      unit.downTold = true;
      const text = `${name} did not start here and stays down: ${original.name} cannot be told of a single group. Repair it, then: heartbeat cleanup ${name}`;
      return this.#scene.logOf([unit], "group-down", "crit", text);
    }
    if (config.nodes.some((node) => claims.mayTake(node, unit))) return;
    unit.downTold = true;
    const text = `${name} runs nowhere: it did not start on ${failedOn(unit, this.#scene).join(", ")}. Repair it, then: heartbeat cleanup ${name}`;
    this.#scene.logOf([unit], "group-down", "crit", text);
  }
}

/** The nodes, as far as they tell, on which it did not start. */
export function failedOn(unit: Unit, { config, peers }: Pick<Scene, "config" | "peers">): string[] {
  return config.nodes.filter((node) =>
    node === config.self ? unit.failedAt !== undefined : (peers.get(node)?.state?.failed.has(unit.id) ?? false),
  );
}
