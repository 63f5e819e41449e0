/**
 * Notices that a program joined or left, kept until everything that its node said before has arrived.
 *
 * Messages are delivered as they arrive. Were a leave, too, whoever listens would hear that a program is gone, forget it, and then get
 * what it had said last. So these notices, and nothing else, wait for the holes before them: until those are filled or given up.
 *
 * Source: docs/reference/wire-protocol.md, sections 7.2 and 8.2; client-api.md, section 6.1. Deviation: what waits when its sender dies or
 * starts again is told before that, and of more than a bounded number the oldest are told at once (quirk 300).
 */
import type { Seq } from "../../base/units.ts";
import type { ClusterMessage } from "../../wire/kinds.ts";
import { heldNoticesMax } from "../limits.ts";

/** Of one sender. */
export class HeldNotices {
  /** In the order of their numbers. */
  #held: { readonly seq: Seq; readonly message: ClusterMessage }[] = [];

  /** `missing`: of the sender's messages. What may be told now: the notice, nothing yet, or others for which there is no more room. */
  push(seq: Seq, message: ClusterMessage, missing: ReadonlySet<Seq>): ClusterMessage[] {
    this.#held.push({ seq, message });
    this.#held.sort((a, b) => a.seq - b.seq);
    const due = this.due(missing);
    const tooMany = this.#held.splice(0, Math.max(0, this.#held.length - heldNoticesMax));
    return [...due, ...tooMany.map((each) => each.message)];
  }

  /** To be asked when fewer are missing than before. */
  due(missing: ReadonlySet<Seq>): ClusterMessage[] {
    if (this.#held.length === 0) return [];
    const first = Math.min(...missing);
    const waits = this.#held.findIndex(({ seq }) => seq > first);
    return this.#held.splice(0, waits < 0 ? this.#held.length : waits).map(({ message }) => message);
  }

  /** Nothing more comes of what was missing. */
  all(): ClusterMessage[] {
    return this.#held.splice(0).map(({ message }) => message);
  }
}
