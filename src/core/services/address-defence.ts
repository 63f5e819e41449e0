/**
 * Another machine says that it has an address which runs here: a neighbour's mistake, or a node that everybody holds dead and that
 * still answers. Clients then reach now the one, now the other.
 *
 * Who it is gets said at once, with its hardware address, and our own claim is made again: at once, then at most every second, after ten
 * of these every ten seconds, because two machines that both insist must not fill the network. Giving the address up instead
 * would let any machine on the segment stop the service. Nothing is done about addresses that are being moved: the caller does not
 * feed those.
 *
 * Source: RFC 5227, section 2.4 (what a conflict is, and the bound of its choice (b) and (c)). The original never looks (quirk 150).
 */

import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import { after, type Instant } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import type { HeldAddress } from "../input.ts";
import { claimsQuietAfter, defendEvery, defendEveryLater, defendsSoonMax } from "../limits.ts";
import type { Machine } from "../machine.ts";
import type { ConflictView } from "../view.ts";

export type DefenceInput =
  /** `mac` announces or answers for this address of ours; `device`: where that was heard. */
  | { readonly on: "claim"; readonly address: HeldAddress; readonly mac: string; readonly device: string }
  /** It does not run here any more. */
  | { readonly on: "released"; readonly ip: string }
  | { readonly on: "deadline" };

export type DefenceOutput =
  /** `again`: this is not the first claim, so one burst is enough. */
  | { readonly is: "announce"; readonly address: HeldAddress; readonly again: boolean }
  /** About the claims of this address. */
  | { readonly is: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string; readonly ip: string };

interface Conflict {
  address: HeldAddress;
  mac: string;
  device: string;
  claims: number;
  /** Answers given, and when the next may be. */
  answers: number;
  answerFrom: Instant;
}

export class AddressDefence implements Machine<DefenceInput, DefenceOutput> {
  /** By IP; bounded by the addresses that run here. */
  readonly #conflicts = new Map<string, Conflict>();
  readonly #quiet = new Deadlines<string>();

  nextDeadline(): Instant | undefined {
    return this.#quiet.next();
  }

  view(): ConflictView[] {
    return [...this.#conflicts].map(([ip, { mac, device, claims }]) => ({ ip, mac, device, claims }));
  }

  step(input: DefenceInput, now: Instant): readonly DefenceOutput[] {
    switch (input.on) {
      case "claim":
        return this.#claimed(input, now);
      case "released":
        this.#conflicts.delete(input.ip);
        this.#quiet.delete(input.ip);
        return [];
      case "deadline":
        return this.#quiet.due(now).flatMap((ip) => this.#over(ip));
      default:
        return unreachable(input);
    }
  }

  #claimed({ address, mac, device }: Extract<DefenceInput, { on: "claim" }>, now: Instant): DefenceOutput[] {
    const { ip } = address;
    this.#quiet.set(ip, after(now, claimsQuietAfter));
    const known = this.#conflicts.get(ip);
    if (known?.mac === mac) {
      known.claims++;
      return now < known.answerFrom ? [] : this.#answer(known, now);
    }
    const text = `Another machine claims ${ip}: hardware address ${mac}, heard on ${device}. Announcing ours again.`;
    const log: DefenceOutput = { is: "log", id: "address-claimed", level: "error", text, ip };
    if (known !== undefined) {
      // Many claimants are no more than one: each is named, the answers stay bounded.
      const news = known.answerFrom <= now;
      Object.assign(known, { address, mac, device, claims: known.claims + 1 });
      return news ? [log, ...this.#answer(known, now)] : [];
    }
    const conflict: Conflict = { address, mac, device, claims: 1, answers: 0, answerFrom: now };
    this.#conflicts.set(ip, conflict);
    return [log, ...this.#answer(conflict, now)];
  }

  #answer(conflict: Conflict, now: Instant): DefenceOutput[] {
    const again = conflict.answers > 0;
    conflict.answers++;
    conflict.answerFrom = after(now, conflict.answers <= defendsSoonMax ? defendEvery : defendEveryLater);
    return [{ is: "announce", address: conflict.address, again }];
  }

  #over(ip: string): DefenceOutput[] {
    const conflict = this.#conflicts.get(ip);
    this.#conflicts.delete(ip);
    if (conflict === undefined) return [];
    const text = `Nobody else claims ${ip} any more; last was ${conflict.mac}, ${conflict.claims} claims were heard.`;
    return [{ is: "log", id: "address-claims-ended", level: "notice", text, ip }];
  }
}
