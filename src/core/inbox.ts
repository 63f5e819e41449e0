/**
 * From bytes to messages that count: whole, signed, from a known node, for the first time.
 *
 * A message changes nothing before its signature holds and its sender and number are known; whatever fails a test is counted
 * and dropped. Missing numbers are asked for, complete ones acknowledged, and every sign of life keeps its link up.
 *
 * Source: docs/reference/wire-protocol.md, sections 5.4, 8.2 to 8.4, 9. Deviation: what has no number must be of the process that we know, or of
 * a later one (quirk 301).
 */

import { unreachable } from "../base/exhaustive.ts";
import type { LogId } from "../base/log-lines/index.ts";
import { earliest, type Instant, type MediumName, type NodeName, type Seq } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { isPlainNodeName } from "../config/hostcache.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import * as compose from "../wire/compose.ts";
import type { OpenFault } from "../wire/framing.ts";
import { type ClusterMessage, parseMessage } from "../wire/kinds.ts";
import { nodesMax } from "../wire/limits.ts";
import type { Message } from "../wire/message.ts";
import { uuidText } from "../wire/uuid.ts";
import type { Retransmit } from "./delivery/retransmit.ts";
import { Ring, type Standing } from "./delivery/ring.ts";
import type { LogLevel } from "./effect.ts";
import { Hearing } from "./hearing.ts";
import type { Sighting } from "./input.ts";
import type { Machine } from "./machine.ts";
import type { LinkChange, Links } from "./membership/links.ts";
import type { PingNodes } from "./membership/ping-nodes.ts";
import { type Member, type Roster, sameBytes } from "./membership/roster.ts";
import type { Identity } from "./outbox.ts";
import { rejectText } from "./speech.ts";
import { type Unpacked, Unpackings } from "./unpackings.ts";

/** How a sender's process stands to the one we knew. */
export type Anew = "restarted" | "returned" | undefined;

export type InboxInput =
  | { readonly on: "datagram"; readonly medium: MediumName; readonly bytes: Uint8Array }
  | { readonly on: "looked-around"; readonly sightings: readonly Sighting[] }
  | { readonly on: "deadline" };

export type InboxOutput =
  /** New, and addressed to us. */
  | { readonly is: "message"; readonly member: Member; readonly message: ClusterMessage; readonly anew: Anew }
  | { readonly is: "anew"; readonly member: Member; readonly how: "restarted" | "returned" }
  /** A node that was not known before, heard for the first time. It is in the roster now. */
  | { readonly is: "joined"; readonly member: Member }
  /** A known node speaks under another name, and has it in the roster now. */
  | { readonly is: "renamed"; readonly before: NodeName; readonly member: Member }
  /** Its uuid was heard for the first time, or another one. */
  | { readonly is: "identified"; readonly member: Member }
  | { readonly is: "look-around" }
  | { readonly is: "say"; readonly body: Message }
  /** Another node's message, for our other serial lines. */
  | { readonly is: "pass-on"; readonly message: Message; readonly from: MediumName }
  | { readonly is: "link"; readonly change: LinkChange }
  /** A ping node echoed what we gave it. */
  | { readonly is: "ping-answer"; readonly node: NodeName; readonly message: ClusterMessage }
  | { readonly is: "reject"; readonly reason: string; readonly level: LogLevel | "unsaid"; readonly text: string }
  | { readonly is: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string };

export class Inbox implements Machine<InboxInput, InboxOutput> {
  readonly #config: ClusterConfig;
  readonly #identity: Identity;
  readonly #roster: Roster;
  readonly #links: Links;
  readonly #retransmit: Retransmit;
  readonly #pingNodes: PingNodes;
  readonly #hearing: Hearing;
  readonly #ring: Ring;
  readonly #unpackings = new Unpackings();
  /** To the byte what we sent just now: a medium that loops brings it back, and nothing in it needs to be looked at. */
  readonly #saidByUs: (bytes: Uint8Array) => boolean;
  #keys: KeyRing;
  #out: InboxOutput[] = [];

