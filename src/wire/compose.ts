/**
 * The messages a node sends, with exactly the original's fields in exactly its order, before the header is stamped.
 *
 * Source: docs/reference/wire-protocol.md, section 7.2. Addition: `hb4` in `status` and `resource`, which the original
 * ignores.
 */
import type { Milliseconds, NodeName, Seq } from "../base/units.ts";
import { f } from "./fields.ts";
import type { Acknowledgement, FencingResult, HoldWord } from "./kinds.ts";
import { type Message, text } from "./message.ts";
import { hex } from "./numbers.ts";

export interface Status {
  /** `init` in the first message of a process, then `up`, then `active`. */
  readonly status: string;
  /** The silence after which others may declare us dead. */
  readonly deadtime: Milliseconds;
  /** What we are and can do; absent: look like an original. */
  readonly successor?: string;
  /** What our configuration says, for a successor whose own differs. */
  readonly configuration?: string | undefined;
  /** What else it has to acknowledge to successors. */
  readonly acknowledgements?: readonly Acknowledgement[];
}

export const status = ({ status, deadtime, successor, configuration, acknowledgements = [] }: Status): Message => [
  text(f.type, "status"),
  text(f.status, status),
  text(f.deadtime, hex(deadtime)),
  text(f.protocol, "1"),
  ...optional(f.successor, successor),
  ...optional(f.configuration, configuration),
  ...(acknowledgements.length === 0 ? [] : [text(f.acknowledgements, acknowledgementText(acknowledgements))]),
];

const acknowledgementText = (all: readonly Acknowledgement[]): string =>
  all.map(({ originator, upTo }) => `${originator}:${hex(upTo)}`).join(" ");

/** What a ping node is to say in our name when it echoes; `wallSeconds` is that of the status it accompanies. */
export const pingStatus = (kind: "ping" | "ping6" | "ping_group", node: NodeName, wallSeconds: number): Message => [
  text(f.type, "NS_st"),
  text(f.status, "ping"),
  text(f.info, kind),
  text(f.originator, node),
  text(f.time, hex(wallSeconds)),
];

export const ack = (originator: NodeName, upTo: Seq): Message => [
  text(f.type, "NS_ackmsg"),
  text(f.destination, originator),
  text(f.acknowledged, hex(upTo)),
];

/** Sequence numbers are decimal here, and only here. */
export const retransmitRequest = (originator: NodeName, first: Seq, last: Seq): Message => [
  text(f.type, "NS_rexmit"),
  text(f.destination, originator),
  text(f.firstSeq, String(first)),
  text(f.lastSeq, String(last)),
];

export const retransmitRefusal = (
  requester: NodeName,
  refused: Seq,
  info: "seqno too low" | "seqno not found",
): Message => [
  text(f.type, "NS_nak_rexmit"),
  text(f.firstSeq, hex(refused)),
  text(f.destination, requester),
  text(f.info, info),
];

export const nodesRequest = (node: NodeName): Message => [text(f.type, "reqnodes"), text(f.destination, node)];

export const nodesReply = (requester: NodeName, nodes: readonly NodeName[], deleted: readonly NodeName[]): Message => [
  text(f.destination, requester),
  text(f.type, "repnodes"),
  text(f.nodes, eachWithBlank(nodes)),
  text(f.deletedNodes, eachWithBlank(deleted)),
];

/** An empty list is a single blank. */
const eachWithBlank = (names: readonly NodeName[]): string =>
  names.length === 0 ? " " : names.map((name) => `${name} `).join("");

export const addNodes = (nodes: readonly NodeName[]): Message => [
  text(f.type, "addnode"),
  text(f.nodes, nodes.join(" ")),
];

export const deleteNodes = (nodes: readonly NodeName[]): Message => [
  text(f.type, "delnode"),
  text(f.nodes, nodes.join(" ")),
];

export const setWeight = (node: NodeName, weight: number): Message => [
  text(f.type, "setweight"),
  text(f.node, node),
  text(f.weight, String(weight)),
];

export const setSite = (node: NodeName, site: string): Message => [
  text(f.type, "setsite"),
  text(f.node, node),
  text(f.site, site),
];

export const starting = (): Message => [text(f.type, "starting")];

export interface Resource {
  readonly held: HoldWord;
  /** An absolute statement. */
  readonly full?: boolean;
  readonly stable?: boolean;
  readonly info?: string;
  readonly successor?: string;
}

export const resource = ({ held, full = true, stable, info, successor }: Resource): Message => [
  text(f.type, "resource"),
  text(f.held, held),
  ...optional(f.reach, full ? "full" : undefined),
  ...optional(f.stable, stable === undefined ? undefined : stable ? "1" : "0"),
  ...optional(f.info, info),
  ...optional(f.successor, successor),
];

export const askResources = (set: HoldWord, info: "me" | "other" | "done"): Message => [
  text(f.type, "ask_resources"),
  text(f.held, set),
  text(f.info, info),
];

export const takeoverRequest = (set: string): Message => [text(f.type, "hb_takeover"), text(f.held, set)];

export const shutdownDone = (): Message => [text(f.type, "shutdone"), text(f.status, "dead")];

export const fencingResult = (node: NodeName, result: FencingResult): Message => [
  text(f.type, "stonith"),
  text(f.node, node),
  text(f.result, result),
];

export const releaseRequest = (group: string): Message => [text(f.type, "ip-request"), text(f.address, group)];

export const releaseReply = (asker: NodeName, group: string, owned: boolean): Message => [
  text(f.type, "ip-request-resp"),
  text(f.destination, asker),
  text(f.address, group),
  text(f.owned, owned ? "yes" : "no"),
  text(f.agreed, "OK"),
];

export const clientStatusRequest = (node: NodeName, client: string, from: string): Message => [
  text(f.type, "query-cstatus"),
  text(f.destination, node),
  text(f.client, client),
  text(f.fromClient, from),
];

export const clientStatusReply = (asker: NodeName, client: string, to: string, online: boolean): Message => [
  text(f.type, "respond-cstatus"),
  text(f.destination, asker),
  text(f.result, "OK"),
  text(f.client, client),
  text(f.toClient, to),
  text(f.clientStatus, online ? "online" : "offline"),
];

export interface ClientPresence {
  readonly joined: boolean;
  readonly client: string;
  readonly node: NodeName;
  readonly info: string;
  readonly clientGeneration: number;
}

export const clientPresence = ({ joined, client, node, info, clientGeneration }: ClientPresence): Message => [
  text(f.type, "hbapi-clstat"),
  text(f.status, joined ? "join" : "leave"),
  text(f.fromClient, client),
  text(f.toClient, client),
  text(f.originator, node),
  text(f.info, info),
  text(f.clientGeneration, String(clientGeneration)),
];

const optional = (name: string, value: string | undefined): Message => (value === undefined ? [] : [text(name, value)]);
