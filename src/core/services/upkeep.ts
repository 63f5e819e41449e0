/**
 * Puts an address back that somebody else took off its interface: a network manager, a script, an administrator's mistake.
 *
 * The kernel tells of every address that goes, ours included when we remove them ourselves; so whoever is told asks first whether it is
 * really gone and still wanted. Putting it back takes no process and no waiting. What cannot be put back (its interface is gone)
 * is said once, and tried again and again; after some seconds its group goes to another node, if one can have it. While maintenance lasts an administrator may take away what he likes; what is gone when it ends is
 * put back then (quirk 232).
 *
 * The original never notices (quirk 55).
 */

import type { Resource } from "../../agents/resource.ts";
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import { after, type Instant } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import type { AddressOutcome, HeldAddress } from "../input.ts";
import { putBackMax, putBackPause } from "../limits.ts";
import type { Machine } from "../machine.ts";

export type AddressResource = Extract<Resource, { kind: "address" }>;

export type UpkeepInput =
  /** Undefined: any may have gone. */
  | { readonly on: "gone"; readonly ip: string | undefined }
  | { readonly on: "answer"; readonly resource: AddressResource; readonly outcome: AddressOutcome }
  | { readonly on: "maintenance"; readonly active: boolean }
  | { readonly on: "deadline" };

export type UpkeepOutput =
  | { readonly is: "order"; readonly resource: AddressResource; readonly action: "add" | "status" }
  | { readonly is: "announce"; readonly address: HeldAddress }
  /** It could not be put back: its group is better elsewhere. */
  | { readonly is: "not-back"; readonly resource: AddressResource; readonly why: string }
  | {
      readonly is: "log";
      readonly id: LogId;
      readonly level: LogLevel;
      readonly text: string;
      readonly resource: AddressResource;
    };

export class Upkeep implements Machine<UpkeepInput, UpkeepOutput> {
  readonly #running: () => readonly AddressResource[];
  readonly #underWay = new Map<AddressResource, "add" | "status">();
  /** Those that went, or may have gone, since what is under way was ordered: its answer may be older than that. */
  readonly #wentSince = new Set<AddressResource>();
  readonly #again = new Deadlines<AddressResource>();
  /** Those that could not be put back, as was said, and since when. */
  readonly #troubled = new Map<AddressResource, Instant>();
  #maintenance = false;

  /** `running`: the addresses that are to be there now. */
  constructor(running: () => readonly AddressResource[]) {
    this.#running = running;
  }

  nextDeadline(): Instant | undefined {
    return this.#again.next();
  }

  step(input: UpkeepInput, now: Instant): readonly UpkeepOutput[] {
    switch (input.on) {
      case "gone":
        return this.#look(input.ip);
      case "answer":
        return this.#answered(input.resource, input.outcome, now);
      case "maintenance":
        this.#maintenance = input.active;
        if (input.active) this.#again.clear();
        return this.#look(undefined);
      case "deadline":
        return this.#again.due(now).flatMap((resource) => this.#order(resource, "status"));
      default:
        return unreachable(input);
    }
  }

  #look(ip: string | undefined): UpkeepOutput[] {
    if (this.#maintenance) return [];
    const concerned = this.#running().filter((resource) => ip === undefined || resource.address.ip === ip);
    for (const resource of concerned) if (this.#underWay.has(resource)) this.#wentSince.add(resource);
    return concerned.flatMap((resource) => this.#order(resource, "status"));
  }

  #order(resource: AddressResource, action: "add" | "status"): UpkeepOutput[] {
    if (this.#underWay.has(resource)) return [];
    this.#wentSince.delete(resource);
    this.#underWay.set(resource, action);
    return [{ is: "order", resource, action }];
  }

  #answered(resource: AddressResource, outcome: AddressOutcome, now: Instant): UpkeepOutput[] {
    const action = this.#underWay.get(resource);
    this.#underWay.delete(resource);
    this.#again.delete(resource);
    // A stop that began meanwhile was ordered later than what we have ordered, so it undoes that.
    if (!this.#running().includes(resource) || this.#maintenance) return this.#forget(resource);
    if (outcome.result === "failed") return this.#failed(resource, action, outcome.says, now);
    if (outcome.result === "absent") return [...this.#missed(resource), ...this.#order(resource, "add")];
    const again = this.#wentSince.has(resource) ? this.#order(resource, "status") : [];
    if (action !== "add") return [...this.#forget(resource), ...again];
    this.#troubled.delete(resource);
    const text = `${resource.text} is back on ${outcome.address.device}.`;
    return [
      { is: "announce", address: outcome.address },
      { is: "log", id: "address-back", level: "info", text, resource },
      ...again,
    ];
  }

  #missed(resource: AddressResource): UpkeepOutput[] {
    if (this.#troubled.has(resource)) return [];
    const text = `${resource.text} was removed by somebody else: putting it back.`;
    return [{ is: "log", id: "address-missed", level: "warn", text, resource }];
  }

  /** A question that the kernel does not answer says nothing of the address. */
  #failed(resource: AddressResource, action: "add" | "status" | undefined, says: string, now: Instant): UpkeepOutput[] {
    this.#again.set(resource, after(now, putBackPause));
    if (action !== "add") return [];
    const since = this.#troubled.get(resource);
    if (since !== undefined) return now - since < putBackMax ? [] : [{ is: "not-back", resource, why: says }];
    this.#troubled.set(resource, now);
    const text = `${resource.text} cannot be put back: ${says}. It is tried again every second.`;
    return [{ is: "log", id: "address-not-back", level: "crit", text, resource }];
  }

  #forget(resource: AddressResource): UpkeepOutput[] {
    this.#troubled.delete(resource);
    return [];
  }
}
