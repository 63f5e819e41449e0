/**
 * Planned moves of shares: stand-by, take-over on request and failback, between two nodes by the three-way exchange of `standby.ts`, among
 * more successors by giving up and claiming.
 */
import { unreachable } from "../../base/exhaustive.ts";
import { type Instant, type NodeName, seq } from "../../base/units.ts";
import type { HoldWord } from "../view.ts";
import type { TakeoverInput } from "./language.ts";
import type { LegacyMode } from "./legacy-mode.ts";
import type { Scene } from "./scene.ts";
import { Standby, type StandbyInput, type StandbyOutput, type StandbyPhase } from "./standby.ts";
import { holdWord, mirrored, sharesOf } from "./words.ts";

export class Moves {
  readonly #scene: Scene;
  readonly #legacy: LegacyMode;
  readonly #standby: Standby;

  constructor(scene: Scene, legacy: LegacyMode) {
    this.#scene = scene;
    this.#legacy = legacy;
    this.#standby = new Standby(scene.config.self, () => ({
      peerSettled: scene.claims.present().some((peer) => peer.settled && peer.active),
      ownStable: scene.phase === "stable",
      ownBusy: scene.shares.busy,
    }));
  }

  /** Of the exchange. */
  get phase(): StandbyPhase {
    return this.#standby.phase;
  }

  nextDeadline(): Instant | undefined {
    return this.#standby.nextDeadline();
  }

  exchange(input: StandbyInput, now: Instant): void {
    this.#standbyOutputs(this.#standby.step(input, now));
  }

  askResources(message: Extract<TakeoverInput, { on: "ask-resources" }>, now: Instant): void {
    if (this.#scene.phase === "shutdown" || !this.pairwise || this.#scene.peers.get(message.from)?.alive !== true)
      return;
    if (this.#legacy.standbyImpossible()) return;
    this.exchange({ ...message, on: "message" }, now);
  }

  /** The stand-by exchange knows a giver and a taker only; among more successors a released share is claimed instead. */
  get pairwise(): boolean {
    return this.#scene.config.nodes.length === 2 || this.#scene.claims.originals().length > 0;
  }

  /** `hb_takeover` on the other node is `hb_standby` of the mirrored set here (resources.md, section 10). */
  takeOverRequest(from: NodeName, set: HoldWord, now: Instant): void {
    if (from === this.#scene.config.self || this.#scene.phase === "shutdown") return;
    if (!this.pairwise)
      return this.#giveAway(this.#wordOfShares(sharesOf(set, from, this.#scene.config.nodes)), `${from} asked for it`);
    this.requestStandby(mirrored(set), now);
  }

  #wordOfShares(owners: readonly NodeName[]): HoldWord {
    return holdWord(
      owners.includes(this.#scene.config.self),
      owners.some((owner) => owner !== this.#scene.config.self),
    );
  }

  /** More than two nodes: release, and leave the rest to the claims of the others. */
  #giveAway(set: HoldWord, because: string): void {
    for (const owner of sharesOf(set, this.#scene.config.self, this.#scene.config.nodes)) {
      const share = this.#scene.shares.of(owner);
      if (share.state === "claiming") share.state = "none";
      if (share.state !== "held" && share.state !== "acquiring") continue;
      share.yielded = true;
      this.#scene.release(share, because);
    }
  }

  requestStandby(set: HoldWord, now: Instant): void {
    if (this.#scene.phase === "shutdown" || this.#legacy.standbyImpossible()) return;
    if (!this.#scene.claims.present().some((peer) => peer.active)) {
      const text = "No reply to standby request.  Standby request cancelled.";
      return this.#scene.log("standby-alone", "warn", text, "no other node is active");
    }
    if (!this.pairwise) return this.#giveAway(set, "standby was asked for");
    const before = this.#standby.phase;
    const outputs = this.#standby.step(
      { on: "message", from: this.#scene.config.self, seq: seq(0), set, info: "me" },
      now,
    );
    // A request that we refuse ourselves must not make the other side wait for us.
    if (before !== this.#standby.phase) this.#scene.say({ say: "ask-resources", set, info: "me" });
    this.#standbyOutputs(outputs);
  }

  #standbyOutputs(outputs: readonly StandbyOutput[]): void {
    for (const output of outputs) {
      switch (output.is) {
        case "say":
          this.#scene.say({ say: "ask-resources", set: output.set, info: output.info });
          break;
        case "release":
          this.#giveAway(output.set, `standby: ${output.to} takes it`);
          this.#scene.say({ say: "resource", held: this.#scene.word, stable: false, info: "standby" });
          break;
        case "acquire": {
          const owners = sharesOf(output.set, output.from, this.#scene.config.nodes);
          this.#scene.peer(output.from).released(owners);
          for (const owner of owners) this.#scene.acquire(this.#scene.shares.of(owner), `${output.from} went standby`);
          break;
        }
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
