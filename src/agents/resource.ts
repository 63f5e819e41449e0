/**
 * What a line of haresources names: groups of resources, and what each resource is.
 *
 * Source: docs/reference/resources.md, section 2.
 */
import type { NodeName } from "../base/units.ts";

/**
 * `IP[/maskbits[/INTERFACE[/BROADCAST]]]` or `IP/maskbits/BROADCAST`, of version 6 `IP[/PREFIX[/INTERFACE]]`; what is missing comes from
 * the routing table.
 */
export interface AddressSpec {
  /** In the one form that every address has. */
  readonly ip: string;
  readonly prefix?: number;
  readonly device?: string;
  readonly broadcast?: string;
}

export type Resource =
  /** A service address, handled by the daemon itself (`10.0.0.1/24/eth0` or `IPaddr::...`). */
  | { readonly kind: "address"; readonly text: string; readonly address: AddressSpec }
  | ({ readonly text: string } & ProgramCall);

/** `script`: of /etc/ha.d/resource.d or /etc/init.d; `ocf`: an agent; `systemd`: a unit. */
export type ProgramKind = "script" | "ocf" | "systemd";

export interface ProgramCall {
  readonly kind: ProgramKind;
  /** The script's name, PROVIDER/TYPE of an agent, or the unit. */
  readonly script: string;
  /** Arguments that stand before the action; NAME=VALUE for an agent. */
  readonly args: readonly string[];
}

export interface ResourceGroup {
  /** The first resource's text, verbatim: the group's name in every message, log line and script call. */
  readonly key: string;
  /** The preferred node: the first column. */
  readonly owner: NodeName;
  readonly resources: readonly Resource[];
}

export type AgentAction = "start" | "stop" | "status";
