/**
 * Decides which node runs what.
 *
 * The unit is the share: all groups that prefer one node. A share is free to take when no living node holds or wants it. Among
 * successors a taker first claims it and waits until every present node grants the claim, so that two nodes which hear each
 * other never start the same thing, however their views differ for a moment; with nobody else alive there is nobody to ask, and
 * a take-over starts in the same step in which the death was noticed. With an original the rules are the original's: hold words,
 * ten seconds of patience at the start, the three-way stand-by exchange for every planned move.
 *
 * After a partition two nodes may hold the same share. Successors see it in each other's status and settle it at once
 * (`keeper`); an original restarts itself, so against it we keep what we have.
 *
 * Source: docs/reference/resources.md, sections 8 to 13. Deviations: nothing is announced as held before its start was
 * ordered; the ten seconds (RQSTDELAY) are waited for originals only (quirk 8); after a partition successors settle without a restart
 * (quirk 11); a standby without another active node is refused (quirk 14); a stop before communication is up ends at once
 * (quirk 15).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, earliest, type Instant, type Milliseconds, type NodeName, type Seq } from "../../base/units.ts";
import { originalStartWait } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import type { Steward, TakeoverConfig, TakeoverInput, TakeoverOutput } from "./language.ts";
import { LegacyMode } from "./legacy-mode.ts";
import { Moves } from "./moves.ts";
import { keeper } from "./ownership.ts";
import type { Peer } from "./peers.ts";
import { Scene } from "./scene.ts";
import type { Share } from "./shares.ts";
import type { SuccessorState } from "./successor.ts";
import type { Phase } from "./transitions.ts";
import { addTo, hasForeign, hasLocal, holdWord, sharesOf } from "./words.ts";

/** Among successors, in a `resource` message: the stand-by under way ends without a hand-over. */
const standbyFailed = "standby-failed";

export class Takeover implements Steward {
  readonly #scene: Scene;
  readonly #legacy: LegacyMode;
  readonly #moves: Moves;
  readonly #deadlines = new Deadlines<"original-start">();
  #left = false;
  /** Communication was up when the stop was asked for: the others expect a goodbye. */
  #tookPart = false;
  #startWaitUsed = false;
  #announcedState = "";

  constructor(config: TakeoverConfig) {
    this.#scene = new Scene(config);
    this.#legacy = new LegacyMode(this.#scene);
    this.#moves = new Moves(this.#scene, this.#legacy);
  }

  get phase(): Phase {
    return this.#scene.phase;
  }

  get word(): HoldWord {
    return this.#scene.shares.word;
  }

  get besideOriginal(): boolean {
    return this.#scene.claims.originals().length > 0;
  }

  /** Nothing moves here, and nothing at the others as far as they tell. */
  get settled(): boolean {
    return (
      this.#scene.phase === "stable" &&
      this.#moves.phase === "none" &&
      !this.#scene.shares.busy &&
      !this.#scene.shares.has("claiming") &&
      this.#scene.claims.present().every((peer) => peer.settled)
    );
  }

  /** What goes into our `hb4` field. */
  state(): SuccessorState {
    return {
      version: this.#scene.config.version,
      ready: this.#scene.phase !== "init",
      leaving: this.#scene.leaving,
      ...this.#scene.shares.statement(),
      grants: this.#scene.shares.grants(this.#scene.peers.values()),
      stalled: this.#scene.stalled,
      pings: this.#scene.config.pings?.(),
    };
  }