  constructor(
    config: ClusterConfig,
    identity: Identity,
    roster: Roster,
    pingNodes: PingNodes,
    links: Links,
    retransmit: Retransmit,
    saidByUs: (bytes: Uint8Array) => boolean = () => false,
  ) {
    this.#saidByUs = saidByUs;
    this.#pingNodes = pingNodes;
    this.#hearing = new Hearing(config.media);
    const lines = config.media.filter(({ kind }) => kind === "serial").map(({ name }) => name);
    this.#ring = new Ring(lines, config.nodes.length);
    this.#config = config;
    this.#keys = config.keys;
    this.#identity = identity;
    this.#roster = roster;
    this.#links = links;
    this.#retransmit = retransmit;
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#hearing.nextDeadline(),
      this.#links.nextDeadline(),
      this.#retransmit.nextDeadline(),
      this.#unpackings.nextDeadline(),
    ].reduce(earliest);
  }

  step(input: InboxInput, now: Instant): readonly InboxOutput[] {
    this.#out = [];
    switch (input.on) {
      case "datagram":
        this.#datagram(input.medium, input.bytes, now);
        break;
      case "looked-around":
        for (const line of this.#hearing.seen(input.sightings)) this.#log("nothing-heard", "warn", line);
        break;
      case "deadline":
        for (const { medium, opened } of this.#unpackings.work(now)) this.#opened(medium, opened, now);
        this.#judgeHearing(now);
        for (const change of this.#links.due(now)) this.#out.push({ is: "link", change });
        for (const wanted of this.#retransmit.due(now)) {
          if (wanted.is === "lost") this.#lost(wanted.from, wanted.seq, "no answer to our requests");
          else
            this.#out.push({
              is: "say",
              body: compose.retransmitRequest(wanted.from, wanted.first, wanted.last),
            });
        }
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  #judgeHearing(now: Instant): void {
    const { lines, look } = this.#hearing.due(now);
    for (const line of lines) this.#log("nothing-heard", "warn", line);
    if (look) this.#out.push({ is: "look-around" });
  }

  changeKeys(keys: KeyRing): void {
    this.#keys = keys;
  }

  /** The media are open. A cluster of one node expects nothing. */
  start(now: Instant): void {
    if (this.#config.nodes.length > 1) this.#hearing.start(this.#config.initdead, now);
  }

  /** The sender of a message that we asked for does not have it any more. */
  refused(member: Member, seq: Seq, why: string | undefined): readonly InboxOutput[] {
    this.#out = [];
    this.#retransmit.cancel(member.name, seq);
    this.#lost(member.name, seq, why ?? "its sender has it no more");
    return this.#out;
  }

  /** Its process ended: nothing is worth asking for. */
  forget(member: Member): void {
    this.forgetName(member.name);
    member.acknowledge.reset();
  }

  /** Nobody has this name any more. */
  forgetName(name: NodeName): void {
    this.#retransmit.cancelAll(name);
  }

  #datagram(medium: MediumName, bytes: Uint8Array, now: Instant): void {
    if (this.#saidByUs(bytes)) return this.#loops(medium, now);
    const opened = this.#unpackings.begin(medium, bytes, this.#keys, now);
    if (opened !== undefined) this.#opened(medium, opened, now);
  }

  #opened(medium: MediumName, opened: Unpacked["opened"], now: Instant): void {
    if (!opened.ok) {
      this.#hearing.note(medium, isSignatureFault(opened.error) ? "bad-signature" : "rubbish");
      return this.#badPacket(opened.error.code, rejectText(opened.error, medium));
    }
    const parsed = parseMessage(opened.value);
    if (!parsed.ok) {
      this.#hearing.note(medium, "rubbish");
      return this.#badPacket(parsed.error, `message on ${medium} dropped: ${parsed.error}`);
    }
    const message = parsed.value;
    if (message.originator === this.#config.localNode) return this.#ownMessage(message, medium, now);
    if (message.kind === "ping-status") return this.#pingAnswer(message, message.info, medium);
    const member = this.#roster.get(message.originator) ?? this.#renamed(message);
    const welcome = member === undefined && this.#mayJoin(message);
    this.#hearing.note(medium, member === undefined && !welcome ? "stranger" : "peer");
    if (welcome) return this.#join(message);
    if (member === undefined) return this.#stranger(message);
    if (message.seq === undefined) this.#unnumbered(member, message, medium, now);
    else this.#numbered(member, message, message.seq, medium, now);
  }

  /** These messages have no number, so that one which was overheard could be played back elsewhere: only its own medium counts. */
  #pingAnswer(message: ClusterMessage, info: string | undefined, medium: MediumName): void {
    const node = message.originator;
    if (this.#pingNodes.answers(node, medium, info)) return void this.#out.push({ is: "ping-answer", node, message });
    this.#reject("ping-elsewhere", `answer of a ping node [${node}] on ${medium}, where none was asked for: dropped`);
  }

  /** What was recorded of an earlier process could hide losses, or keep a link up on which nothing comes. A generation of 0 is none. */
  #unnumbered(member: Member, message: ClusterMessage, medium: MediumName, now: Instant): void {
    const known = member.track.generation ?? 0;
    if (message.generation > 0 && message.generation < known) return this.#replay(member, message); // quirk 301
    this.#keep(member, message, medium, now);
    this.#passOn(message, medium, "unnumbered", now);
    if (isFor(message, this.#config.localNode, this.#identity.uuid)) this.#accept(member, message, undefined);
    else this.#overheard(member, message, now);
  }

  #passOn(message: ClusterMessage, medium: MediumName, standing: Standing, now: Instant): void {
    const onward = this.#ring.passOn(message, medium, standing, now);
    if (onward !== undefined) this.#out.push({ is: "pass-on", message: onward, from: medium });
  }

  /** What others ask for, and are refused, concerns all who miss the same (quirk 130). */
  #overheard(member: Member, message: ClusterMessage, now: Instant): void {
    if (message.kind === "retransmit-refusal") {
      this.#retransmit.cancel(member.name, message.refused);
      this.#giveUp(member, message.refused);
    } else if (message.kind === "retransmit-request" && message.destination !== undefined) {
      this.#retransmit.overheard(message.destination, message.first, message.last, now);
    }
  }

  #numbered(member: Member, message: ClusterMessage, seq: Seq, medium: MediumName, now: Instant): void {
    const verdict = member.track.receive({
      seq,
      generation: message.generation,
      isStatus: message.kind === "status",
      senderDead: member.status === "dead",
    });
    switch (verdict.is) {
      case "duplicate":
        this.#passOn(message, medium, "seen", now);
        return this.#keep(member, message, medium, now);
      case "drop":
        if (verdict.because === "old") this.#passOn(message, medium, "seen", now);
        if (verdict.because === "replay") this.#replay(member, message);
        return;
      case "deliver":
        break;
      default:
        return unreachable(verdict);
    }
    const anew: Anew = verdict.restarted ? "restarted" : verdict.returned ? "returned" : undefined;
    if (anew !== undefined) {
      this.#tell(member, member.notices.all());
      this.forget(member);
      this.#out.push({ is: "anew", member, how: anew });
    }
    if (verdict.filled) this.#retransmit.cancel(member.name, seq);
    for (const old of verdict.givenUp) this.#retransmit.cancel(member.name, old);
    if (verdict.lostALot) {
      this.#retransmit.cancelAll(member.name);
      this.#reject("lost-a-lot", `lost a lot of packets! (from ${member.name})`, "error");
    }
    this.#retransmit.want(member.name, verdict.missing, now);
    this.#keep(member, message, medium, now);
    this.#passOn(message, medium, "new", now);
    const upTo = member.acknowledge.after(member.track, member.successor !== undefined);
    if (upTo !== undefined) this.#out.push({ is: "say", body: compose.ack(member.name, upTo) });
    // A notice of a program counts when all is there that was said before.
    if (message.kind !== "client-presence") this.#accept(member, message, anew);
    else this.#tell(member, member.notices.push(seq, message, member.track.missing));
    this.#tell(member, member.notices.due(member.track.missing));
  }

  #replay({ name, track }: Member, { generation }: ClusterMessage): void {
    const generations = `[gen = ${generation}, curgen = ${track.generation ?? 0}]`;
    this.#reject("replay", `should_drop_message: attempted replay attack [${name}]? ${generations}`);
  }

  /** Our own message came back: the medium loops. Another node that uses our name would be a disaster, so look. */
  #ownMessage(message: ClusterMessage, medium: MediumName, now: Instant): void {
    const { localNode } = this.#config;
    if (message.originatorUuid !== undefined && !sameBytes(message.originatorUuid, this.#identity.uuid))
      return this.#reject("double-name", `another node on ${medium} calls itself ${localNode}, as we do`);
    this.#loops(medium, now);
  }

  #loops(medium: MediumName, now: Instant): void {
    const { localNode, deadtime } = this.#config;
    for (const change of this.#links.heard(localNode, medium, deadtime, now)) this.#out.push({ is: "link", change });
  }

  /** Anything of a node that is new or a duplicate proves that the link works. */
  #keep(member: Member, message: ClusterMessage, medium: MediumName, now: Instant): void {
    this.#learnUuid(member, message.originatorUuid);
    for (const change of this.#links.heard(member.name, medium, member.deadtime, now))
      this.#out.push({ is: "link", change });
  }

  /** A node that was installed anew keeps its name and has a new uuid (wire-protocol.md, section 8.1). */
  #learnUuid(member: Member, uuid: Uint8Array | undefined): void {
    if (uuid === undefined || (member.uuid !== undefined && sameBytes(uuid, member.uuid))) return;
    if (member.uuid !== undefined)
      this.#reject("uuid-changed", `node ${member.name} changed its uuid to ${uuidText(uuid)}`);
    member.uuid = uuid;
    this.#out.push({ is: "identified", member });
  }

  /** One of ours under a new name, which only a new process can have; with haresources it is not followed (quirk 73). */
  #renamed({ originator, originatorUuid: uuid, generation }: ClusterMessage): Member | undefined {
    const known = uuid === undefined ? undefined : this.#roster.withUuid(uuid);
    if (known === undefined || this.#config.managesResources || !this.#isFree(originator)) return undefined;
    if (known.track.generation !== undefined && generation <= known.track.generation) return undefined;
    this.#tell(known, known.notices.all());
    const before = known.name;
    const member = this.#roster.rename(known, originator);
    this.#out.push({ is: "renamed", before, member });
    return member;
  }

  #mayJoin({ originator, originatorUuid: uuid }: ClusterMessage): boolean {
    const { autojoin, managesResources } = this.#config;
    if (managesResources || autojoin === "none") return false;
    if (uuid !== undefined && (sameBytes(uuid, this.#identity.uuid) || this.#roster.withUuid(uuid))) return false;
    return this.#isFree(originator) && this.#roster.table.length < nodesMax;
  }

  /** It can be the name of a node, and is nobody's, not even a ping node's. */
  #isFree = (name: NodeName): boolean => isPlainNodeName(name) && !this.#roster.table.includes(name);

  /** Its first message makes it known and is not looked at otherwise (wire-protocol.md, section 10.3). */
  #join({ originator, originatorUuid }: ClusterMessage): void {
    const member = this.#roster.add(originator);
    member.uuid = originatorUuid;
    this.#out.push({ is: "joined", member });
  }

  #stranger({ originator, originatorUuid: uuid }: ClusterMessage): void {
    const known = uuid === undefined ? undefined : this.#roster.withUuid(uuid);
    const ours = uuid !== undefined && sameBytes(uuid, this.#identity.uuid);
    const why = ours
      ? ": it has our own uuid; if its disk is a copy of ours, remove /var/lib/heartbeat/hb_uuid there and start it again"
      : known === undefined
        ? ""
        : `: it has the uuid of ${known.name}, was it renamed?`;
    this.#reject("unknown-node", `process_status_message: bad node [${originator}] in message${why}`);
  }

  #accept(member: Member, message: ClusterMessage, anew: Anew): void {
    if (isFor(message, this.#config.localNode, this.#identity.uuid))
      this.#out.push({ is: "message", member, message, anew });
  }

  #tell(member: Member, notices: readonly ClusterMessage[]): void {
    for (const notice of notices) this.#accept(member, notice, undefined);
  }

  #giveUp(member: Member, seq: Seq): void {
    member.track.giveUp(seq);
    this.#tell(member, member.notices.due(member.track.missing));
  }

  #lost(node: NodeName, seq: Seq, because: string): void {
    this.#reject("packet-lost", `Irretrievably lost packet: node ${node} seq ${seq} (${because})`, "error");
    const member = this.#roster.get(node);
    if (member !== undefined) this.#giveUp(member, seq);
  }

  /** What cannot be read or verified: counted in any case, and said unless log_badpack is off. */
  #badPacket(reason: string, text: string): void {
    this.#reject(reason, text, this.#config.logging.badPackets ? "warn" : "unsaid");
  }

  #reject(reason: string, text: string, level: LogLevel | "unsaid" = "warn"): void {
    this.#out.push({ is: "reject", reason, level, text });
  }

  #log(id: LogId, level: LogLevel, text: string): void {
    this.#out.push({ is: "log", id, level, text });
  }
}

/** A message of heartbeat, but not of ours. */
const isSignatureFault = ({ code }: OpenFault): boolean => code === "bad-signature" || code === "unknown-key";

/** Is a message meant for this node? The uuid decides before the name does (wire-protocol.md, section 8.2). */
export function isFor({ destinationUuid, destination }: ClusterMessage, node: NodeName, uuid: Uint8Array): boolean {
  if (destinationUuid !== undefined) return sameBytes(destinationUuid, uuid);
  return destination === undefined || destination === node;
}
