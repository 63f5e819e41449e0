/** What the take-over is told, what it says to the other nodes, and what it orders. */
import type { Milliseconds, NodeName, Seq } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import type { Machine } from "../machine.ts";
import type { HoldWord } from "../view.ts";
import type { SuccessorState } from "./successor.ts";

export type TakeoverInput =
  | { readonly on: "comm-up" }
  /** Any status message of a peer; `state` is its `hb4` field. */
  | {
      readonly on: "peer-status";
      readonly node: NodeName;
      readonly seq: Seq;
      readonly active: boolean;
      readonly state: SuccessorState | undefined;
      /** It is a new process, or the old one that we had given up for dead: what it said before is void. */
      readonly anew?: "restarted" | "returned";
    }
  | { readonly on: "peer-dead"; readonly node: NodeName }
  | { readonly on: "starting"; readonly from: NodeName }
  | {
      readonly on: "resource";
      readonly from: NodeName;
      readonly seq: Seq;
      readonly held: HoldWord;
      readonly full: boolean;
      readonly stable: boolean | undefined;
      readonly info: string | undefined;
    }
  | {
      readonly on: "ask-resources";
      readonly from: NodeName;
      readonly seq: Seq;
      readonly set: HoldWord;
      readonly info: string | undefined;
    }
  /** `hb_standby` here: nothing is said to the others unless it can begin. */
  | { readonly on: "standby-request"; readonly set: HoldWord }
  /** `hb_takeover` on another node: it wants the set, which is in its own words. */
  | { readonly on: "take-over-request"; readonly from: NodeName; readonly set: HoldWord }
  /** A node in legacy mode wants to start a group of this share; undefined: no group that we know. */
  | {
      readonly on: "release-request";
      readonly from: NodeName;
      readonly group: string;
      readonly owner: NodeName | undefined;
    }
  /** Another node has given up a group of ours, or never had it. */
  | { readonly on: "release-reply"; readonly from: NodeName; readonly group: string }
  | { readonly on: "shutdown-done"; readonly from: NodeName; readonly seq: Seq }
  /** Every group of the share ended its start, well or not. */
  | { readonly on: "share-up"; readonly share: NodeName }
  /** Every group of the share ended its stop; `clean` is false when something would not stop. */
  | { readonly on: "share-down"; readonly share: NodeName; readonly clean: boolean }
  /** We woke after our own dead time: the others must have given us up. */
  | { readonly on: "overslept"; readonly silence: Milliseconds }
  | { readonly on: "stop" }
  | { readonly on: "deadline" };

export type TakeoverMessage =
  | { readonly say: "starting" }
  | { readonly say: "resource"; readonly held: HoldWord; readonly stable: boolean; readonly info?: string }
  | { readonly say: "ask-resources"; readonly set: HoldWord; readonly info: "me" | "other" | "done" }
  | { readonly say: "release-request"; readonly group: string }
  | { readonly say: "release-reply"; readonly to: NodeName; readonly group: string; readonly owned: boolean }
  | { readonly say: "shutdown-done" }
  | { readonly say: "stonith"; readonly node: NodeName; readonly result: "n_stnth" | "unneeded" };

export type TakeoverOutput =
  | { readonly is: "say"; readonly message: TakeoverMessage }
  /** Our `hb4` state changed: send a status now. */
  | { readonly is: "state-changed" }
  | { readonly is: "acquire"; readonly share: NodeName; readonly because: string }
  /** `urgent`: addresses first, somebody else may have them already. */
  | { readonly is: "release"; readonly share: NodeName; readonly because: string; readonly urgent: boolean }
  /** Somebody else may have answered for these addresses: tell the network again. */
  | { readonly is: "reannounce"; readonly share: NodeName }
  | {
      readonly is: "log";
      readonly id: string;
      readonly level: LogLevel;
      readonly text: string;
      readonly because?: string;
    }
  /** Nothing is held any more and `shutdone` was said. */
  | { readonly is: "left" };

/** Who decides what runs here, and what the rest of the node asks of him. */
export interface Steward extends Machine<TakeoverInput, TakeoverOutput> {
  readonly phase: string;
  readonly word: HoldWord;
  /** Nothing moves. */
  readonly settled: boolean;
  readonly besideOriginal: boolean;
  /** What goes into our `hb4` field. */
  state(): SuccessorState;
  /** The node that holds a share as far as we know, and why it is where it is when that is us. */
  holder(owner: NodeName): { readonly node: NodeName | undefined; readonly because: string };
  peer(node: NodeName): { readonly word: HoldWord; readonly settled: boolean; readonly version: string | undefined };
}

export interface TakeoverConfig {
  readonly self: NodeName;
  readonly nodes: readonly NodeName[];
  readonly autoFailback: boolean;
  readonly version: string;
  /** How many ping nodes answer us now; absent: none are configured. */
  readonly pings?: () => number;
  /** The keys of our own groups: what an original in legacy mode is asked for. */
  readonly ownGroups?: readonly string[];
  /** `auto_failback legacy` */
  readonly legacy?: boolean;
}
