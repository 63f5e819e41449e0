/** What the take-over is told, what it says to the other nodes, and what it orders. */

import type { ResourceGroup } from "../../agents/resource.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import type { Instant, Milliseconds, NodeName, Seq } from "../../base/units.ts";
import type { Reach } from "../connectivity/node-health.ts";
import type { LogLevel } from "../effect.ts";
import type { Machine } from "../machine.ts";
import type { HoldWord } from "../view.ts";
import type { Maintenance, SuccessorState } from "./successor.ts";
import type { UnitId, UnitTable } from "./units.ts";

/** What a node says of its resources. */
export interface ResourceReport {
  readonly seq: Seq;
  readonly held: HoldWord;
  readonly full: boolean;
  readonly stable: boolean | undefined;
  readonly info: string | undefined;
}

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
      /** Of one that returned: so many messages it sent while it was silent; absent: not known. */
      readonly unheard?: number;
    }
  | { readonly on: "peer-dead"; readonly node: NodeName }
  /** A silent node runs nothing any more. */
  | { readonly on: "peer-fenced"; readonly node: NodeName; readonly because: string }
  | { readonly on: "starting"; readonly from: NodeName }
  | ({ readonly on: "resource"; readonly from: NodeName } & ResourceReport)
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
  /** A start ended; `ok` is false when it failed, and what had started is stopped again. */
  | { readonly on: "unit-up"; readonly unit: UnitId; readonly ok: boolean }
  /** It was up, a resource of it failed for good, and all of it is stopped. */
  | { readonly on: "unit-lost"; readonly unit: UnitId }
  /** What kept it from running here may be over. */
  | { readonly on: "unit-able"; readonly unit: UnitId }
  /** Why this node must not hold anything; undefined: it may again. */
  | { readonly on: "fitness"; readonly unfit: string | undefined }
  /** A stop ended; `clean` is false when something would not stop. */
  | { readonly on: "unit-down"; readonly unit: UnitId; readonly clean: boolean }
  /** What somebody typed: `answered` comes back in the same step. */
  | { readonly on: "order"; readonly order: OperatorOrder }
  /** We woke after our own dead time: the others must have given us up. */
  | { readonly on: "overslept"; readonly silence: Milliseconds }
  /** We are the next core of this node: what the last one held is ours. `idle`: held, but nothing of it runs. */
  | { readonly on: "adopt"; readonly holdings: KeptHoldings; readonly idle: ReadonlySet<UnitId> }
  | { readonly on: "stop" }
  | { readonly on: "deadline" };

export type OperatorOrder =
  /** Try again what did not start; undefined: all of it. */
  | { readonly do: "cleanup"; readonly group: string | undefined }
  /** Undefined: to the node that is next. */
  | { readonly do: "move"; readonly group: string; readonly to: string | undefined }
  | { readonly do: "maintenance"; readonly on: boolean };

/** `says` is for people: what happens now, or why nothing does. */
export interface OperatorAnswer {
  readonly ok: boolean;
  readonly says: string;
  /** Of a move: where the group goes. */
  readonly to?: string;
}

/** What a core leaves to the next one of who holds what. */
export interface KeptHoldings {
  readonly units: readonly KeptUnit[];
  /** Silent nodes that were not fenced yet. */
  readonly unfenced: readonly NodeName[];
  /** Silent nodes about which nothing is to be done any more. */
  readonly off: readonly NodeName[];
  readonly maintenance: Maintenance;
}

