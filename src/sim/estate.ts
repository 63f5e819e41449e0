/**
 * What the runner of a simulated machine keeps over the death of its core: the keepsake, the scripts under way, and for how long.
 */
import { type Beat, giveUpAt } from "../base/patience.ts";
import { type OperationId, operationId } from "../base/units.ts";
import type { Input } from "../core/input.ts";
import { type Inheritance, inheritanceOf, type Keepsake } from "../core/keepsake.ts";

export class Estate {
  keepsake: Keepsake | undefined;
  beat: Beat | undefined;
  /** Cores died and not followed by an orderly end: when. */
  #adoptions: number[] = [];
  #waiting = false;
  readonly #underWay = new Set<OperationId>();
  /** What has ended while there was no core to tell. */
  #unreported: Input[] = [];
  /** Of the core that lives: what it will be told the end of. */
  #awaited = new Set<OperationId>();
  #last = operationId(0);

  ordered(operation: OperationId): void {
    this.#underWay.add(operation);
    this.#awaited.add(operation);
    this.#last = operation;
  }

  /** A script has ended: to be told, or kept, or nobody's business. */
  ended(operation: OperationId, input: Input): Input | undefined {
    if (this.#waiting) {
      this.#unreported.push(input);
      return undefined;
    }
    this.#underWay.delete(operation);
    return this.#awaited.delete(operation) ? input : undefined;
  }

  /** The core is gone; the moment at which everything is given up, unless another comes. */
  orphaned(now: number, planned: boolean): number {
    this.#waiting = true;
    return giveUpAt(this.beat, planned ? [] : this.#adoptions, now, "awaited") ?? now;
  }

  get waiting(): boolean {
    return this.#waiting;
  }

  /** Another core takes over; `told` is what ended meanwhile. */
  adopt(now: number): { readonly inherited: Inheritance; readonly told: readonly Input[] } {
    this.#adoptions.push(now);
    this.#waiting = false;
    const inherited = inheritanceOf(this.keepsake, [...this.#underWay], this.#last);
    this.#awaited = new Set(inherited.underWay);
    return { inherited, told: this.#unreported.splice(0) };
  }
}
