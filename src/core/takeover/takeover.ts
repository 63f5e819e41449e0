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
import { invariant } from "../../base/invariant.ts";
import { after, earliest, type Instant, type Milliseconds, type NodeName, type Seq, seq } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import { legacyQuestionEvery, originalStartWait } from "../limits.ts";
import type { Machine } from "../machine.ts";
import type { HoldWord } from "../view.ts";
import { Claims } from "./claims.ts";
import type { TakeoverConfig, TakeoverInput, TakeoverMessage, TakeoverOutput } from "./language.ts";
import { LegacyRequests } from "./legacy.ts";
import { keeper } from "./ownership.ts";
import { Peer } from "./peers.ts";
import { type Share, Shares } from "./shares.ts";
import { Standby, type StandbyOutput } from "./standby.ts";
import type { SuccessorState } from "./successor.ts";
import { type Phase, type PhaseEvent, transitions } from "./transitions.ts";
import { addTo, hasForeign, hasLocal, holdWord, mirrored, sharesOf } from "./words.ts";

/** Among successors, in a `resource` message: the stand-by under way ends without a hand-over. */
const standbyFailed = "standby-failed";

export class Takeover implements Machine<TakeoverInput, TakeoverOutput> {
  readonly #config: TakeoverConfig;
  readonly #shares: Shares;
  readonly #peers: ReadonlyMap<NodeName, Peer>;
  readonly #claims: Claims;
  readonly #standby: Standby;
  readonly #deadlines = new Deadlines<"original-start" | "legacy-question">();
  readonly #legacy: LegacyRequests;
  /** In legacy mode originals are asked at once, in the others only when they were mute for a while. */
  #patient: boolean;
  #phase: Phase = "init";
  #leaving = false;
  #left = false;
  /** Communication was up when the stop was asked for: the others expect a goodbye. */
  #tookPart = false;
  #startWaitUsed = false;
  /** We gave everything up because we slept, and that has not ended yet. */
  #stalled = false;
  #announcedState = "";
  #out: TakeoverOutput[] = [];

