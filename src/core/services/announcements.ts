/**
 * Addresses are announced again and again in the background: a frame may be lost, and a switch may have forgotten. Nobody waits for that.
 *
 * Source of the times: announceAfter in wire/packets/arp.ts.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { announceAfter } from "../../wire/packets/arp.ts";
import type { HeldAddress } from "../input.ts";

export class Announcements {
  readonly #underWay = new Map<string, { readonly address: HeldAddress; readonly sent: number }>();
  readonly #at = new Deadlines<string>();

  next(): Instant | undefined {
    return this.#at.next();
  }

  /** It is announced now; the repetitions begin anew. */
  begin(address: HeldAddress, now: Instant): void {
    this.#sent(address, 0, now);
  }

  /** No more of it. */
  end(ip: string): void {
    this.#underWay.delete(ip);
    this.#at.delete(ip);
  }

  /** What is to be announced again now. */
  due(now: Instant): HeldAddress[] {
    return [...this.#at.due(now)].flatMap((ip) => {
      const announcement = this.#underWay.get(ip);
      if (announcement === undefined) return [];
      this.#sent(announcement.address, announcement.sent, now);
      return [announcement.address];
    });
  }

  #sent(address: HeldAddress, before: number, now: Instant): void {
    const wait = announceAfter[before];
    if (wait === undefined) return void this.#underWay.delete(address.ip);
    this.#underWay.set(address.ip, { address, sent: before + 1 });
    this.#at.set(address.ip, after(now, wait));
  }
}
