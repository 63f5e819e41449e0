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
import type { Share } from "./shares.ts";

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
  released(share: Share, clean: boolean): void {
    for (const { from, group } of this.#legacy.released(share.owner, clean))
      this.#letStart(this.#scene.peer(from), share, group, true);
  }

  /** Answered in any mode and at any time, else the other node would never start its groups. */
  releaseRequested(peer: Peer, group: string, owner: NodeName | undefined): void {
    if (this.#scene.phase === "shutdown" || !peer.alive || !peer.original) return;
    const share = owner === undefined ? undefined : this.#scene.shares.find(owner);
    if (share === undefined) return this.#scene.say({ say: "release-reply", to: peer.name, group, owned: false });
    this.#scene.release(share, `${peer.name} asked for ${group}`);
    if (share.state === "releasing") {
      share.yielded = true;
      this.#legacy.remember({ from: peer.name, group, owner: share.owner });
    } else this.#letStart(peer, share, group, false);
  }

  #letStart(peer: Peer, share: Share, group: string, owned: boolean): void {
    peer.startsInLegacyMode(share.owner);
    this.#scene.heldElsewhere(share.owner, peer);
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
      this.#scene.shares.of(this.#scene.config.self).state === "none" &&
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
