/**
 * Decides which node runs what.
 *
 * The unit is the group. It is free to take when no living node holds or wants it. Among
 * successors a taker first claims it and waits until every present node grants the claim, so that two nodes which hear each
 * other never start the same thing, however their views differ for a moment; with nobody else alive there is nobody to ask, and
 * a take-over starts in the same step in which the death was noticed. A group that does not start goes to the next node at once. With an
 * original the rules are the original's: whole shares (all groups that prefer one node), hold words, ten seconds of patience at the start,
 * the three-way stand-by exchange for every planned move.
 *
 * After a partition two nodes may hold the same group. Successors see it in each other's status and settle it at once
 * (`keeper`); an original restarts itself, so against it we keep what we have.
 *
 * Source: docs/reference/resources.md, sections 8 to 13. Deviations: nothing is announced as held before its start was
 * ordered; the ten seconds (RQSTDELAY) are waited for originals only (quirk 8); after a partition successors settle without a restart
 * (quirk 11); a standby without another active node is refused (quirk 14); a stop before communication is up ends at once
 * (quirk 15); a failed start is no claim (quirk 140).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, earliest, type Instant, type Milliseconds, type NodeName, type Seq } from "../../base/units.ts";
import type { Reach } from "../connectivity/node-health.ts";
import { originalStartWait } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import { Announcer } from "./announcer.ts";
import { Deaths } from "./deaths.ts";
import { Fitness } from "./fitness.ts";
import type { Unit } from "./holdings.ts";
import { failedOn, Judgement } from "./judgement.ts";
import type {
  KeptHoldings,
  PeerReport,
  ResourceReport,
  Steward,
  TakeoverConfig,
  TakeoverInput,
  TakeoverOutput,
  UnitReport,
} from "./language.ts";
import { Leaving } from "./leaving.ts";
import { LegacyMode } from "./legacy-mode.ts";
import { Moves } from "./moves.ts";
import { Orders } from "./orders.ts";
import { Patience } from "./patience.ts";
import type { Peer } from "./peers.ts";
import { Repetition } from "./repetition.ts";
import { ReturnedOriginals } from "./returned-original.ts";
import { Scene } from "./scene.ts";
import { encodeSuccessor, type SuccessorState } from "./successor.ts";
import { Surrenders } from "./surrender.ts";
import type { Phase } from "./transitions.ts";
import { ownerOf, type UnitId, type UnitTable } from "./units.ts";
import { addTo, hasForeign, hasLocal, holdWord, sharesOf } from "./words.ts";

/** Among successors, in a `resource` message: the stand-by under way ends without a hand-over. */
const standbyFailed = "standby-failed";

const nobody: ReadonlySet<NodeName> = new Set();

export class Takeover implements Steward {
  readonly #scene: Scene;
  readonly #legacy: LegacyMode;
  readonly #moves: Moves;
  readonly #orders: Orders;
  readonly #returned: ReturnedOriginals;
  readonly #judgement: Judgement;
  readonly #surrenders: Surrenders;
  readonly #deaths: Deaths;
  readonly #patience: Patience;
  readonly #leaving: Leaving;
  readonly #fitness: Fitness;
  readonly #repetition = new Repetition();
  readonly #deadlines = new Deadlines<"original-start">();
  readonly #announcer = new Announcer();
  #startWaitUsed = false;
  #crowdWarned = false;
  #adopted = false;
  #said = "";
  #changes = 0;

  constructor(config: TakeoverConfig) {
    this.#scene = new Scene(config);
    this.#legacy = new LegacyMode(this.#scene);
    this.#moves = new Moves(this.#scene, this.#legacy);
    this.#orders = new Orders(this.#scene, this.#moves);
    this.#returned = new ReturnedOriginals(this.#scene);
    this.#surrenders = new Surrenders(this.#scene, this.#moves);
    this.#deaths = new Deaths(this.#scene, () => this.#changes++);
    this.#patience = new Patience(this.#scene);
    this.#leaving = new Leaving(this.#scene, this.#moves);
    this.#fitness = new Fitness(this.#scene, this.#moves);
    this.#judgement = new Judgement(this.#scene, () => this.#moves.phase !== "none", this.#surrenders);
  }

  get phase(): Phase {
    return this.#scene.phase;
  }

  get word(): HoldWord {
    return this.#scene.holdings.word;
  }

  get besideOriginal(): boolean {
    return this.#scene.besideOriginal;
  }

  get maintenance(): boolean {
    return this.#scene.maintenance.on;
  }

  get table(): UnitTable {
    return this.#scene.table;
  }

