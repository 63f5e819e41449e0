/**
 * Groups that failed here because the kernel would not take an address: they may be tried again when it would.
 *
 * Whoever restarts the network takes its addresses away, on all nodes at once if a tool of his does. A group that failed everywhere stays down
 * until somebody forgives it (`heartbeat cleanup`); of these the kernel does, which is asked now and then whether the address has an interface
 * again. No message of the kernel would do: an interface may get its own address, and with that the network, long after its carrier.
 *
 * The first question is asked at once: if the answer is yes, the address failed for another reason, which may last, and the group would be taken from the
 * node that runs it again and again.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { missingAddressEvery } from "../limits.ts";
import type { UnitId } from "../takeover/units.ts";
import type { AddressResource } from "./upkeep.ts";

export class MissingAddresses {
  /** `seen`: the kernel has said that it would not take it. */
  readonly #failed = new Map<UnitId, { readonly address: AddressResource; seen: boolean }>();
  readonly #ask = new Deadlines<"ask">();

  nextDeadline(): Instant | undefined {
    return this.#ask.next();
  }

  /** It did not start here, or could not be kept up. `address`: which was the reason; undefined: something else was. */
  failed(unit: UnitId, address: AddressResource | undefined, now: Instant): void {
    if (address === undefined) return this.forget(unit);
    this.#failed.set(unit, { address, seen: false });
    this.#ask.set("ask", now);
  }

  /** The last core had seen that it is missing. */
  recalled(unit: UnitId, address: AddressResource, now: Instant): void {
    this.#failed.set(unit, { address, seen: true });
    this.#ask.set("ask", now);
  }

  forget(unit: UnitId): void {
    this.#failed.delete(unit);
    if (this.#failed.size === 0) this.#ask.clear();
  }

  /** Of which the kernel is to be asked now. */
  due(now: Instant): readonly (readonly [UnitId, AddressResource])[] {
    if (this.#ask.due(now).length === 0) return [];
    this.#ask.set("ask", after(now, missingAddressEvery));
    return [...this.#failed].map(([unit, { address }]) => [unit, address] as const);
  }

  /** `missing`: still. `back`: the group may be tried again. `was-there`: it failed for another reason. */
  answered(unit: UnitId, could: boolean): "missing" | "back" | "was-there" {
    const each = this.#failed.get(unit);
    if (each === undefined) return "was-there";
    if (!could) each.seen = true;
    else this.forget(unit);
    return could ? (each.seen ? "back" : "was-there") : "missing";
  }
}
