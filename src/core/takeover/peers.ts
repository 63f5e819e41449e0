/** What a node knows of each other node's resources, whichever generation of the software it runs. */
import { type NodeName, type Seq, seq } from "../../base/units.ts";
import { unheededReportsMax } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import type { ResourceReport } from "./language.ts";
import type { SuccessorState } from "./successor.ts";
import type { UnitId, UnitSketch } from "./units.ts";
import { addTo, sharesOf } from "./words.ts";

export class Peer {
  readonly name: NodeName;
  /** Heard, and not declared dead since. */
  alive = false;
  /** Heard, or held dead, since this process began. */
  known = false;
  /** It announced status `active`. */
  active = false;
  /** What it says of itself in `hb4`; undefined: an original. */
  state: SuccessorState | undefined;
  /** The last hold word of a `resource` message. */
  word: HoldWord = "none";
  /** What an original that releases has taken back already: it counts as held until it says that it is done (quirk 143). */
  retreating: HoldWord = "none";
  /** It said so in a `resource` message, or has long been through its start when we first hear it. */
  saysStable = false;
  /** It said that it moves something. */
  saidMoving = false;
  /** That has ended, by its own word, too: it is not about to give all up and start anew. */
  cameToRest = false;
  /** A `resource` message arrived since it (re)started. */
  reported = false;
  /** It said `shutdone`: it released everything and is about to go. */
  left = false;
  /** It said `starting`, which nobody does in legacy mode. */
  saidStarting = false;
  /** It is silent and may still run anything, until it is fenced. */
  unfenced = false;
  /** It is silent, and the last core of this node has done what was to be done about that. */
  seenTo = false;
  /** It was started again and has taken no part for so long that its share does not wait for it any more. */
  overdue = false;
  /** It has held us dead for our dead time, though we hear it. */
  deaf = false;
  /** An original that is heard again after it was held dead: within some seconds it may give all up and start anew. */
  mayStartAnew = false;
  /** It speaks the protocol of version 1.0: it reports nothing, and knows no standby. */
  legacy = false;
  /** Groups of ours that it said we may start. */
  readonly answered = new Set<string>();
  /** The message that told us last what it holds: older ones arrive late and must not be believed. */
  #toldBy: Seq = seq(0);
  /** Likewise of its reports. */
  #lastReport: Seq = seq(0);
  /** The highest number of both before it was silent, or of the process before this one. */
  #before: Seq = seq(0);
  /** What it reported while it was held dead, in the order of arrival. */
  #unheeded: ResourceReport[] = [];

  constructor(name: NodeName) {
    this.name = name;
  }

  /** A new process, or none: whatever it said before is void. */
  forget(): void {
    this.active = false;
    this.state = undefined;
    this.word = "none";
    this.retreating = "none";
    this.saysStable = false;
    this.saidMoving = false;
    this.cameToRest = false;
    this.reported = false;
    this.left = false;
    this.saidStarting = false;
    this.legacy = false;
    this.overdue = false;
    this.deaf = false;
    this.mayStartAnew = false;
    this.answered.clear();
    this.#unheeded = [];
    this.#before = seq(Math.max(this.#toldBy, this.#lastReport));
    this.#toldBy = seq(0);
    this.#lastReport = seq(0);
  }

  /** An original that has not said a word by which its mode could be told. */
  get mute(): boolean {
    return this.original && this.active && !this.reported && !this.saidStarting;
  }

  /** It starts this share now, and has no other way to say so. */
  startsInLegacyMode(share: NodeName): void {
    this.legacy = true;
    this.reported = true;
    this.saysStable = true;
    this.word = addTo(this.word, share === this.name ? "local" : "foreign");
  }

  /** It is held dead: only a status proves that it lives, and then this counts, if it was not said before the silence. */
  setAside(report: ResourceReport): void {
    if (report.seq > this.#before) this.#unheeded = [...this.#unheeded, report].slice(-unheededReportsMax);
  }

  /** It lives. */
  takeUnheeded(): readonly ResourceReport[] {
    const reports = this.#unheeded;
    this.#unheeded = [];
    return reports;
  }

  /** False for a report that a newer one has overtaken: it was lost and sent again. */
  isLatestReport(number: Seq): boolean {
    if (number < this.#lastReport) return false;
    this.#lastReport = number;
    return true;
  }

  /** True, and remembered, when a message of this number is news. */
  isNews(number: Seq): boolean {
    if (number < this.#toldBy) return false;
    this.#toldBy = number;
    return true;
  }

  /** It said that it released everything, before its next status could say so. */
  releasedAll(): void {
    this.retreating = "none";
    if (this.state !== undefined) this.state = { ...this.state, holds: new Map<UnitId, number>() };
  }

  /** A new word, for what it says and for what may still run: an original takes its word back before it releases anything. */
  says(word: HoldWord, releasing: boolean): void {
    this.retreating = releasing ? union(this.retreating, this.word) : "none";
    this.word = word;
  }

  get original(): boolean {
    return this.state === undefined;
  }

  /** It takes part in decisions: alive and not on its way out. */
  get present(): boolean {
    return this.alive && !this.left && !(this.state?.leaving ?? false);
  }

  /** It may take resources now. */
  get willing(): boolean {
    return this.present && this.active && this.settled;
  }

  /** Nothing is moving there as far as it tells us. */
  get settled(): boolean {
    return this.state === undefined ? this.saysStable : this.state.ready;
  }

  holds({ id, owner }: UnitSketch, nodes: readonly NodeName[]): boolean {
    if (this.unfenced) return true;
    if (!this.alive) return false;
    if (this.state !== undefined) return this.state.holds.has(id);
    return sharesOf(this.word, this.name, nodes).includes(owner);
  }

  /** Should it die now, something may be active there. */
  get mayHold(): boolean {
    if (this.state !== undefined) return this.state.holds.size > 0;
    return union(this.word, this.retreating) !== "none";
  }
}

const union = (a: HoldWord, b: HoldWord): HoldWord => (b === "none" ? a : addTo(a, b));