  /** Nothing moves here, and nothing at the others as far as they tell. */
  get settled(): boolean {
    return (
      this.#scene.phase === "stable" &&
      this.#moves.phase === "none" &&
      !this.#scene.holdings.busy &&
      !this.#scene.holdings.has("claiming") &&
      !this.#moves.offering &&
      this.#scene.claims.present().every((peer) => peer.settled)
    );
  }

  /** Nothing of ours moves: the process may be replaced. */
  get quiet(): boolean {
    const { holdings } = this.#scene;
    return this.#moves.phase === "none" && !this.#moves.offering && !holdings.busy && !holdings.has("claiming");
  }

  reach(): Reach {
    const { claims, config } = this.#scene;
    const counts = claims.electors().flatMap(({ state }) => state?.pings ?? []);
    return { ours: config.pings?.() ?? 0, theirs: counts.length === 0 ? undefined : Math.max(...counts) };
  }

  /** Grows with whatever changes of what we say of ourselves. */
  get changes(): number {
    return this.#changes;
  }

  /** For the next core. */
  memory(): KeptHoldings {
    return { units: this.#scene.holdings.memory(), ...this.#deaths.memory(), maintenance: this.#scene.maintenance };
  }

  /** What goes into our `hb4` field. */
  state(): SuccessorState {
    return {
      version: this.#scene.config.version,
      ready: this.#scene.phase !== "init",
      leaving: this.#scene.leaving,
      ...this.#scene.holdings.statement(),
      ...this.#orders.statement(),
      grants: this.#scene.holdings.grants(this.#scene.peers.values(), (node) => this.#deaths.mustBeOff(node)),
      stalled: this.#scene.stalled,
      pings: this.#scene.config.pings?.(),
      dead: new Set(this.#deaths.names()),
    };
  }

  /** Groups that prefer this node. */
  groupsOf(owner: NodeName): readonly UnitId[] {
    return this.#scene.holdings.share(owner).flatMap(({ id, group }) => (group === undefined ? [] : [id]));
  }

  groupOf(id: UnitId): string | undefined {
    return this.#scene.holdings.of(id).group?.key;
  }

  keyOf(id: UnitId): string {
    return this.#scene.nameOf(this.#scene.holdings.of(id));
  }

  /** The same as it is sent. */
  successor(): string {
    return encodeSuccessor(this.state(), this.#scene.table);
  }

  /** Who holds a unit as far as we know, why it is where it is when that is us, and what stands in its way. */
  unit(id: UnitId): UnitReport {
    const { claims, config, holdings } = this.#scene;
    const unit = holdings.of(id);
    const here = unit.state === "acquiring" || unit.state === "held" || unit.state === "releasing";
    const holder = here ? undefined : claims.holder(unit);
    return {
      holder: here ? config.self : holder?.name,
      starting: unit.state === "acquiring" || (holder?.state?.starting.has(id) ?? false),
      because: unit.because,
      movingTo: unit.giveTo,
      failedOn: failedOn(unit, this.#scene),
    };
  }

  couldGo(id: UnitId, now: Instant): boolean {
    return this.#scene.phase === "stable" && this.#judgement.couldGo(this.#scene.holdings.of(id), now);
  }

  peer(node: NodeName): PeerReport {
    const peer = this.#scene.peers.get(node);
    if (peer === undefined) return { word: "none", settled: false, unfit: false, version: undefined };
    if (peer.state === undefined) return { word: peer.word, settled: peer.settled, unfit: false, version: undefined };
    const owners = [...peer.state.holds.keys()].map(ownerOf);
    const word = holdWord(
      owners.includes(node),
      owners.some((owner) => owner !== node),
    );
    return { word, settled: peer.settled, unfit: peer.state.unfit === true, version: peer.state.version };
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#deadlines.next(),
      this.#announcer.nextDeadline(),
      this.#legacy.nextDeadline(),
      this.#moves.nextDeadline(),
      this.#orders.nextDeadline(),
      this.#returned.nextDeadline(),
      this.#surrenders.nextDeadline(),
      this.#patience.nextDeadline(),
      this.#leaving.nextDeadline(),
      this.#fitness.nextDeadline(),
    ].reduce(earliest);
  }

  step(input: TakeoverInput, now: Instant): readonly TakeoverOutput[] {
    const out = this.#scene.begin();
    const again = input.on === "peer-status" && this.#saysAgain(input);
    if (again && this.#repetition.isJudged(input.node)) {
      this.#scene.peer(input.node).isNews(input.seq);
      return out;
    }
    this.#take(input, now);
    this.#consider(now);
    // Whom we hold dead goes out with the next heartbeat: it is no news that others act on.
    const state = encodeSuccessor({ ...this.state(), dead: nobody }, this.#scene.table);
    const changed = state !== this.#said;
    if (changed) this.#changes++;
    this.#said = state;
    if (changed || out.length > 0) this.#repetition.changed();
    else if (again) this.#repetition.unchanged(input.node);
    else if (input.on === "deadline") this.#repetition.unchanged();
    else this.#repetition.changed();
    if (this.#announcer.step(state, now) && !this.#leaving.ended) this.#scene.emit({ is: "state-changed" });
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
      case "peer-fenced":
        return this.#deaths.fenced(this.#scene.peer(input.node), input.because);
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
      case "unit-up":
        return this.#unitUp(this.#scene.holdings.of(input.unit), input.ok, now);
      case "fitness":
        return this.#fitness.judged(input.unfit, now);
      case "unit-able":
        return this.#orders.allow(this.#scene.holdings.of(input.unit), "the kernel would take its address again");
      case "unit-lost":
        return this.#unitLost(this.#scene.holdings.of(input.unit), now);
      case "unit-down":
        return this.#unitDown(this.#scene.holdings.of(input.unit), input.clean, now);
      case "order":
        return this.#scene.emit({ is: "answered", answer: this.#orders.obey(input.order, now) });
      case "overslept":
        return this.#overslept(input.silence);
      case "adopt":
        return this.#adopt(input.holdings, input.idle);
      case "stop":
        return this.#stop(now);
      case "deadline":
        this.#moves.deadline(now);
        this.#orders.deadline(now);
        this.#returned.deadline(now);
        this.#legacy.deadline(now);
        this.#patience.deadline(now);
        return this.#originalStartDue(now);
      default:
        return unreachable(input);
    }
  }

  // --- What peers say -------------------------------------------------------------------------------------------------

  /** A successor says what it said last, and nothing else has become of it since. */
  #saysAgain({ node, active, state, anew }: Extract<TakeoverInput, { on: "peer-status" }>): boolean {
    const peer = this.#scene.peer(node);
    const lives = peer.alive && !peer.unfenced && !peer.seenTo && anew === undefined;
    return lives && state !== undefined && peer.state === state && peer.active === active;
  }

  #peerStatus(peer: Peer, status: Extract<TakeoverInput, { on: "peer-status" }>, now: Instant): void {
    const { seq, active, state, anew, unheard: sent } = status;
    const unheeded = peer.takeUnheeded();
    if (anew !== undefined) this.#processEnded(peer, now);
    // An original that came up where nobody heard it will not say again that it is through its start.
    const unheard = !peer.alive && anew !== "returned";
    if (unheard && active && state === undefined && this.#scene.phase !== "init") peer.saysStable = true;
    this.#deaths.lives(peer);
    peer.known = true;
    peer.alive = true;
    if (anew === "restarted") this.#patience.restarted(peer, now);
    if (!peer.isNews(seq)) return;
    peer.active = active;
    peer.state = state;
    if (anew === "returned") this.#reannounce();
    if (state === undefined) {
      if (anew === "returned") {
        this.#returned.returned(peer.name, sent, now);
        for (const report of unheeded) this.#report(peer, report, now);
      }
      return this.#warnOfCrowd(peer);
    }
    for (const [, term] of [...state.holds, ...state.claims]) this.#scene.holdings.saw(term);
    this.#orders.heard(peer, state);
    if (state.ready && !peer.reported) {
      peer.reported = true;
      if (this.#scene.phase !== "init") this.#scene.move("peer-report");
    }
    this.#patience.heard(peer, state, now);
    for (const id of state.holds.keys()) this.#scene.heldElsewhere(this.#scene.holdings.find(id), peer);
  }

  /** An original knows two nodes: its `foreign` is everything that is not its own. */
  #warnOfCrowd(peer: Peer): void {
    if (this.#crowdWarned || this.#scene.config.nodes.length <= 2) return;
    this.#crowdWarned = true;
    const text = `${peer.name} runs 3.0.6, which knows two nodes only: while it is here, no more than two of the ${this.#scene.config.nodes.length} nodes are safe to run.`;
    this.#scene.log("original-in-crowd", "warn", text);
  }

  /** While the network was cut somebody else may have answered for our addresses. */
  #reannounce(): void {
    for (const unit of this.#scene.holdings.all())
      if (unit.state === "held") this.#scene.emit({ is: "reannounce", unit: unit.id });
  }

  #peerStarting(peer: Peer): void {
    peer.saysStable = false;
    peer.saidStarting = true;
    if (this.#scene.phase === "init") return;
    const wasStable = this.#scene.phase === "stable";
    this.#scene.move("peer-starting");
    this.#scene.say({ say: "resource", held: this.#scene.word, stable: wasStable });
  }

  #report(peer: Peer, report: ResourceReport, now: Instant): void {
    if (this.#scene.phase === "init") return;
    // Only a status proves life: a late word of a node that we hold dead must not bring it back.
    if (!peer.alive) return peer.setAside(report);
    if (report.full && !peer.isLatestReport(report.seq)) return;
    const word = report.full ? report.held : addTo(peer.word, report.held);
    peer.says(word, report.info === "standby" || report.info === "shutdown");
    if (peer.original) {
      for (const owner of sharesOf(word, peer.name, this.#scene.config.nodes))
        for (const unit of this.#scene.holdings.share(owner)) this.#scene.heldElsewhere(unit, peer);
      peer.reported = true; // a successor's own state says when it takes part
      peer.legacy = false;
    }
    const wasStable = peer.saysStable;
    if (report.stable !== undefined) peer.saysStable = report.stable;
    if (report.stable === false) peer.saidMoving = true;
    this.#scene.move("peer-report");
    if (!wasStable && peer.saysStable) {
      peer.cameToRest = peer.saidMoving;
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
    this.#returned.reported(peer.name, report.info); // our last word is that we are not stable
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
    if (peer.isNews(number)) peer.releasedAll(); // it says so only when nothing runs there any more
    this.#ownerGone(peer);
    this.#abandonPlans(peer, now);
  }

  /** A hand-over with it ends here, and what was left to it is anybody's. */
  #abandonPlans(peer: Peer, now: Instant): void {
    for (const unit of this.#scene.holdings.all()) unit.yielded = false;
    this.#moves.exchange({ on: "peer-dead", node: peer.name }, now);
  }

  /** What it gave us goes home when it is back, too (resources.md, section 9.5). */
  #ownerGone(peer: Peer): void {
    for (const unit of this.#scene.holdings.share(peer.name))
      if (unit.state === "held" || unit.state === "acquiring") unit.needsFailback = true;
  }

  /** It died or was started again: whatever it said before is void. */
  #processEnded(peer: Peer, now: Instant): void {
    peer.forget();
    this.#patience.ended(peer);
    this.#legacy.forget(peer.name);
    this.#returned.ended(peer.name);
    this.#abandonPlans(peer, now);
  }

  #peerDead(peer: Peer, now: Instant): void {
    const last = this.#deaths.lastSeen(peer);
    peer.known = true;
    peer.alive = false;
    this.#ownerGone(peer);
    this.#processEnded(peer, now);
    if (!this.#scene.leaving) this.#deaths.died(peer, last);
  }

  /** What was moving goes on moving, and who was to be fenced is to be fenced still; a hand-over ended with the core that was in it. */
  #adopt(kept: KeptHoldings, idle: ReadonlySet<UnitId>): void {
    this.#adopted = true;
    this.#scene.maintenance = kept.maintenance;
    for (const { id, because } of this.#scene.holdings.recall(kept.units)) {
      const unit = this.#scene.holdings.of(id);
      if (unit.state === "held" && idle.has(id)) unit.state = "acquiring";
      if (unit.state === "acquiring") this.#scene.emit({ is: "acquire", unit: id, because });
      if (unit.state === "releasing") this.#scene.emit({ is: "release", unit: id, because, urgent: false });
    }
    this.#deaths.adopt(kept);
  }

  // --- Our own shares -------------------------------------------------------------------------------------------------

  /** Two of ours: whoever was awake has our shares by now. An original gives its own up when it hears us again. */
  #overslept(silence: Milliseconds): void {
    if (
      this.#scene.claims.electors().length === 0 ||
      this.besideOriginal ||
      !this.#scene.holdings.has("acquiring", "held")
    )
      return;
    this.#scene.stalled = true;
    const because = `we were silent for ${Math.round(silence)} ms, so the others hold us dead`;
    for (const unit of this.#scene.holdings.all()) this.#scene.release(unit, because, true);
  }

  #unitUp(unit: Unit, ok: boolean, now: Instant): void {
    if (unit.state !== "acquiring") return;
    unit.state = ok ? "held" : "none";
    if (!ok) {
      unit.failedAt = unit.term;
      unit.needsFailback = false;
      this.#surrenders.startFailed(unit, now);
    }
    if (this.#scene.holdings.busy) return;
    if (this.#moves.phase === "acquiring") this.#moves.exchange({ on: "acquired" }, now);
    else if (this.#scene.phase === "stable") this.#scene.reportOurs();
  }

  /** It failed here after it had run, so another node tries it; while something else is under way with it, that decides. */
  #unitLost(unit: Unit, now: Instant): void {
    if (unit.state !== "held") return;
    unit.state = "none";
    unit.failedAt = unit.term;
    unit.needsFailback = false;
    unit.giveTo = undefined;
    this.#surrenders.lost(unit, now);
    if (!this.#scene.holdings.busy && this.#scene.phase === "stable") this.#scene.reportOurs();
  }

  /** An unclean end may come by itself: a start or a service failed, and what was left of the group would not stop. */
  #unitDown(unit: Unit, clean: boolean, now: Instant): void {
    if (unit.state === "none" || unit.state === "claiming" || (clean && unit.state !== "releasing")) return;
    unit.state = clean ? "none" : "held";
    if (!clean) {
      unit.because = "it would not stop";
      unit.needsFailback = false;
      unit.yielded = false;
      unit.giveTo = undefined;
      if (this.#moves.phase === "releasing")
        this.#scene.say({ say: "resource", held: this.#scene.word, stable: false, info: standbyFailed });
      this.#moves.exchange({ on: "stuck" }, now);
    }
    const share = this.#scene.holdings.share(unit.owner);
    if (share.every(({ state }) => state !== "releasing"))
      this.#legacy.released(
        unit.owner,
        share.every(({ state }) => state !== "held"),
      );
    if (this.#scene.holdings.has("releasing")) return;
    this.#scene.stalled = false;
    if (this.#moves.phase === "releasing") this.#moves.exchange({ on: "released" }, now);
    else if (this.#scene.phase === "stable") this.#scene.reportOurs();
  }

  #stop(now: Instant): void {
    if (this.#scene.leaving) return this.#leaving.askedAgain(now);
    this.#deadlines.clear();
    this.#legacy.calm();
    this.#surrenders.calm();
    this.#fitness.calm();
    this.#leaving.begin(this.#adopted, now);
  }

  // --- Judgement ------------------------------------------------------------------------------------------------------

  /** Looks at every unit after every input. */
  #consider(now: Instant): void {
    const units = this.#scene.holdings.all();
    if (this.#scene.phase === "init") {
      // What the last core held may be held elsewhere by now, however long it takes until all others are heard (quirk 234).
      if (this.#adopted) for (const unit of units) this.#judgement.considerConflict(unit);
      return;
    }
    this.#orders.consider(now);
    for (const unit of units) this.#moves.consider(unit, now);
    if (this.#scene.phase === "shutdown") return this.#leaving.consider(now);
    this.#legacy.askLegacyPeers(now);
    this.#surrenders.consider(now);
    this.#fitness.consider(now);
    for (const unit of units) this.#judgement.consider(unit);
    // The standby exchange acquires what may already be up: then nothing else would report the end.
    if (this.#moves.phase === "acquiring" && !this.#scene.holdings.busy) this.#moves.exchange({ on: "acquired" }, now);
    if (this.#moves.phase === "releasing" && !this.#scene.holdings.has("releasing"))
      this.#moves.exchange({ on: "released" }, now);
    this.#considerSettled();
    this.#moves.failback(now);
  }

  #originalStartDue(now: Instant): void {
    if (
      !this.#deadlines.due(now).includes("original-start") ||
      this.#scene.phase === "stable" ||
      this.#scene.phase === "shutdown"
    )
      return;
    for (const unit of this.#scene.holdings.own())
      if (unit.state === "none" && unit.failedAt === undefined && this.#scene.claims.holder(unit) === undefined)
        this.#scene.acquire(unit, "the other node was silent about it for 10 s");
    this.#scene.log("local-stable", "info", "local resource transition completed.");
  }

  /** The start is over when our own share is decided: held, held elsewhere, given away, not to be started, or not to be touched. */
  #considerSettled(): void {
    if (this.#scene.phase === "stable") return;
    const { claims, config, maintenance } = this.#scene;
    const undecided = this.#scene.holdings.own().filter((unit) => {
      const { state, failedAt } = unit;
      const open = state !== "acquiring" && state !== "held" && failedAt === undefined;
      return open && !claims.isBarred(config.self, unit);
    });
    const holders = undecided.map((unit) => claims.holders(unit).find((peer) => peer.settled));
    if (!maintenance.on && holders.includes(undefined)) return;
    const [elsewhere] = holders;
    if (elsewhere !== undefined && undecided.length === this.#scene.holdings.own().length)
      this.#scene.log(
        "local-elsewhere",
        "info",
        "Local Resource acquisition completed. (none)",
        `${elsewhere.name} holds them`,
      );
    this.#deadlines.clear();
    this.#legacy.calm();
    this.#scene.move("settled");
    this.#scene.reportOurs();
  }
}
