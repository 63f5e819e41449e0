/**
 * Groups that failed here because the kernel would not take an address: they may be tried again when an interface is back.
 *
 * Whoever restarts the network takes its addresses away, on all nodes at once if a tool of his does. A group that failed everywhere stays down
 * until somebody forgives it (`heartbeat cleanup`); of these the interface does, when it has been up for a while. It may get its own address,
 * and with that the network, some seconds after its carrier: so there are two looks.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant } from "../../base/units.ts";
import { interfaceSettled, interfaceSettledLate } from "../limits.ts";
import type { UnitId } from "../takeover/units.ts";

export class LostInterfaces {
  readonly #failed = new Set<UnitId>();
  readonly #looks = new Deadlines<"soon" | "late">();

  nextDeadline(): Instant | undefined {
    return this.#looks.next();
  }

  /** It did not start here, or could not be kept up. `byAddress`: an address was the reason. */
  failed(unit: UnitId, byAddress: boolean): void {
    if (byAddress) this.#failed.add(unit);
    else this.#failed.delete(unit);
  }

  isUp(unit: UnitId): void {
    this.#failed.delete(unit);
  }

  /** While an interface comes and goes nothing is tried. */
  interfaceUp(now: Instant): void {
    if (this.#failed.size === 0) return;
    this.#looks.set("soon", after(now, interfaceSettled));
    this.#looks.set("late", after(now, interfaceSettledLate));
  }

  /** What may be tried again now. */
  due(now: Instant): readonly UnitId[] {
    return this.#looks.due(now).length === 0 ? [] : [...this.#failed];
  }
}