  /** The node that holds a share as far as we know, and why it is where it is when that is us. */
  holder(owner: NodeName): { readonly node: NodeName | undefined; readonly because: string } {
    const share = this.#scene.shares.of(owner);
    if (share.state === "acquiring" || share.state === "held" || share.state === "releasing")
      return { node: this.#scene.config.self, because: share.because };
    return { node: this.#scene.claims.holder(owner)?.name, because: share.because };
  }

  peer(node: NodeName): { readonly word: HoldWord; readonly settled: boolean; readonly version: string | undefined } {
    const peer = this.#scene.peers.get(node);
    if (peer === undefined) return { word: "none", settled: false, version: undefined };
    if (peer.state === undefined) return { word: peer.word, settled: peer.settled, version: undefined };
    const holds = peer.state.holds;
    const foreign = [...holds.keys()].some((owner) => owner !== node);
    return { word: holdWord(holds.has(node), foreign), settled: peer.settled, version: peer.state.version };
  }

  nextDeadline(): Instant | undefined {
    return [this.#deadlines.next(), this.#legacy.nextDeadline(), this.#moves.nextDeadline()].reduce(earliest);
  }

  step(input: TakeoverInput, now: Instant): readonly TakeoverOutput[] {
    const out = this.#scene.begin();
    this.#take(input, now);
    this.#consider(now);
    const state = JSON.stringify(this.state(), (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
    if (state !== this.#announcedState && !this.#left) {
      this.#announcedState = state;
      this.#scene.emit({ is: "state-changed" });
    }
    return out;
  }

  #take(input: TakeoverInput, now: Instant): void {
    switch (input.on) {
      case "comm-up":
        this.#scene.move("comm-up");
        if (!this.#scene.leaving) this.#scene.say({ say: "starting" });
        return;
      case "peer-status":
        return this.#peerStatus(this.#scene.peer(input.node), input, now);
      case "peer-dead":
        return this.#peerDead(this.#scene.peer(input.node), now);
      case "starting":
        return this.#peerStarting(this.#scene.peer(input.from));
      case "resource":
        return this.#report(this.#scene.peer(input.from), input, now);
      case "ask-resources":
        this.#scene.peers.get(input.from)?.isNews(input.seq);
        return this.#moves.askResources(input, now);
      case "standby-request":
        return this.#moves.requestStandby(input.set, now);
      case "take-over-request":
        return this.#moves.takeOverRequest(input.from, input.set, now);
      case "release-request":
        return this.#legacy.releaseRequested(this.#scene.peer(input.from), input.group, input.owner);
      case "release-reply":
        return this.#legacy.releaseAnswered(this.#scene.peer(input.from), input.group);
      case "shutdown-done":
        return this.#shutdownDone(this.#scene.peer(input.from), input.seq, now);
      case "share-up":
        return this.#shareUp(this.#scene.shares.of(input.share), now);
      case "share-down":
        return this.#shareDown(this.#scene.shares.of(input.share), input.clean, now);
      case "overslept":
        return this.#overslept(input.silence);
      case "stop":
        return this.#stop();
      case "deadline":
        this.#moves.exchange({ on: "deadline" }, now);
        this.#legacy.deadline(now);
        return this.#originalStartDue(now);
      default:
        return unreachable(input);
    }
  }

  // --- What peers say -------------------------------------------------------------------------------------------------

  #peerStatus(peer: Peer, status: Extract<TakeoverInput, { on: "peer-status" }>, now: Instant): void {
    const { seq, active, state, anew } = status;
    if (anew !== undefined) this.#processEnded(peer, now);
    peer.alive = true;
    if (!peer.isNews(seq)) return;
    peer.active = active;
    peer.state = state;
    if (anew === "returned") this.#reannounce();
    if (state === undefined) return;
    for (const [owner, term] of [...state.holds, ...state.claims]) this.#scene.shares.saw(owner, term);
    if (state.ready && !peer.reported) {
      peer.reported = true;
      if (this.#scene.phase !== "init") this.#scene.move("peer-report");
    }
    for (const owner of state.holds.keys()) this.#scene.heldElsewhere(owner, peer);
  }

  /** While the network was cut somebody else may have answered for our addresses. */
  #reannounce(): void {
    for (const share of this.#scene.shares.all())
      if (share.state === "held") this.#scene.emit({ is: "reannounce", share: share.owner });
  }

  #peerStarting(peer: Peer): void {
    peer.saysStable = false;
    peer.saidStarting = true;
    if (this.#scene.phase === "init") return;
    const wasStable = this.#scene.phase === "stable";
    this.#scene.move("peer-starting");
    this.#scene.say({ say: "resource", held: this.#scene.word, stable: wasStable });
  }

  #report(peer: Peer, report: Extract<TakeoverInput, { on: "resource" }>, now: Instant): void {
    // Only a status proves life: a late word of a node that we hold dead must not bring it back.
    if (this.#scene.phase === "init" || !peer.alive) return;
    if (report.full && !peer.isLatestReport(report.seq)) return;
    peer.word = report.full ? report.held : addTo(peer.word, report.held);
    for (const owner of sharesOf(peer.word, peer.name, this.#scene.config.nodes))
      this.#scene.heldElsewhere(owner, peer);
    if (peer.original) {
      peer.reported = true; // a successor's own state says when it takes part
      peer.legacy = false;
    }
    const wasStable = peer.saysStable;
    if (report.stable !== undefined) peer.saysStable = report.stable;
    this.#scene.move("peer-report");
    if (!wasStable && peer.saysStable) {
      this.#scene.log("remote-stable", "info", "remote resource transition completed.");
      this.#scene.reportOurs();
    }
    if (peer.original && this.#scene.phase !== "stable" && this.#scene.phase !== "shutdown" && !this.#startWaitUsed) {
      this.#startWaitUsed = true;
      this.#deadlines.set("original-start", after(now, originalStartWait));
    }
    if (report.info === "standby") this.#moves.exchange({ on: "releasing", from: peer.name }, now);
    else if (report.info === standbyFailed)
      this.#moves.exchange({ on: "called-off", from: peer.name, seq: report.seq }, now);
    this.#audit(peer);
  }

  /** The original's own complaint, in its words; successors settle such a thing by their states instead. */
  #audit(peer: Peer): void {
    if (!peer.original) return;
    const word = this.#scene.word;
    if (hasLocal(word) && hasForeign(peer.word))
      this.#scene.log("both-own-ours", "error", "Both machines own our resources!");
    if (hasForeign(word) && hasLocal(peer.word))
      this.#scene.log("both-own-foreign", "error", "Both machines own foreign resources!");
  }

  #shutdownDone(peer: Peer, number: Seq, now: Instant): void {
    this.#scene.log("peer-shutdown-done", "info", `Received shutdown notice from '${peer.name}'.`);
    peer.left = true;
    peer.word = "none";
    peer.saysStable = false;
    if (peer.isNews(number)) peer.released(this.#scene.shares.owners()); // it says so only when nothing runs there any more
    this.#abandonPlans(peer, now);
  }

  /** A hand-over with it ends here, and what was left to it is anybody's. */
  #abandonPlans(peer: Peer, now: Instant): void {
    for (const share of this.#scene.shares.all()) share.yielded = false;
    this.#moves.exchange({ on: "peer-dead", node: peer.name }, now);
  }

  /** It died or was started again: whatever it said before is void. */
  #processEnded(peer: Peer, now: Instant): void {
    peer.forget();
    this.#legacy.forget(peer.name);
    this.#abandonPlans(peer, now);
  }

  #peerDead(peer: Peer, now: Instant): void {
    const gone =
      peer.left ||
      (peer.reported && this.#scene.shares.owners().every((o) => !peer.holds(o, this.#scene.config.nodes)));
    const present = peer.alive;
    peer.alive = false;
    this.#processEnded(peer, now);
    if (this.#scene.leaving) return;
    if (gone) {
      this.#scene.log("dead-node-gave-up", "info", `Dead node ${peer.name} gave up resources.`);
    } else {
      this.#scene.log("no-stonith", "warn", "No STONITH device configured.");
      this.#scene.log("unprotected", "warn", "Shared disks are not protected.");
      const because = present ? `nothing was heard of ${peer.name}` : `${peer.name} was never heard`;
      this.#scene.log("resources-from-dead", "info", `Resources being acquired from ${peer.name}.`, because);
    }
    if (this.#scene.phase !== "init")
      this.#scene.say({ say: "stonith", node: peer.name, result: gone ? "unneeded" : "n_stnth" });
  }

  // --- Our own shares -------------------------------------------------------------------------------------------------

  /** Two of ours: whoever was awake has our shares by now. An original gives its own up when it hears us again. */
  #overslept(silence: Milliseconds): void {
    if (
      this.#scene.claims.electors().length === 0 ||
      this.besideOriginal ||
      !this.#scene.shares.has("acquiring", "held")
    )
      return;
    this.#scene.stalled = true;
    const because = `we were silent for ${Math.round(silence)} ms, so the others hold us dead`;
    for (const share of this.#scene.shares.all()) this.#scene.release(share, because, true);
  }

  #shareUp(share: Share, now: Instant): void {
    if (share.state !== "acquiring") return;
    share.state = "held";
    if (this.#scene.shares.busy) return;
    if (this.#moves.phase === "acquiring") this.#moves.exchange({ on: "acquired" }, now);
    else if (this.#scene.phase === "stable") this.#scene.reportOurs();
  }

  #shareDown(share: Share, clean: boolean, now: Instant): void {
    if (share.state !== "releasing") return;
    share.state = clean ? "none" : "held";
    this.#legacy.released(share, clean);
    if (!clean) {
      share.because = "it would not stop";
      share.yielded = false;
      if (this.#moves.phase === "releasing")
        this.#scene.say({ say: "resource", held: this.#scene.word, stable: false, info: standbyFailed });
      this.#moves.exchange({ on: "stuck" }, now);
    }
    if (this.#scene.shares.has("releasing")) return;
    this.#scene.stalled = false;
    if (this.#moves.phase === "releasing") this.#moves.exchange({ on: "released" }, now);
    else if (this.#scene.phase === "stable") this.#scene.reportOurs();
  }

  #stop(): void {
    if (this.#scene.leaving) return this.#scene.log("already-leaving", "info", "Heartbeat shutdown already underway.");
    this.#tookPart = this.#scene.phase !== "init";
    this.#scene.leaving = true;
    this.#scene.move("stop");
    this.#deadlines.clear();
    this.#legacy.calm();
    for (const share of this.#scene.shares.all()) {
      if (share.state === "claiming") share.state = "none";
      this.#scene.release(share, "heartbeat is shutting down");
    }
    if (this.#tookPart) this.#scene.say({ say: "resource", held: "none", stable: false, info: "shutdown" });
    this.#scene.log("giving-up", "info", "Giving up all HA resources.");
  }

  // --- Judgement ------------------------------------------------------------------------------------------------------

  /** Looks at every share after every input: what is free, what is wanted twice, what is to go home. */
  #consider(now: Instant): void {
    if (this.#scene.phase === "init") return;
    if (this.#scene.phase === "shutdown") return this.#considerLeaving();
    this.#legacy.askLegacyPeers(now);
    for (const share of this.#scene.shares.all()) {
      this.#considerContest(share);
      if (share.state === "held" || share.state === "acquiring") this.#considerConflict(share);
      else if (share.state === "claiming") this.#considerClaim(share);
      else if (share.state === "none") this.#considerFree(share);
    }
    // The standby exchange acquires shares that may already be up: then nothing else would report the end.
    if (this.#moves.phase === "acquiring" && !this.#scene.shares.busy) this.#moves.exchange({ on: "acquired" }, now);
    if (this.#moves.phase === "releasing" && !this.#scene.shares.has("releasing"))
      this.#moves.exchange({ on: "released" }, now);
    this.#considerSettled();
    this.#considerFailback(now);
  }

  #considerConflict(share: Share): void {
    for (const peer of this.#scene.peers.values()) {
      const theirs = peer.alive ? peer.state?.holds.get(share.owner) : undefined;
      if (theirs === undefined) continue;
      const kept = keeper(
        share.owner,
        { node: this.#scene.config.self, term: share.term, stalled: false, pings: this.#scene.config.pings?.() },
        { node: peer.name, term: theirs, stalled: peer.state?.stalled ?? false, pings: peer.state?.pings },
        this.#scene.config.nodes,
      );
      if (kept.node === this.#scene.config.self) continue;
      this.#scene.log("yield", "warn", `${share.owner}'s resources are held twice: releasing ours.`, kept.because);
      return this.#scene.release(share, kept.because, true);
    }
  }

  /** Who keeps a share that was held twice tells the network so once more when the other one has let go. */
  #considerContest(share: Share): void {
    const contested = share.state === "held" && this.#scene.claims.holder(share.owner) !== undefined;
    if (share.contested && !contested && share.state === "held")
      this.#scene.emit({ is: "reannounce", share: share.owner });
    share.contested = contested;
  }

  #considerFree(share: Share): void {
    if (share.yielded || this.#moves.phase !== "none" || this.#scene.claims.holder(share.owner) !== undefined) return;
    if (this.#scene.claims.originals().length > 0) {
      if (this.#scene.claims.isOursBesideOriginals(share.owner))
        this.#scene.acquire(share, "the other node is stable and does not hold it");
    } else if (this.#scene.claims.isOurs(share.owner)) {
      share.because = this.#scene.claims.reason(share.owner);
      if (this.#scene.claims.electors().length === 0) return this.#scene.acquire(share, share.because);
      share.state = "claiming";
      this.#scene.shares.nextTerm(share);
    }
  }

  #considerClaim(share: Share): void {
    const verdict = this.#scene.claims.verdict(share);
    if (verdict === "won") this.#scene.acquire(share, share.because);
    else if (verdict === "lost") share.state = "none";
  }

  #originalStartDue(now: Instant): void {
    if (
      !this.#deadlines.due(now).includes("original-start") ||
      this.#scene.phase === "stable" ||
      this.#scene.phase === "shutdown"
    )
      return;
    const own = this.#scene.shares.of(this.#scene.config.self);
    if (own.state === "none" && this.#scene.claims.holder(own.owner) === undefined)
      this.#scene.acquire(own, "the other node was silent about it for 10 s");
    this.#scene.log("local-stable", "info", "local resource transition completed.");
  }

  /** The start is over when our own share is decided: held, wanted by nobody but held elsewhere, or given away. */
  #considerSettled(): void {
    if (this.#scene.phase === "stable") return;
    const own = this.#scene.shares.of(this.#scene.config.self);
    const elsewhere = this.#scene.claims.holder(own.owner);
    if (own.state === "acquiring" || own.state === "held") {
      this.#settle();
    } else if (elsewhere?.settled) {
      const because = `${elsewhere.name} holds them`;
      this.#scene.log("local-elsewhere", "info", "Local Resource acquisition completed. (none)", because);
      this.#settle();
    }
  }

  #settle(): void {
    this.#deadlines.clear();
    this.#legacy.calm();
    this.#scene.move("settled");
    this.#scene.reportOurs();
  }

  #considerFailback(now: Instant): void {
    if (
      !this.#scene.config.autoFailback ||
      this.#scene.phase !== "stable" ||
      this.#moves.phase !== "none" ||
      this.#scene.shares.busy
    )
      return;
    for (const share of this.#scene.shares.all()) {
      const owner = this.#scene.peers.get(share.owner);
      if (share.state !== "held" || !share.needsFailback || owner?.willing !== true || !owner.reported) continue;
      const because = `${owner.name} is stable again and auto_failback is on`;
      this.#scene.log("failback", "info", `Giving ${owner.name}'s resources back.`, because);
      if (!this.#moves.pairwise) {
        share.yielded = true;
        this.#scene.release(share, because);
      } else {
        share.needsFailback = false;
        return this.#moves.requestStandby("foreign", now);
      }
    }
  }

  #considerLeaving(): void {
    if (this.#left || this.#scene.shares.busy) return;
    this.#left = true;
    if (this.#scene.shares.has("held")) {
      // Saying `shutdone` would make the other side start what still runs here.
      this.#scene.log("left-unclean", "crit", "Not all resources could be stopped: leaving without shutdown notice.");
    } else {
      this.#scene.log("relinquished", "info", "All HA resources relinquished.");
      if (this.#tookPart) this.#scene.say({ say: "shutdown-done" });
    }
    this.#scene.emit({ is: "left" });
  }
}
