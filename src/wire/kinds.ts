/**
 * Cluster messages as the core sees them: parsed once, into types.
 *
 * The wire's spellings end here. Numbers that a message cannot do without are checked; the rest of a sequenced message
 * is read leniently, because dropping it would leave a hole in its sender's sequence that no retransmission can fill.
 *
 * Source: docs/reference/wire-protocol.md, section 7. How outgoing messages are written: `compose.ts`.
 */
import { failed, ok, type Result } from "../base/result.ts";
import {
  type Generation,
  generation,
  type Milliseconds,
  milliseconds,
  type NodeName,
  nodeName,
  type Seq,
  seq,
} from "../base/units.ts";
import { f, isUnsequenced } from "./fields.ts";
import { nodeNameMax, nodesMax } from "./limits.ts";
import { binaryOf, type Message, stringOf } from "./message.ts";
import { parseDecimal, parseHex } from "./numbers.ts";

/** What a node says that it holds. */
export type HoldWord = "none" | "local" | "foreign" | "all";
export type FencingResult = "OK" | "badhost" | "bad" | "n_stnth" | "unneeded";

export interface ClusterHeader {
  readonly originator: NodeName;
  readonly originatorUuid: Uint8Array | undefined;
  /** Undefined: everyone. */
  readonly destination: NodeName | undefined;
  /** Undefined when absent or not known to the sender; decides before the name does. */
  readonly destinationUuid: Uint8Array | undefined;
  /** Undefined for the types outside the sequence (`NS_`). */
  readonly seq: Seq | undefined;
  /** 0 when the sender names none, as a ping node's reply does. */
  readonly generation: Generation;
  /** The sender's clock, seconds since 1970. */
  readonly wallSeconds: number;
  readonly load: string | undefined;
  /** As received, for clients and scripts. */
  readonly fields: Message;
}

export type ClusterMessage = ClusterHeader & ClusterBody;

export interface Acknowledgement {
  readonly originator: NodeName;
  /** Everything up to here has arrived. */
  readonly upTo: Seq;
}

export type ClusterBody =
  /** The heartbeat. `successor`: one of ours, and what it can do. */
  | {
      readonly kind: "status";
      readonly status: string | undefined;
      readonly deadtime: Milliseconds | undefined;
      /** The sender keeps flow control. */
      readonly protocol: boolean;
      readonly successor: string | undefined;
      /** What the configuration of a successor says. */
      readonly configuration: string | undefined;
      /** What a successor has of those that are named, as `ack` says it. */
      readonly acknowledgements: readonly Acknowledgement[];
    }
  /** `NS_st`: a ping node answered. `info`: the kind of ping. */
  | { readonly kind: "ping-status"; readonly status: string | undefined; readonly info: string | undefined }
  | { readonly kind: "ack"; readonly upTo: Seq }
  | { readonly kind: "retransmit-request"; readonly first: Seq; readonly last: Seq }
  /** The originator no longer has this message. */
  | { readonly kind: "retransmit-refusal"; readonly refused: Seq; readonly info: string | undefined }
  | { readonly kind: "nodes-request" }
  | { readonly kind: "nodes-reply"; readonly nodes: readonly NodeName[]; readonly deleted: readonly NodeName[] }
  | { readonly kind: "add-nodes"; readonly nodes: readonly NodeName[] }
  | { readonly kind: "delete-nodes"; readonly nodes: readonly NodeName[] }
  | { readonly kind: "set-weight"; readonly node: NodeName | undefined; readonly weight: number | undefined }
  | { readonly kind: "set-site"; readonly node: NodeName | undefined; readonly site: string | undefined }
  /** Communication of the sender is up: tell it what you hold. */
  | { readonly kind: "starting" }
  | {
      readonly kind: "resource";
      readonly held: HoldWord | "bad";
      /** An absolute statement; otherwise a script reports a change. */
      readonly full: boolean;
      /** Undefined when a script speaks. */
      readonly stable: boolean | undefined;
      readonly info: string | undefined;
      readonly successor: string | undefined;
    }
  /** The three-way stand-by exchange. `info`: `me`, `other` or `done`. */
  | { readonly kind: "ask-resources"; readonly set: HoldWord | "bad"; readonly info: string | undefined }
  | { readonly kind: "takeover-request"; readonly set: string | undefined }
  /** All is released; the sender is about to leave. */
  | { readonly kind: "shutdown-done" }
  | { readonly kind: "fencing-result"; readonly node: NodeName | undefined; readonly result: FencingResult | "unknown" }
  /** `ip-request`: may I have this group? */
  | { readonly kind: "release-request"; readonly group: string | undefined }
  | {
      readonly kind: "release-reply";
      readonly group: string | undefined;
      readonly owned: string | undefined;
      readonly agreed: boolean;
    }
  | { readonly kind: "client-status-request"; readonly client: string | undefined; readonly from: string | undefined }
  | {
      readonly kind: "client-status-reply";
      readonly client: string | undefined;
      readonly to: string | undefined;
      readonly online: boolean;
    }
  | {
      readonly kind: "client-presence";
      readonly joined: boolean;
      readonly from: string | undefined;
      readonly to: string | undefined;
      readonly info: string | undefined;
      readonly clientGeneration: number | undefined;
    }
  /** A client's message, or news from a later version: never dropped for being unknown. `type` as received. */
  | { readonly kind: "other"; readonly type: string };

