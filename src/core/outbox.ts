/**
 * Everything that leaves: header, signature, sequence number, history.
 *
 * A number is used up only by a message that could be sent: the original numbers first, and a message that turns out to be
 * too large leaves a hole for ever (quirk 5; wire-protocol.md, section 1.8).
 */

import { failed, ok, type Result } from "../base/result.ts";
import { type Generation, type NodeName, nodeName, type Seq, seq } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { isUnsequenced, stampHeader } from "../wire/fields.ts";
import { type SealFault, sealDatagram } from "../wire/framing.ts";
import { type Message, stringOf } from "../wire/message.ts";
import { History, type HistoryAnswer } from "./delivery/history.ts";
import type { Now } from "./input.ts";

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
  readonly #ttl: number;
  #next: Seq = seq(1);

  constructor(config: ClusterConfig, identity: Identity, uuidOf: (node: NodeName) => Uint8Array | undefined) {
    this.#config = config;
    this.#identity = identity;
    this.#uuidOf = uuidOf;
    this.#history = new History(config.maxRetransmitDelay);
    const pingNodes = config.media.filter((medium) => medium.kind.startsWith("ping")).length;
    this.#ttl = config.hopfudge + config.nodes.length + pingNodes;
  }

  /** `body` without header; `t` decides whether it is numbered. */
  post(body: Message, now: Now): Result<Posted, SealFault> {
    const numbered = !isUnsequenced(stringOf(body, "t") ?? "");
    const destination = stringOf(body, "dest");
    const destinationUuid = destination === undefined ? undefined : this.#uuidOf(nodeName(destination));
    const message = stampHeader(body, {
      source: this.#config.localNode,
      uuid: this.#identity.uuid,
      ...(numbered ? { seq: this.#next } : {}),
      generation: this.#identity.generation,
      wallSeconds: now.wallSeconds,
      load: now.load,
      ttl: this.#ttl,
      ...(destinationUuid === undefined ? {} : { destinationUuid }),
    });
    const sealed = sealDatagram(message, this.#config.keys, this.#config.messageFormat);
    if (!sealed.ok) return failed(sealed.error);
    if (numbered) {
      this.#history.add(this.#next, sealed.value);
      this.#next = seq(this.#next + 1);
    }
    return ok({ message, bytes: sealed.value });
  }

  answer(first: number, last: number, now: Now): HistoryAnswer[] {
    return this.#history.answer(first, last, now.instant);
  }

  get highest(): number {
    return this.#history.highest;
  }
}
