/**
 * The planned hand-over between two nodes: `me`, `other`, release, `done`, acquire, `done`.
 *
 * Either side may be an original. The sets travel as the giver sees them, so the taker mirrors local and foreign. `done` is
 * sent whether or not every script succeeded: a peer that waits for it is locked for an hour otherwise. Every phase has a
 * time limit, after which both sides forget the hand-over: a short one while the other side has only to answer, a long one
 * while scripts run.
 *
 * Source: docs/reference/resources.md, section 10. Deviations: when no other node is alive the request is refused at once; what
 * would not stop is not handed over (quirk 17).
 */

import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import { after, type Instant, type NodeName, type Seq, seq } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import { standbyAnswerMax, standbyPhaseMax } from "../limits.ts";
import type { Machine } from "../machine.ts";
import type { HoldWord } from "../view.ts";

/** As the giver: asked, releasing, handing-over. As the taker: agreed, awaiting (the giver's release runs), acquiring. */
export type StandbyPhase = "none" | "asked" | "releasing" | "handing-over" | "agreed" | "awaiting" | "acquiring";

export type StandbyInput =
  /** An `ask_resources` message; our own arrive from the control FIFO or from failback. */
  | {
      readonly on: "message";
      readonly from: NodeName;
      readonly seq: Seq;
      readonly set: HoldWord;
      readonly info: string | undefined;
    }
  | { readonly on: "released" }
  /** Something would not stop: the other side must not start it. */
  | { readonly on: "stuck" }
  /** The giver says that its release has begun. */
  | { readonly on: "releasing"; readonly from: NodeName }
  /** The giver says that something would not stop. */
  | { readonly on: "called-off"; readonly from: NodeName; readonly seq: Seq }
  | { readonly on: "acquired" }
  | { readonly on: "peer-dead"; readonly node: NodeName }
  | { readonly on: "deadline" };

export type StandbyOutput =
  | { readonly is: "say"; readonly set: HoldWord; readonly info: "other" | "done" }
  /** Give up this set; `released` is expected back. */
  | { readonly is: "release"; readonly set: HoldWord; readonly to: NodeName }
  /** Take this set (as the giver sees it); `acquired` is expected back. */
  | { readonly is: "acquire"; readonly set: HoldWord; readonly from: NodeName }
  /** It is over, well or not. */
  | { readonly is: "ended"; readonly completed: boolean }
  | { readonly is: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string };

/** What the machine must know of the world to judge a request. */
export interface StandbySurroundings {
  readonly peerSettled: boolean;
  readonly ownStable: boolean;
  /** A start or stop is under way here: what is being started cannot be given away. */
  readonly ownBusy: boolean;
}

export class Standby implements Machine<StandbyInput, StandbyOutput> {
  readonly #self: NodeName;
  readonly #surroundings: () => StandbySurroundings;
  readonly #deadline = new Deadlines<"limit">();
  #phase: StandbyPhase = "none";
  #set: HoldWord = "none";
  #other: NodeName | undefined;
  /** The number of the message that asked us: older news of the giver is from before it. */
  #askedBy: Seq = seq(0);

  constructor(self: NodeName, surroundings: () => StandbySurroundings) {
    this.#self = self;
    this.#surroundings = surroundings;
  }

  get phase(): StandbyPhase {
    return this.#phase;
  }

