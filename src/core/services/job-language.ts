/** What the job of one group is told, what it tells, and what it remembers. */
import type { Resource, ResourceGroup } from "../../agents/resource.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import type { LogLevel } from "../effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../input.ts";
import type { GroupState, ResourceView } from "../view.ts";
import type { ProgramResource } from "./time-limits.ts";

export type JobOutput =
  | {
      readonly is: "run";
      readonly resource: ProgramResource;
      readonly action: "start" | "stop" | "status";
    }
  | {
      readonly is: "address";
      readonly resource: Extract<Resource, { kind: "address" }>;
      readonly action: "add" | "remove";
    }
  | { readonly is: "announce"; readonly address: HeldAddress }
  /** Stop the repeats of the announcement. */
  | { readonly is: "silence"; readonly address: HeldAddress }
  /** Feed `retry` after the stop pause. */
  | { readonly is: "retry-later" }
  /** It still runs after every retry. The group goes on stopping what is left of it. */
  | { readonly is: "stuck"; readonly resource: Resource }
  | { readonly is: "up"; readonly ok: boolean }
  /** It was up, a resource of it failed, and it is up again. */
  | { readonly is: "recovered" }
  /** It was up, a resource of it failed for good, and all of it is stopped. */
  | { readonly is: "lost" }
  | { readonly is: "down"; readonly clean: boolean }
  | { readonly is: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string };

export type JobInput =
  | { readonly on: "start" }
  /** `urgent`: addresses first. */
  | { readonly on: "stop"; readonly urgent?: boolean }
  /** A running resource has failed: start it anew, with those behind it. */
  | { readonly on: "recover"; readonly index: number; readonly why: string }
  /** A running resource has failed, and starting it anew would not help: stop the group. */
  | { readonly on: "give-up"; readonly index: number; readonly why: string }
  | { readonly on: "retry" }
  /** The order that was to follow from what was recalled was never given. */
  | { readonly on: "resume" }
  | { readonly on: "agent"; readonly outcome: AgentOutcome }
  | { readonly on: "address"; readonly outcome: AddressOutcome };

/** What the group waits for. */
export interface Step {
  readonly index: number;
  readonly asking: "status" | "start" | "stop" | "stop-status" | "pause";
  readonly attempt: number;
}

/** All that a job knows, as plain data. */
export interface JobMemory {
  readonly group: ResourceGroup;
  readonly state: GroupState;
  /** One for each resource. */
  readonly slots: readonly {
    readonly state: ResourceView["state"];
    readonly touched: boolean;
    readonly address?: HeldAddress;
  }[];
  readonly step?: Step;
  readonly wantDown: boolean;
  readonly urgent: boolean;
  readonly startFailed: boolean;
  readonly stopFailed: boolean;
  readonly wasUp: boolean;
  readonly recoverFrom?: number;
  readonly failedAddress?: number;
  readonly because: string;
}
