/**
 * Everything that leaves: header, signature, sequence number, history.
 *
 * A number is used up only by a message that could be sent: the original numbers first, and a message that turns out to be
 * too large leaves a hole for ever (quirk 5; wire-protocol.md, section 1.8). What no datagram can carry as it is, is compressed first (quirk 131).
 */

import { failed, ok, type Result } from "../base/result.ts";
import { type Generation, type NodeName, nodeName, type Seq, seq } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import { viewOf } from "../wire/bytes.ts";
import { isUnsequenced, stampHeader } from "../wire/fields.ts";
import {
  compressFields,
  encodePlain,
  resealDatagram,
  type SealFault,
  sealClassic,
  sealCompressed,
  sealDatagram,
  textOfDatagram,
} from "../wire/framing.ts";
import { datagramMax } from "../wire/limits.ts";
import { binaryOf, leastSize, type Message, stringOf } from "../wire/message.ts";
import { History, type HistoryAnswer } from "./delivery/history.ts";
import type { Effect } from "./effect.ts";
import type { Now } from "./input.ts";

/** Between sending and the return by a medium that loops not much is sent. */
const latelyMax = 4;

export interface Identity {
  /** 16 bytes. */
  readonly uuid: Uint8Array;
  readonly generation: Generation;
}

export interface Posted {
  /** As it went out, header included. */
  readonly message: Message;
  readonly bytes: Uint8Array;
}

export class Outbox {
  readonly #config: ClusterConfig;
  readonly #identity: Identity;
  readonly #uuidOf: (node: NodeName) => Uint8Array | undefined;
  readonly #history: History;
  readonly #tableSize: () => number;
  readonly #hasSerial: boolean;
  readonly #lately: Uint8Array[] = [];
  #turn = 0;
  #keys: KeyRing;
  #next: Seq = seq(1);
  /** Messages below this were signed with other keys than today's. */
  #signedAnewBelow: Seq = seq(0);
  /**
   * Send text framing instead of netstrings. The original verifies that with the key which a message names, and netstrings with
   * its own one only (quirk 6), so this is the language to speak to it while keys are being exchanged.
   */
  classicFraming = false;

  /** `tableSize`: how many nodes there are now, ping nodes included. */
  constructor(
    config: ClusterConfig,
    identity: Identity,
    uuidOf: (node: NodeName) => Uint8Array | undefined,
    tableSize: () => number = () => config.nodeTable.length,
  ) {
    this.#config = config;
    this.#identity = identity;
    this.#uuidOf = uuidOf;
    this.#history = new History(config.maxRetransmitDelay);
    this.#keys = config.keys;
    this.#hasSerial = config.media.some(({ kind }) => kind === "serial");
    this.#tableSize = tableSize;
  }

  /** `body` without header; `t` decides whether it is numbered. */
  post(body: Message, now: Now): Result<Posted, SealFault> {
    const numbered = !isUnsequenced(stringOf(body, "t") ?? "");
    const destination = stringOf(body, "dest");
    const destinationUuid = destination === undefined ? undefined : this.#uuidOf(nodeName(destination));
    const addressee = destination === undefined ? this.#nodeOf(binaryOf(body, "destuuid")) : undefined;
    const { messageFormat, compression } = this.#config;
    const message = stampHeader(compressFields(body, compression.method, messageFormat), {
      source: this.#config.localNode,
      uuid: this.#identity.uuid,
      ...(numbered ? { seq: this.#next } : {}),
      generation: this.#identity.generation,
      wallSeconds: now.wallSeconds,
      load: now.load,
      ttl: this.#config.hopfudge + this.#tableSize(),
      ...(destinationUuid === undefined ? {} : { destinationUuid }),
      ...(addressee === undefined ? {} : { destination: addressee }),
    });
    const sealed = this.#seal(message);
    if (!sealed.ok) return failed(sealed.error);
    const bytes = new Uint8Array(sealed.value); // a slice of a pool would keep 8 KiB as long as the history keeps it
    if (numbered) {
      this.#history.add(this.#next, bytes);
      this.#next = seq(this.#next + 1);
    }
    return ok({ message, bytes });
  }

  /** The order to send what `post` or `answer` gave. Text is made for those who have a serial line only. */
  transmit(bytes: Uint8Array): Effect {
    this.#lately[this.#turn] = bytes;
    this.#turn = (this.#turn + 1) % latelyMax;
    const text = this.#hasSerial ? textOfDatagram(bytes, this.#keys) : undefined;
    return { do: "transmit", bytes, ...(text === undefined ? {} : { text }) };
  }

  /** Is it, to the byte, one of the last that were sent? */
  sentLately(bytes: Uint8Array): boolean {
    return this.#lately.some((sent) => sent.length === bytes.length && viewOf(sent).equals(bytes));
  }

  /** Another node's message in the form of a serial line, signed by us. */
  lineOf(message: Message): Uint8Array | undefined {
    const sealed = sealClassic(message, this.#keys);
    return sealed.ok ? sealed.value : undefined;
  }

  /** What a ping node is to send back: signed twice whatever `msgfmt` says (wire-protocol.md, section 7.2). */
  sealPing(message: Message): Result<Uint8Array, SealFault> {
    return sealDatagram(message, this.#keys, "classic");
  }

  answer(first: number, last: number, now: Now): HistoryAnswer[] {
    return this.#history
      .answer(first, last, now.instant)
      .map((answer) =>
        answer.is === "resend" && answer.seq < this.#signedAnewBelow
          ? { ...answer, bytes: resealDatagram(answer.bytes, this.#keys) }
          : answer,
      );
  }

  changeKeys(keys: KeyRing): void {
    this.#keys = keys;
    this.#signedAnewBelow = this.#next;
  }

  /** A program may name its addressee by uuid only (client-api.md, section 5). */
  #nodeOf(uuid: Uint8Array | undefined): NodeName | undefined {
    if (uuid === undefined) return undefined;
    return this.#config.nodes.find((node) => {
      const known = this.#uuidOf(node);
      return known?.length === uuid.length && known.every((byte, i) => byte === uuid[i]);
    });
  }

  #seal(message: Message): Result<Uint8Array, SealFault> {
    if (this.#wantsCompression(message)) {
      const compressed = this.#sealCompressed(message);
      if (compressed.ok) return compressed; // else: it is too long even so, or has no form
    }
    if (leastSize(message) <= datagramMax) {
      const plain = this.#sealPlain(message);
      if (plain.ok || plain.error !== "too-big") return plain;
    }
    return this.#sealCompressed(message);
  }

  #wantsCompression(message: Message): boolean {
    const { compression, messageFormat } = this.#config;
    if (!compression.whole) return false;
    if (leastSize(message) > compression.threshold) return true;
    const plain = encodePlain(message, messageFormat);
    return plain.ok && plain.value.length > compression.threshold;
  }

  #sealPlain(message: Message): Result<Uint8Array, SealFault> {
    if (this.classicFraming) {
      const sealed = sealClassic(message, this.#keys);
      if (sealed.ok) return sealed; // else: a nested message without a text form
    }
    return sealDatagram(message, this.#keys, this.#config.messageFormat);
  }

  #sealCompressed(message: Message): Result<Uint8Array, SealFault> {
    const { compression, messageFormat } = this.#config;
    return sealCompressed(message, this.#keys, messageFormat, compression.method, this.classicFraming);
  }

  get keyCount(): number {
    return this.#keys.entries.size;
  }

  get highest(): number {
    return this.#history.highest;
  }
}
