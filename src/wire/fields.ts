/**
 * Every field name on the wire, once, and the header that every outgoing message gets.
 *
 * Types: str text, hex and dec numbers as text, bin bytes. Source: docs/reference/wire-protocol.md, section 7.
 */
import type { Generation, NodeName, Seq } from "../base/units.ts";
import { binary, type Field, type Message, stringOf, text } from "./message.ts";
import { hex } from "./numbers.ts";

export const f = {
  /** str: message type. Types beginning with `NS_` are outside the sequence. */
  type: "t",

  // The header (section 7.1).
  /** str: originator. */
  originator: "src",
  /** bin, 16 bytes: its uuid; optional when receiving. */
  originatorUuid: "srcuuid",
  /** str: addressee; absent: everyone. */
  destination: "dest",
  /** bin, 16 bytes: the addressee's uuid; zeros: not known. */
  destinationUuid: "destuuid",
  /** hex: per-sender sequence, 1 for the first message of a process. */
  seq: "seq",
  /** hex: the sender's generation. */
  generation: "hg",
  /** hex: the sender's wall clock, seconds since 1970; never zero. */
  time: "ts",
  /** str: first line of /proc/loadavg, or `n/a`. */
  load: "ld",
  /** dec: `hopfudge` plus the number of configured nodes; nobody counts it down. */
  hops: "ttl",
  /** str: the classic signature, `NUM DIGEST` (section 5.3). */
  auth: "auth",

  // Membership.
  /** str: status of the sender; `dead` in `shutdone`; `join` or `leave` in `hbapi-clstat`. */
  status: "st",
  /** hex: the sender's dead time in milliseconds. */
  deadtime: "dt",
  /** dec, 1: the sender keeps flow control. */
  protocol: "protocol",
  /** str: version and features of a successor; the original ignores it. */
  successor: "hb4",
  /** str: what a successor's configuration says, where it differs from somebody's. */
  configuration: "hb4c",
  /** str: what a successor acknowledges to others of its kind: names with hex numbers, separated by blanks. */
  acknowledgements: "hb4a",
  /** str: names, each followed by a blank. */
  nodes: "nodelist",
  deletedNodes: "delnodelist",
  /** str: the node that a message is about. */
  node: "node",
  /** dec */
  weight: "weight",
  /** str */
  site: "site",

  // Delivery.
  /** hex: everything up to here has arrived. */
  acknowledged: "ackseq",
  /** dec in `NS_rexmit`, hex in `NS_nak_rexmit`. */
  firstSeq: "firstseq",
  /** dec */
  lastSeq: "lastseq",

  // Resources.
  /** str: `none`, `local`, `foreign` or `all`. */
  held: "rsc_hold",
  /** str, `full`: the statement is absolute, not a change. */
  reach: "rtype",
  /** str, `1` or `0`. */
  stable: "isstable",
  /** str: why, in words that programs compare. */
  info: "info",
  /** str: a resource group as written in haresources. */
  address: "ipaddr",
  /** str, `yes` or `no`: the answering node owns the address. */
  owned: "weown",
  /** str, `OK`. */
  agreed: "ok",
  /** str: result of fencing; `OK` in `respond-cstatus`. */
  result: "result",

  // Clients.
  /** str: name of a client program. */
  client: "cn",
  /** str, `online` or `offline`. */
  clientStatus: "cs",
  fromClient: "from_id",
  toClient: "to_id",
  /** dec: counts the client connections of this process. */
  clientGeneration: "client_gen",

  // Compression (section 6).
  /** bin: a whole message, compressed. */
  compressedPayload: "_compressed_payload",
  /** str: `zlib` or `bz2`. */
  compressionAlgorithm: "_compression_algorithm",
} as const;

export interface Header {
  readonly source: NodeName;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
  /** Left out for `NS_` types. */
  readonly seq?: Seq;
  readonly generation: Generation;
  /** Seconds since 1970. */
  readonly wallSeconds: number;
  readonly load: string;
  readonly ttl: number;
  /** Of the node that `dest` names; 16 zero bytes are sent when it is not known yet. */
  readonly destinationUuid?: Uint8Array;
  /** The name that belongs to a body with `destuuid` but without `dest`. */
  readonly destination?: NodeName;
}

const unknownUuid = new Uint8Array(16);

/** Whether a message of this type carries no sequence number (and no load). */
export const isUnsequenced = (type: string): boolean => /^ns_/i.test(type);

/**
 * The message with its header, in the original's order (section 7.1). Fields that are there already are overwritten in
 * their place, because a local program may not speak in another's name; those of `NS_` types are left alone: a ping
 * node's words are written by us.
 */
export function stampHeader(body: Message, header: Header): Message {
  const message = [...body];
  const unsequenced = isUnsequenced(stringOf(body, f.type) ?? "");
  const set = (field: Field): void => {
    const index = message.findIndex(({ name }) => name === field.name);
    if (index < 0) message.push(field);
    else if (!unsequenced) message[index] = field;
  };
  if (body.some(({ name }) => name === f.destination))
    set(binary(f.destinationUuid, header.destinationUuid ?? unknownUuid));
  else if (header.destination !== undefined && body.some(({ name }) => name === f.destinationUuid))
    set(text(f.destination, header.destination));
  set(text(f.originator, header.source));
  set(binary(f.originatorUuid, header.uuid));
  if (!unsequenced && header.seq !== undefined) set(text(f.seq, hex(header.seq)));
  set(text(f.generation, hex(header.generation)));
  set(text(f.time, hex(header.wallSeconds)));
  if (!unsequenced) set(text(f.load, header.load));
  set(text(f.hops, String(header.ttl)));
  return message;
}
