/**
 * Messages that take longer to unpack than the loop may be held: the work goes on between other inputs, a portion in each turn.
 *
 * Later messages overtake them meanwhile. That is nothing new to the receiver: messages leave a node out of order by design, and nothing is
 * asked for in the first 50 ms. One that arrives by several media, or is sent again, is unpacked once.
 */
import { failed, type Result } from "../base/result.ts";
import type { Instant, MediumName } from "../base/units.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import { viewOf } from "../wire/bytes.ts";
import { beginDatagram, type OpenFault, type Opening } from "../wire/framing.ts";
import type { Message } from "../wire/message.ts";
import { unpackingsMax, unpackPortion } from "./limits.ts";

type Opened = Result<Message, OpenFault>;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly opening: Opening;
  readonly media: Set<MediumName>;
}

export interface Unpacked {
  readonly medium: MediumName;
  readonly opened: Opened;
}

export class Unpackings {
  readonly #waiting: Waiting[] = [];
  #workedAt: Instant | undefined;

  /** There is more to do as long as something waits; not earlier than now, because what waits is no sign of a loop that slept. */
  nextDeadline(): Instant | undefined {
    return this.#waiting.length > 0 ? this.#workedAt : undefined;
  }

  /** Undefined: it will take a while. */
  begin(medium: MediumName, bytes: Uint8Array, keys: KeyRing, now: Instant): Opened | undefined {
    const known = this.#waiting.find((each) => viewOf(each.bytes).equals(bytes));
    if (known !== undefined) {
      known.media.add(medium);
      return undefined;
    }
    const opening = beginDatagram(bytes, keys);
    const opened = opening.work(unpackPortion);
    if (opened !== undefined) return opened;
    if (this.#waiting.length >= unpackingsMax) return failed({ code: "too-busy" });
    this.#waiting.push({ bytes, opening, media: new Set([medium]) });
    this.#workedAt = now;
    return undefined;
  }

  /** A portion of the first one; it counts for each medium that brought it. */
  work(now: Instant): Unpacked[] {
    this.#workedAt = now;
    const opened = this.#waiting[0]?.opening.work(unpackPortion);
    if (opened === undefined) return [];
    const media = this.#waiting.shift()?.media ?? [];
    return [...media].map((medium) => ({ medium, opened }));
  }
}
