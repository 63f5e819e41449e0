/**
 * Groups that failed here because the kernel would not take an address: they may be tried again when it would.
 *
 * Whoever restarts the network takes its addresses away, on all nodes at once if a tool of his does. A group that failed everywhere stays down
 * until somebody forgives it (`heartbeat cleanup`); of these the kernel does, which is asked now and then whether the address has an interface
 * again. No message of the kernel would do: an interface may get its own address, and with that the network, long after its carrier.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { missingAddressEvery } from "../limits.ts";
import type { UnitId } from "../takeover/units.ts";
import type { AddressResource } from "./upkeep.ts";

export class MissingAddresses {
  readonly #failed = new Map<UnitId, AddressResource>();
  readonly #ask = new Deadlines<"ask">();

  nextDeadline(): Instant | undefined {
    return this.#ask.next();
  }

  /** It did not start here, or could not be kept up. `address`: which was the reason; undefined: something else was. */
  failed(unit: UnitId, address: AddressResource | undefined, now: Instant): void {
    if (address === undefined) return this.forget(unit);
    this.#failed.set(unit, address);
    if (!this.#ask.has("ask")) this.#ask.set("ask", after(now, missingAddressEvery));
  }

  forget(unit: UnitId): void {
    this.#failed.delete(unit);
    if (this.#failed.size === 0) this.#ask.clear();
  }

  /** Of which the kernel is to be asked now. */
  due(now: Instant): readonly (readonly [UnitId, AddressResource])[] {
    if (this.#ask.due(now).length === 0) return [];
    this.#ask.set("ask", after(now, missingAddressEvery));
    return [...this.#failed];
  }
}