/** A unit that was held or moving, or could not be started. */
export interface KeptUnit {
  readonly id: UnitId;
  readonly state: "none" | "acquiring" | "held" | "releasing";
  readonly term: number;
  readonly needsFailback: boolean;
  readonly failedAt?: number;
  readonly because: string;
}

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
  | { readonly is: "acquire"; readonly unit: UnitId; readonly because: string }
  /** `urgent`: addresses first, somebody else may have them already. */
  | { readonly is: "release"; readonly unit: UnitId; readonly because: string; readonly urgent: boolean }
  /** Nothing can be taken before this silent node was switched off: ends in `peer-fenced`, unless it is heard again. `theyHold`: undefined if it never was. */
  | { readonly is: "fence"; readonly node: NodeName; readonly weHold: boolean; readonly theyHold: boolean | undefined }
  /** Somebody else may have answered for these addresses: tell the network again. */
  | { readonly is: "reannounce"; readonly unit: UnitId }
  /** Its addresses may be up on two nodes for a moment; `offered` is false when nothing came of it. */
  | { readonly is: "offer"; readonly unit: UnitId; readonly offered: boolean }
  /** An operator has looked at what failed there. */
  | { readonly is: "forgiven"; readonly unit: UnitId }
  | { readonly is: "answered"; readonly answer: OperatorAnswer }
  | {
      readonly is: "log";
      readonly id: LogId;
      readonly level: LogLevel;
      readonly text: string;
      readonly because?: string;
      /** The group that it is about, if it is about one. */
      readonly group?: string;
    }
  /** Nothing is held any more and `shutdone` was said. */
  | { readonly is: "left" };

/** One unit as people and programs see it. */
export interface UnitReport {
  readonly holder: NodeName | undefined;
  /** Not up there yet. */
  readonly starting: boolean;
  /** Why it is where it is. */
  readonly because: string;
  /** It is being handed over. */
  readonly movingTo: NodeName | undefined;
  /** Nodes on which it did not start. */
  readonly failedOn: readonly string[];
}

/** What a node says of itself. */
export interface PeerReport {
  readonly word: HoldWord;
  readonly settled: boolean;
  /** Nothing is to be held there. */
  readonly unfit: boolean;
  readonly version: string | undefined;
}

/** Who decides what runs here, and what the rest of the node asks of him. */
export interface Steward extends Machine<TakeoverInput, TakeoverOutput> {
  readonly phase: string;
  readonly word: HoldWord;
  /** Nothing moves. */
  readonly settled: boolean;
  /** Nothing of ours moves: the process may be replaced. */
  readonly quiet: boolean;
  /** Grows with whatever changes of what we say of ourselves. */
  readonly changes: number;
  readonly besideOriginal: boolean;
  /** How many ping nodes answer us, and the best of the others. */
  reach(): Reach;
  /** For the next core. */
  memory(): KeptHoldings;
  /** What goes into our `hb4` field. */
  state(): SuccessorState;
  /** The same as it is sent. */
  successor(): string;
  readonly table: UnitTable;
  readonly maintenance: boolean;
  unit(id: UnitId): UnitReport;
  /** We hold it in peace, and another node could have it instead. */
  couldGo(id: UnitId, now: Instant): boolean;
  /** Groups that prefer this node. */
  groupsOf(owner: NodeName): readonly UnitId[];
  /** The key of its group; undefined: it is a whole share. */
  groupOf(id: UnitId): string | undefined;
  /** How people call a unit. */
  keyOf(id: UnitId): string;
  peer(node: NodeName): PeerReport;
}

export interface TakeoverConfig {
  readonly self: NodeName;
  readonly nodes: readonly NodeName[];
  readonly autoFailback: boolean;
  readonly version: string;
  /** How long nodes are waited for that are there and take no part; absent: for ever. */
  readonly deadtime?: Milliseconds;
  readonly keepalive?: Milliseconds;
  /** How many ping nodes answer us now; absent: none are configured. */
  readonly pings?: () => number;
  /** Of all nodes. */
  readonly groups?: readonly ResourceGroup[];
  /** The keys of our own groups: what an original in legacy mode is asked for. */
  readonly ownGroups?: readonly string[];
  /** `auto_failback legacy` */
  readonly legacy?: boolean;
  /** Whether a silent node can be switched off, and therefore must be; absent: none can. */
  readonly canFence?: (node: NodeName) => boolean;
}
