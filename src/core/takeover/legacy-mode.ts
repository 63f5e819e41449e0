/**
 * Beside an original in legacy mode: what it is asked for and what it asks for, in the order of time. What was said to whom is kept in
 * `legacy.ts`.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { legacyQuestionEvery, originalStartWait } from "../limits.ts";
import { LegacyRequests } from "./legacy.ts";
import type { Peer } from "./peers.ts";
import type { Scene } from "./scene.ts";

export class LegacyMode {
  readonly #scene: Scene;
  readonly #legacy: LegacyRequests;
  readonly #deadlines = new Deadlines<"legacy-question">();
  /** In legacy mode originals are asked at once, in the others only when they were mute for a while. */
  #patient: boolean;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#legacy = new LegacyRequests(scene.config.ownGroups ?? []);
    this.#patient = scene.config.legacy !== true;
  }

  nextDeadline(): Instant | undefined {
    return this.#deadlines.next();
  }

  deadline(now: Instant): void {
    this.#deadlines.due(now);
  }

  /** Nothing is waited for any more. */
  calm(): void {
    this.#deadlines.clear();
  }

  forget(node: NodeName): void {
    this.#legacy.forget(node);
  }

  /** The release of a share ended: who waited for it may go on. */
  released(owner: NodeName, clean: boolean): void {
    for (const { from, group } of this.#legacy.released(owner, clean))
      this.#letStart(this.#scene.peer(from), owner, group, true);
  }

  /** Answered in any mode and at any time, else the other node would never start its groups. */
  releaseRequested(peer: Peer, group: string, owner: NodeName | undefined): void {
    if (this.#scene.phase === "shutdown" || !peer.alive || !peer.original || this.#scene.maintenance.on) return;
    if (owner === undefined) return this.#scene.say({ say: "release-reply", to: peer.name, group, owned: false });
    const units = this.#scene.holdings.share(owner);
    for (const unit of units) {
      this.#scene.release(unit, `${peer.name} asked for ${group}`);
      if (unit.state === "releasing") unit.yielded = true;
    }
    if (units.some(({ state }) => state === "releasing")) this.#legacy.remember({ from: peer.name, group, owner });
    else this.#letStart(peer, owner, group, false);
  }

  #letStart(peer: Peer, owner: NodeName, group: string, owned: boolean): void {
    peer.startsInLegacyMode(owner);
    for (const unit of this.#scene.holdings.share(owner)) this.#scene.heldElsewhere(unit, peer);
    this.#scene.say({ say: "release-reply", to: peer.name, group, owned });
  }

  releaseAnswered(peer: Peer, group: string): void {
    if (!peer.alive || !peer.original || !this.#legacy.answered(peer, group) || peer.reported) return;
    peer.startsInLegacyMode(peer.name); // what it runs of its own it did not ask us for
  }

  askLegacyPeers(now: Instant): void {
    const mute = this.#scene.claims.originals().filter((peer) => peer.mute);
    if (mute.length === 0) {
      this.#patient = this.#scene.config.legacy !== true;
      this.#deadlines.delete("legacy-question");
    } else if (
      this.#scene.holdings.own().every(({ state }) => state === "none") &&
      !this.#deadlines.has("legacy-question")
    ) {
      const wait = this.#patient ? originalStartWait : legacyQuestionEvery;
      this.#deadlines.set("legacy-question", after(now, wait));
      if (!this.#patient) this.#ask(mute);
      this.#patient = false;
    }
  }

  #ask(mute: readonly Peer[]): void {
    const questions = this.#legacy.questions(mute);
    for (const question of questions) this.#scene.say(question);
    if (questions.length === 0) for (const peer of mute) peer.startsInLegacyMode(peer.name); // nothing is ours
  }

  /** Whoever speaks the protocol of version 1.0 would leave a standby without an answer. */
  standbyImpossible(): boolean {
    if (!this.#scene.claims.originals().some((peer) => peer.legacy)) return false;
    this.#scene.log("standby-legacy", "info", "Standby mode only implemented when nice_failback on");
    return true;
  }
}