/** A drop is counted under its reason. `bad-field`: an unsequenced message without the number it is about. */
export type ParseFault = "no-originator" | "no-type" | "no-time" | "no-seq" | "bad-seq" | "bad-field";

/** Types are compared without regard to case. */
export function parseMessage(fields: Message): Result<ClusterMessage, ParseFault> {
  const originator = nodeOf(fields, f.originator);
  if (originator === undefined) return failed("no-originator");
  const type = stringOf(fields, f.type);
  if (type === undefined || type === "") return failed("no-type");
  // The original drops a zero as silently as an absent time.
  const wallSeconds = parseHex(stringOf(fields, f.time));
  if (wallSeconds === undefined || wallSeconds === 0) return failed("no-time");
  const sequence = isUnsequenced(type) ? ok(undefined) : sequenceOf(fields);
  if (!sequence.ok) return sequence;
  const body = bodyOf(type, fields);
  if (body === undefined) return failed("bad-field");
  const destinationUuid = uuidOf(fields, f.destinationUuid);
  return ok({
    originator,
    originatorUuid: uuidOf(fields, f.originatorUuid),
    destination: nodeOf(fields, f.destination),
    destinationUuid: destinationUuid?.some((byte) => byte !== 0) ? destinationUuid : undefined,
    seq: sequence.value,
    generation: generation(parseHex(stringOf(fields, f.generation)) ?? 0),
    wallSeconds,
    load: stringOf(fields, f.load),
    fields,
    ...body, // last: first would cost 5 microseconds a message in V8
  });
}

function sequenceOf(fields: Message): Result<Seq, "no-seq" | "bad-seq"> {
  const value = stringOf(fields, f.seq);
  if (value === undefined) return failed("no-seq");
  const number = parseHex(value);
  return number === undefined || number === 0 ? failed("bad-seq") : ok(seq(number));
}

/** What is malformed says nothing. */
function acknowledgementsOf(said: string | undefined): readonly Acknowledgement[] {
  if (said === undefined) return [];
  return said.split(" ", nodesMax).flatMap((each) => {
    const colon = each.lastIndexOf(":");
    const upTo = colon > 0 ? parseHex(each.slice(colon + 1)) : undefined;
    return upTo === undefined ? [] : [{ originator: nodeName(each.slice(0, colon)), upTo: seq(upTo) }];
  });
}