  step(input: StandbyInput, now: Instant): readonly StandbyOutput[] {
    switch (input.on) {
      case "message":
        return this.#message(input, now);
      case "released":
        if (this.#phase !== "releasing") return [];
        this.#enter("handing-over", now);
        return [
          log("standby-released", "info", `Local standby process completed [${this.#set}].`),
          { is: "say", set: this.#set, info: "done" },
        ];
      case "stuck":
        if (this.#phase !== "releasing") return [];
        return [
          log("standby-stuck", "error", `Not everything of [${this.#set}] could be stopped: it is not handed over.`),
          this.#end(false),
        ];
      case "releasing":
        if (this.#phase === "agreed" && input.from === this.#other) this.#enter("awaiting", now);
        return [];
      case "called-off": {
        const waiting = this.#phase === "agreed" || this.#phase === "awaiting";
        if (!waiting || input.from !== this.#other || input.seq <= this.#askedBy) return [];
        return [log("standby-called-off", "warn", `${input.from} did not give up [${this.#set}].`), this.#end(false)];
      }
      case "acquired":
        if (this.#phase !== "acquiring") return [];
        return [
          log("standby-acquired", "info", `Standby resource acquisition done [${this.#set}].`),
          { is: "say", set: this.#set, info: "done" },
          this.#end(true),
        ];
      case "peer-dead":
        if (this.#phase === "none") return [];
        return [log("standby-cancelled", "info", "Cancelling pending standby operation"), this.#end(false)];
      case "deadline":
        if (this.#deadline.due(now).length === 0) return [];
        return [
          log("standby-no-reply", "warn", "No reply to standby request.  Standby request cancelled."),
          this.#end(false),
        ];
      default:
        return unreachable(input);
    }
  }

  nextDeadline(): Instant | undefined {
    return this.#deadline.next();
  }

  #message(
    { from, seq: number, set, info }: Extract<StandbyInput, { on: "message" }>,
    now: Instant,
  ): readonly StandbyOutput[] {
    if (info === undefined) return [log("standby-malformed", "error", "Received standby message without info/from")];
    const own = from === this.#self;
    if (info === "me" && this.#phase !== "none") {
      const left = Math.ceil(((this.#deadline.next() ?? now) - now) / 1000);
      const text = `Standby in progress- new request from ${from} ignored [${left} seconds left]`;
      return [log("standby-busy", "warn", text)];
    }
    if (this.#phase === "none") {
      const { peerSettled, ownStable, ownBusy } = this.#surroundings();
      const ignored = `standby message [${info}] from ${from} ignored. `;
      if (!peerSettled) return [log("standby-other-in-flux", "warn", `${ignored} Other side is in flux.`)];
      if (!ownStable || (own && ownBusy))
        return [log("standby-own-in-flux", "warn", `${ignored} local resources in flux.`)];
    }
    switch (`${this.#phase} ${info} ${own ? "own" : "theirs"}`) {
      case "none me own":
        this.#begin("asked", set, undefined, now);
        return [log("standby-wanted", "info", `${from} wants to go standby [${set}]`)];
      case "none me theirs":
        this.#begin("agreed", set, from, now);
        this.#askedBy = number;
        return [
          log("standby-wanted", "info", `${from} wants to go standby [${set}]`),
          { is: "say", set, info: "other" },
        ];
      case "asked other theirs":
        this.#begin("releasing", set, from, now);
        return [
          log("standby-agreed", "info", `standby: ${from} can take our ${set} resources`),
          { is: "release", set, to: from },
        ];
      case "agreed done theirs":
      case "awaiting done theirs":
        this.#enter("acquiring", now);
        return [
          log("standby-acquire", "info", `standby: acquire [${set}] resources from ${from}`),
          { is: "acquire", set: this.#set, from },
        ];
      case "handing-over done theirs":
        return [
          log("standby-completed", "info", `Other node completed standby takeover of ${this.#set} resources.`),
          this.#end(true),
        ];
      default:
        return [
          log("standby-unexpected", "info", `Ignored standby message '${info}' from ${from} in state ${this.#phase}`),
        ];
    }
  }

  #begin(phase: StandbyPhase, set: HoldWord, other: NodeName | undefined, now: Instant): void {
    this.#set = set;
    this.#other = other;
    this.#enter(phase, now);
  }

  #enter(phase: StandbyPhase, now: Instant): void {
    this.#phase = phase;
    this.#deadline.set(
      "limit",
      after(now, phase === "asked" || phase === "agreed" ? standbyAnswerMax : standbyPhaseMax),
    );
  }

  #end(completed: boolean): StandbyOutput {
    this.#phase = "none";
    this.#other = undefined;
    this.#deadline.clear();
    return { is: "ended", completed };
  }

  /** The node at the other end of the hand-over, once known. */
  get other(): NodeName | undefined {
    return this.#other;
  }
}

const log = (id: LogId, level: LogLevel, text: string): StandbyOutput => ({ is: "log", id, level, text });