  constructor(config: TakeoverConfig) {
    this.#config = config;
    this.#shares = new Shares(config.self, config.nodes);
    const others = config.nodes.filter((node) => node !== config.self);
    this.#peers = new Map(others.map((node): [NodeName, Peer] => [node, new Peer(node)]));
    this.#legacy = new LegacyRequests(config.ownGroups ?? []);
    this.#patient = config.legacy !== true;
    this.#claims = new Claims(config.self, config.nodes, this.#shares, this.#peers);
    this.#standby = new Standby(config.self, () => ({
      peerSettled: this.#claims.present().some((peer) => peer.settled && peer.active),
      ownStable: this.#phase === "stable",
      ownBusy: this.#shares.busy,
    }));
  }

  get phase(): Phase {
    return this.#phase;
  }

  get word(): HoldWord {
    return this.#shares.word;
  }

  get besideOriginal(): boolean {
    return this.#claims.originals().length > 0;
  }

  /** Nothing moves here, and nothing at the others as far as they tell. */
  get settled(): boolean {
    return (
      this.#phase === "stable" &&
      this.#standby.phase === "none" &&
      !this.#shares.busy &&
      !this.#shares.has("claiming") &&
      this.#claims.present().every((peer) => peer.settled)
    );
  }

  /** What goes into our `hb4` field. */
  state(): SuccessorState {
    return {
      version: this.#config.version,
      ready: this.#phase !== "init",
      leaving: this.#leaving,
      ...this.#shares.statement(),
      grants: this.#shares.grants(this.#peers.values()),
      stalled: this.#stalled,
      pings: this.#config.pings?.(),
    };
  }

  /** The node that holds a share as far as we know, and why it is where it is when that is us. */
  holder(owner: NodeName): { readonly node: NodeName | undefined; readonly because: string } {
    const share = this.#shares.of(owner);
    if (share.state === "acquiring" || share.state === "held" || share.state === "releasing")
      return { node: this.#config.self, because: share.because };
    return { node: this.#claims.holder(owner)?.name, because: share.because };
  }

  peer(node: NodeName): { readonly word: HoldWord; readonly settled: boolean; readonly version: string | undefined } {
    const peer = this.#peers.get(node);
    if (peer === undefined) return { word: "none", settled: false, version: undefined };
    if (peer.state === undefined) return { word: peer.word, settled: peer.settled, version: undefined };
    const holds = peer.state.holds;
    const foreign = [...holds.keys()].some((owner) => owner !== node);
    return { word: holdWord(holds.has(node), foreign), settled: peer.settled, version: peer.state.version };
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#deadlines.next(), this.#standby.nextDeadline());
  }

  step(input: TakeoverInput, now: Instant): readonly TakeoverOutput[] {
    this.#out = [];
    this.#take(input, now);
    this.#consider(now);
    const state = JSON.stringify(this.state(), (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
    if (state !== this.#announcedState && !this.#left) {
      this.#announcedState = state;
      this.#out.push({ is: "state-changed" });
    }
    return this.#out;
  }

  #take(input: TakeoverInput, now: Instant): void {
    switch (input.on) {
      case "comm-up":
        this.#move("comm-up");
        if (!this.#leaving) this.#say({ say: "starting" });
        return;
      case "peer-status":
        return this.#peerStatus(this.#peer(input.node), input, now);
      case "peer-dead":
        return this.#peerDead(this.#peer(input.node), now);
      case "starting":
        return this.#peerStarting(this.#peer(input.from));
      case "resource":
        return this.#report(this.#peer(input.from), input, now);
      case "ask-resources":
        this.#peers.get(input.from)?.isNews(input.seq);
        return this.#askResources(input, now);
      case "standby-request":
        return this.#requestStandby(input.set, now);
      case "take-over-request":
        return this.#takeOverRequest(input.from, input.set, now);
      case "release-request":
        return this.#releaseRequested(this.#peer(input.from), input.group, input.owner);
      case "release-reply":
        return this.#releaseAnswered(this.#peer(input.from), input.group);
      case "shutdown-done":
        return this.#shutdownDone(this.#peer(input.from), input.seq, now);
      case "share-up":
        return this.#shareUp(this.#shares.of(input.share), now);
      case "share-down":
        return this.#shareDown(this.#shares.of(input.share), input.clean, now);
      case "overslept":
        return this.#overslept(input.silence);
      case "stop":
        return this.#stop();
      case "deadline":
        this.#standbyOutputs(this.#standby.step({ on: "deadline" }, now));
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
    for (const [owner, term] of [...state.holds, ...state.claims]) this.#shares.saw(owner, term);
    if (state.ready && !peer.reported) {
      peer.reported = true;
      if (this.#phase !== "init") this.#move("peer-report");
    }
    for (const owner of state.holds.keys()) this.#heldElsewhere(owner, peer);
  }

  /** Somebody else has what we gave away: from now on the ordinary rules apply to it again. */
  #heldElsewhere(owner: NodeName, peer: Peer): void {
    const share = this.#shares.find(owner);
    if (share === undefined) return;
    share.yielded = false;
    if (share.state === "none") share.because = `${peer.name} holds it`;
  }

  /** While the network was cut somebody else may have answered for our addresses. */
  #reannounce(): void {
    for (const share of this.#shares.all())
      if (share.state === "held") this.#out.push({ is: "reannounce", share: share.owner });
  }

  #peerStarting(peer: Peer): void {
    peer.saysStable = false;
    peer.saidStarting = true;
    if (this.#phase === "init") return;
    const wasStable = this.#phase === "stable";
    this.#move("peer-starting");
    this.#say({ say: "resource", held: this.word, stable: wasStable });
  }

  #report(peer: Peer, report: Extract<TakeoverInput, { on: "resource" }>, now: Instant): void {
    // Only a status proves life: a late word of a node that we hold dead must not bring it back.
    if (this.#phase === "init" || !peer.alive) return;
    if (report.full && !peer.isLatestReport(report.seq)) return;
    peer.word = report.full ? report.held : addTo(peer.word, report.held);
    for (const owner of sharesOf(peer.word, peer.name, this.#config.nodes)) this.#heldElsewhere(owner, peer);
    if (peer.original) {
      peer.reported = true; // a successor's own state says when it takes part
      peer.legacy = false;
    }
    const wasStable = peer.saysStable;
    if (report.stable !== undefined) peer.saysStable = report.stable;
    this.#move("peer-report");
    if (!wasStable && peer.saysStable) {
      this.#log("remote-stable", "info", "remote resource transition completed.");
      this.#reportOurs();
    }
    if (peer.original && this.#phase !== "stable" && this.#phase !== "shutdown" && !this.#startWaitUsed) {
      this.#startWaitUsed = true;
      this.#deadlines.set("original-start", after(now, originalStartWait));
    }
    if (report.info === "standby") this.#standbyOutputs(this.#standby.step({ on: "releasing", from: peer.name }, now));
    else if (report.info === standbyFailed)
      this.#standbyOutputs(this.#standby.step({ on: "called-off", from: peer.name, seq: report.seq }, now));
    this.#audit(peer);
  }

  /** The original's own complaint, in its words; successors settle such a thing by their states instead. */
  #audit(peer: Peer): void {
    if (!peer.original) return;
    const word = this.word;
    if (hasLocal(word) && hasForeign(peer.word))
      this.#log("both-own-ours", "error", "Both machines own our resources!");
    if (hasForeign(word) && hasLocal(peer.word))
      this.#log("both-own-foreign", "error", "Both machines own foreign resources!");
  }

  #shutdownDone(peer: Peer, number: Seq, now: Instant): void {
    this.#log("peer-shutdown-done", "info", `Received shutdown notice from '${peer.name}'.`);
    peer.left = true;
    peer.word = "none";
    peer.saysStable = false;
    if (peer.isNews(number)) peer.released(this.#shares.owners()); // it says so only when nothing runs there any more
    this.#abandonPlans(peer, now);
  }

  /** A hand-over with it ends here, and what was left to it is anybody's. */
  #abandonPlans(peer: Peer, now: Instant): void {
    for (const share of this.#shares.all()) share.yielded = false;
    this.#standbyOutputs(this.#standby.step({ on: "peer-dead", node: peer.name }, now));
  }

  /** It died or was started again: whatever it said before is void. */
  #processEnded(peer: Peer, now: Instant): void {
    peer.forget();
    this.#legacy.forget(peer.name);
    this.#abandonPlans(peer, now);
  }

  #peerDead(peer: Peer, now: Instant): void {
    const gone = peer.left || (peer.reported && this.#shares.owners().every((o) => !peer.holds(o, this.#config.nodes)));
    const present = peer.alive;
    peer.alive = false;
    this.#processEnded(peer, now);
    if (this.#leaving) return;
    if (gone) {
      this.#log("dead-node-gave-up", "info", `Dead node ${peer.name} gave up resources.`);
    } else {
      this.#log("no-stonith", "warn", "No STONITH device configured.");
      this.#log("unprotected", "warn", "Shared disks are not protected.");
      const because = present ? `nothing was heard of ${peer.name}` : `${peer.name} was never heard`;
      this.#log("resources-from-dead", "info", `Resources being acquired from ${peer.name}.`, because);
    }
    if (this.#phase !== "init") this.#say({ say: "stonith", node: peer.name, result: gone ? "unneeded" : "n_stnth" });
  }

  // --- Legacy mode ----------------------------------------------------------------------------------------------------

  /** Answered in any mode and at any time, else the other node would never start its groups. */
  #releaseRequested(peer: Peer, group: string, owner: NodeName | undefined): void {
    if (this.#phase === "shutdown" || !peer.alive || !peer.original) return;
    const share = owner === undefined ? undefined : this.#shares.find(owner);
    if (share === undefined) return this.#say({ say: "release-reply", to: peer.name, group, owned: false });
    this.#release(share, `${peer.name} asked for ${group}`);
    if (share.state === "releasing") {
      share.yielded = true;
      this.#legacy.remember({ from: peer.name, group, owner: share.owner });
    } else this.#letStart(peer, share, group, false);
  }

  #letStart(peer: Peer, share: Share, group: string, owned: boolean): void {
    peer.startsInLegacyMode(share.owner);
    this.#heldElsewhere(share.owner, peer);
    this.#say({ say: "release-reply", to: peer.name, group, owned });
  }

  #releaseAnswered(peer: Peer, group: string): void {
    if (!peer.alive || !peer.original || !this.#legacy.answered(peer, group) || peer.reported) return;
    peer.startsInLegacyMode(peer.name); // what it runs of its own it did not ask us for
  }

  #askLegacyPeers(now: Instant): void {
    const mute = this.#claims.originals().filter((peer) => peer.mute);
    if (mute.length === 0) {
      this.#patient = this.#config.legacy !== true;
      this.#deadlines.delete("legacy-question");
    } else if (this.#shares.of(this.#config.self).state === "none" && !this.#deadlines.has("legacy-question")) {
      const wait = this.#patient ? originalStartWait : legacyQuestionEvery;
      this.#deadlines.set("legacy-question", after(now, wait));
      if (!this.#patient) this.#ask(mute);
      this.#patient = false;
    }
  }

  #ask(mute: readonly Peer[]): void {
    const questions = this.#legacy.questions(mute);
    for (const question of questions) this.#say(question);
    if (questions.length === 0) for (const peer of mute) peer.startsInLegacyMode(peer.name); // nothing is ours
  }

  /** Whoever speaks the protocol of version 1.0 would leave a standby without an answer. */
  #standbyImpossible(): boolean {
    if (!this.#claims.originals().some((peer) => peer.legacy)) return false;
    this.#log("standby-legacy", "info", "Standby mode only implemented when nice_failback on");
    return true;
  }

  // --- Planned moves --------------------------------------------------------------------------------------------------

  #askResources(message: Extract<TakeoverInput, { on: "ask-resources" }>, now: Instant): void {
    if (this.#phase === "shutdown" || !this.#pairwise || this.#peers.get(message.from)?.alive !== true) return;
    if (this.#standbyImpossible()) return;
    this.#standbyOutputs(this.#standby.step({ ...message, on: "message" }, now));
  }

  /** The stand-by exchange knows a giver and a taker only; among more successors a released share is claimed instead. */
  get #pairwise(): boolean {
    return this.#config.nodes.length === 2 || this.#claims.originals().length > 0;
  }

  /** `hb_takeover` on the other node is `hb_standby` of the mirrored set here (resources.md, section 10). */
  #takeOverRequest(from: NodeName, set: HoldWord, now: Instant): void {
    if (from === this.#config.self || this.#phase === "shutdown") return;
    if (!this.#pairwise)
      return this.#giveAway(this.#wordOfShares(sharesOf(set, from, this.#config.nodes)), `${from} asked for it`);
    this.#requestStandby(mirrored(set), now);
  }

  #wordOfShares(owners: readonly NodeName[]): HoldWord {
    return holdWord(
      owners.includes(this.#config.self),
      owners.some((owner) => owner !== this.#config.self),
    );
  }

  /** More than two nodes: release, and leave the rest to the claims of the others. */
  #giveAway(set: HoldWord, because: string): void {
    for (const owner of sharesOf(set, this.#config.self, this.#config.nodes)) {
      const share = this.#shares.of(owner);
      if (share.state === "claiming") share.state = "none";
      if (share.state !== "held" && share.state !== "acquiring") continue;
      share.yielded = true;
      this.#release(share, because);
    }
  }

  #requestStandby(set: HoldWord, now: Instant): void {
    if (this.#phase === "shutdown" || this.#standbyImpossible()) return;
    if (!this.#claims.present().some((peer) => peer.active)) {
      const text = "No reply to standby request.  Standby request cancelled.";
      return this.#log("standby-alone", "warn", text, "no other node is active");
    }
    if (!this.#pairwise) return this.#giveAway(set, "standby was asked for");
    const before = this.#standby.phase;
    const outputs = this.#standby.step({ on: "message", from: this.#config.self, seq: seq(0), set, info: "me" }, now);
    // A request that we refuse ourselves must not make the other side wait for us.
    if (before !== this.#standby.phase) this.#say({ say: "ask-resources", set, info: "me" });
    this.#standbyOutputs(outputs);
  }

  #standbyOutputs(outputs: readonly StandbyOutput[]): void {
    for (const output of outputs) {
      switch (output.is) {
        case "say":
          this.#say({ say: "ask-resources", set: output.set, info: output.info });
          break;
        case "release":
          this.#giveAway(output.set, `standby: ${output.to} takes it`);
          this.#say({ say: "resource", held: this.word, stable: false, info: "standby" });
          break;
        case "acquire": {
          const owners = sharesOf(output.set, output.from, this.#config.nodes);
          this.#peer(output.from).released(owners);
          for (const owner of owners) this.#acquire(this.#shares.of(owner), `${output.from} went standby`);
          break;
        }
        case "ended":
          if (this.#phase === "stable") this.#reportOurs();
          break;
        case "log":
          this.#log(output.id, output.level, output.text);
          break;
        default:
          unreachable(output);
      }
    }
  }

  // --- Our own shares -------------------------------------------------------------------------------------------------

  #acquire(share: Share, because: string): void {
    if (share.state === "acquiring" || share.state === "held") return;
    if (share.state === "releasing") return; // what is being stopped is started only once it is down
    if (share.state !== "claiming") this.#shares.nextTerm(share); // else: the term that was consented to
    share.state = "acquiring";
    share.yielded = false;
    share.needsFailback = share.owner !== this.#config.self && !(this.#peers.get(share.owner)?.present ?? false);
    share.because = because;
    this.#out.push({ is: "acquire", share: share.owner, because });
  }

  /** Two of ours: whoever was awake has our shares by now. An original gives its own up when it hears us again. */
  #overslept(silence: Milliseconds): void {
    if (this.#claims.electors().length === 0 || this.besideOriginal || !this.#shares.has("acquiring", "held")) return;
    this.#stalled = true;
    const because = `we were silent for ${Math.round(silence)} ms, so the others hold us dead`;
    for (const share of this.#shares.all()) this.#release(share, because, true);
  }

  #release(share: Share, because: string, urgent = false): void {
    if (share.state !== "acquiring" && share.state !== "held") return;
    share.state = "releasing";
    share.needsFailback = false;
    share.because = because;
    this.#out.push({ is: "release", share: share.owner, because, urgent });
  }

  #shareUp(share: Share, now: Instant): void {
    if (share.state !== "acquiring") return;
    share.state = "held";
    if (this.#shares.busy) return;
    if (this.#standby.phase === "acquiring") this.#standbyOutputs(this.#standby.step({ on: "acquired" }, now));
    else if (this.#phase === "stable") this.#reportOurs();
  }

  #shareDown(share: Share, clean: boolean, now: Instant): void {
    if (share.state !== "releasing") return;
    share.state = clean ? "none" : "held";
    for (const { from, group } of this.#legacy.released(share.owner, clean))
      this.#letStart(this.#peer(from), share, group, true);
    if (!clean) {
      share.because = "it would not stop";
      share.yielded = false;
      if (this.#standby.phase === "releasing")
        this.#say({ say: "resource", held: this.word, stable: false, info: standbyFailed });
      this.#standbyOutputs(this.#standby.step({ on: "stuck" }, now));
    }
    if (this.#shares.has("releasing")) return;
    this.#stalled = false;
    if (this.#standby.phase === "releasing") this.#standbyOutputs(this.#standby.step({ on: "released" }, now));
    else if (this.#phase === "stable") this.#reportOurs();
  }

  #stop(): void {
    if (this.#leaving) return this.#log("already-leaving", "info", "Heartbeat shutdown already underway.");
    this.#tookPart = this.#phase !== "init";
    this.#leaving = true;
    this.#move("stop");
    this.#deadlines.clear();
    for (const share of this.#shares.all()) {
      if (share.state === "claiming") share.state = "none";
      this.#release(share, "heartbeat is shutting down");
    }
    if (this.#tookPart) this.#say({ say: "resource", held: "none", stable: false, info: "shutdown" });
    this.#log("giving-up", "info", "Giving up all HA resources.");
  }

  // --- Judgement ------------------------------------------------------------------------------------------------------

  /** Looks at every share after every input: what is free, what is wanted twice, what is to go home. */
  #consider(now: Instant): void {
    if (this.#phase === "init") return;
    if (this.#phase === "shutdown") return this.#considerLeaving();
    this.#askLegacyPeers(now);
    for (const share of this.#shares.all()) {
      this.#considerContest(share);
      if (share.state === "held" || share.state === "acquiring") this.#considerConflict(share);
      else if (share.state === "claiming") this.#considerClaim(share);
      else if (share.state === "none") this.#considerFree(share);
    }
    // The standby exchange acquires shares that may already be up: then nothing else would report the end.
    if (this.#standby.phase === "acquiring" && !this.#shares.busy)
      this.#standbyOutputs(this.#standby.step({ on: "acquired" }, now));
    if (this.#standby.phase === "releasing" && !this.#shares.has("releasing"))
      this.#standbyOutputs(this.#standby.step({ on: "released" }, now));
    this.#considerSettled();
    this.#considerFailback(now);
  }

  #considerConflict(share: Share): void {
    for (const peer of this.#peers.values()) {
      const theirs = peer.alive ? peer.state?.holds.get(share.owner) : undefined;
      if (theirs === undefined) continue;
      const kept = keeper(
        share.owner,
        { node: this.#config.self, term: share.term, stalled: false, pings: this.#config.pings?.() },
        { node: peer.name, term: theirs, stalled: peer.state?.stalled ?? false, pings: peer.state?.pings },
        this.#config.nodes,
      );
      if (kept.node === this.#config.self) continue;
      this.#log("yield", "warn", `${share.owner}'s resources are held twice: releasing ours.`, kept.because);
      return this.#release(share, kept.because, true);
    }
  }

  /** Who keeps a share that was held twice tells the network so once more when the other one has let go. */
  #considerContest(share: Share): void {
    const contested = share.state === "held" && this.#claims.holder(share.owner) !== undefined;
    if (share.contested && !contested && share.state === "held")
      this.#out.push({ is: "reannounce", share: share.owner });
    share.contested = contested;
  }

  #considerFree(share: Share): void {
    if (share.yielded || this.#standby.phase !== "none" || this.#claims.holder(share.owner) !== undefined) return;
    if (this.#claims.originals().length > 0) {
      if (this.#claims.isOursBesideOriginals(share.owner))
        this.#acquire(share, "the other node is stable and does not hold it");
    } else if (this.#claims.isOurs(share.owner)) {
      share.because = this.#claims.reason(share.owner);
      if (this.#claims.electors().length === 0) return this.#acquire(share, share.because);
      share.state = "claiming";
      this.#shares.nextTerm(share);
    }
  }

  #considerClaim(share: Share): void {
    const verdict = this.#claims.verdict(share);
    if (verdict === "won") this.#acquire(share, share.because);
    else if (verdict === "lost") share.state = "none";
  }

  #originalStartDue(now: Instant): void {
    if (!this.#deadlines.due(now).includes("original-start") || this.#phase === "stable" || this.#phase === "shutdown")
      return;
    const own = this.#shares.of(this.#config.self);
    if (own.state === "none" && this.#claims.holder(own.owner) === undefined)
      this.#acquire(own, "the other node was silent about it for 10 s");
    this.#log("local-stable", "info", "local resource transition completed.");
  }

  /** The start is over when our own share is decided: held, wanted by nobody but held elsewhere, or given away. */
  #considerSettled(): void {
    if (this.#phase === "stable") return;
    const own = this.#shares.of(this.#config.self);
    const elsewhere = this.#claims.holder(own.owner);
    if (own.state === "acquiring" || own.state === "held") {
      this.#settle();
    } else if (elsewhere?.settled) {
      const because = `${elsewhere.name} holds them`;
      this.#log("local-elsewhere", "info", "Local Resource acquisition completed. (none)", because);
      this.#settle();
    }
  }

  #settle(): void {
    this.#deadlines.clear();
    this.#move("settled");
    this.#reportOurs();
  }

  #considerFailback(now: Instant): void {
    if (!this.#config.autoFailback || this.#phase !== "stable" || this.#standby.phase !== "none" || this.#shares.busy)
      return;
    for (const share of this.#shares.all()) {
      const owner = this.#peers.get(share.owner);
      if (share.state !== "held" || !share.needsFailback || owner?.willing !== true || !owner.reported) continue;
      const because = `${owner.name} is stable again and auto_failback is on`;
      this.#log("failback", "info", `Giving ${owner.name}'s resources back.`, because);
      if (!this.#pairwise) {
        share.yielded = true;
        this.#release(share, because);
      } else {
        share.needsFailback = false;
        return this.#requestStandby("foreign", now);
      }
    }
  }

  #considerLeaving(): void {
    if (this.#left || this.#shares.busy) return;
    this.#left = true;
    if (this.#shares.has("held")) {
      // Saying `shutdone` would make the other side start what still runs here.
      this.#log("left-unclean", "crit", "Not all resources could be stopped: leaving without shutdown notice.");
    } else {
      this.#log("relinquished", "info", "All HA resources relinquished.");
      if (this.#tookPart) this.#say({ say: "shutdown-done" });
    }
    this.#out.push({ is: "left" });
  }

  // --- Small helpers --------------------------------------------------------------------------------------------------

  #reportOurs(): void {
    this.#say({ say: "resource", held: this.word, stable: this.#phase === "stable" });
  }

  #move(event: PhaseEvent): void {
    const next = transitions[this.#phase][event];
    invariant(next !== undefined, `takeover: no cell for ${event} in phase ${this.#phase}`);
    this.#phase = next;
  }

  #peer(node: NodeName): Peer {
    const peer = this.#peers.get(node);
    invariant(peer !== undefined, `takeover: ${node} is not a peer`);
    return peer;
  }

  #say(message: TakeoverMessage): void {
    this.#out.push({ is: "say", message });
  }

  #log(id: string, level: LogLevel, text: string, because?: string): void {
    this.#out.push({ is: "log", id, level, text, ...(because === undefined ? {} : { because }) });
  }
}