/** Undefined only for unsequenced messages that lack the number they are about. */
function bodyOf(type: string, fields: Message): ClusterBody | undefined {
  const string = (name: string): string | undefined => stringOf(fields, name);
  switch (type.toLowerCase()) {
    case "status":
      return {
        kind: "status",
        status: string(f.status),
        deadtime: millisecondsOf(string(f.deadtime)),
        protocol: fields.some(({ name }) => name === f.protocol),
        successor: string(f.successor),
        configuration: string(f.configuration),
        acknowledgements: acknowledgementsOf(string(f.acknowledgements)),
      };
    case "ns_st":
      return { kind: "ping-status", status: string(f.status), info: string(f.info) };
    case "ns_ackmsg": {
      const upTo = parseHex(string(f.acknowledged));
      return upTo === undefined ? undefined : { kind: "ack", upTo: seq(upTo) };
    }
    case "ns_rexmit": {
      // Decimal, unlike every other sequence number (section 1, point 3).
      const first = parseDecimal(string(f.firstSeq));
      const last = parseDecimal(string(f.lastSeq));
      if (first === undefined || last === undefined) return undefined;
      return { kind: "retransmit-request", first: seq(first), last: seq(last) };
    }
    case "ns_nak_rexmit": {
      const refused = parseHex(string(f.firstSeq));
      return refused === undefined
        ? undefined
        : { kind: "retransmit-refusal", refused: seq(refused), info: string(f.info) };
    }
    case "reqnodes":
      return { kind: "nodes-request" };
    case "repnodes":
      return { kind: "nodes-reply", nodes: nodesOf(fields, f.nodes), deleted: nodesOf(fields, f.deletedNodes) };
    case "addnode":
      return { kind: "add-nodes", nodes: nodesOf(fields, f.nodes) };
    case "delnode":
      return { kind: "delete-nodes", nodes: nodesOf(fields, f.nodes) };
    case "setweight":
      return { kind: "set-weight", node: nodeOf(fields, f.node), weight: parseDecimal(string(f.weight)) };
    case "setsite":
      return { kind: "set-site", node: nodeOf(fields, f.node), site: string(f.site) };
    case "starting":
      return { kind: "starting" };
    case "resource":
      return {
        kind: "resource",
        held: holdWord(string(f.held)),
        full: string(f.reach) === "full",
        stable: stableness(string(f.stable)),
        info: string(f.info),
        successor: string(f.successor),
      };
    case "ask_resources":
      return { kind: "ask-resources", set: holdWord(string(f.held)), info: string(f.info) };
    case "hb_takeover":
      return { kind: "takeover-request", set: string(f.held) };
    case "shutdone":
      return { kind: "shutdown-done" };
    case "stonith":
      return { kind: "fencing-result", node: nodeOf(fields, f.node), result: fencingResult(string(f.result)) };
    case "ip-request":
      return { kind: "release-request", group: string(f.address) };
    case "ip-request-resp":
      return {
        kind: "release-reply",
        group: string(f.address),
        owned: string(f.owned),
        agreed: string(f.agreed) === "OK",
      };
    case "query-cstatus":
      return { kind: "client-status-request", client: string(f.client), from: string(f.fromClient) };
    case "respond-cstatus":
      return {
        kind: "client-status-reply",
        client: string(f.client),
        to: string(f.toClient),
        online: string(f.clientStatus) === "online",
      };
    case "hbapi-clstat":
      return {
        kind: "client-presence",
        joined: string(f.status) === "join",
        from: string(f.fromClient),
        to: string(f.toClient),
        info: string(f.info),
        clientGeneration: parseDecimal(string(f.clientGeneration)),
      };
    default:
      return { kind: "other", type };
  }
}

const millisecondsOf = (text: string | undefined): Milliseconds | undefined => {
  const number = parseHex(text);
  return number === undefined ? undefined : milliseconds(number);
};

const isNodeName = (name: string): boolean => name !== "" && name.length <= nodeNameMax;

function nodeOf(fields: Message, name: string): NodeName | undefined {
  const value = stringOf(fields, name);
  return value !== undefined && isNodeName(value) ? nodeName(value) : undefined;
}

/** Names are separated by blanks; the original writes one behind each. More than a cluster can have are not looked at. */
const nodesOf = (fields: Message, name: string): NodeName[] =>
  (stringOf(fields, name) ?? "")
    .split(" ", 2 * nodesMax)
    .filter(isNodeName)
    .slice(0, nodesMax)
    .map(nodeName);

function uuidOf(fields: Message, name: string): Uint8Array | undefined {
  const uuid = binaryOf(fields, name);
  return uuid?.length === 16 ? uuid : undefined;
}

function holdWord(word: string | undefined): HoldWord | "bad" {
  switch (word) {
    case "none":
    case "local":
    case "foreign":
    case "all":
      return word;
    default:
      return "bad";
  }
}

const stableness = (digit: string | undefined): boolean | undefined =>
  digit === "1" ? true : digit === "0" ? false : undefined;

function fencingResult(word: string | undefined): FencingResult | "unknown" {
  switch (word) {
    case "OK":
    case "badhost":
    case "bad":
    case "n_stnth":
    case "unneeded":
      return word;
    default:
      return "unknown";
  }
}
