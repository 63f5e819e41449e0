/** What every open medium can do, whatever it is made of. */
import type { Fault } from "../base/fault.ts";

export interface MediumDriver {
  readonly name: string;
  /** Hands one message to the kernel, now. It may fail at any time and work again later; counting is the caller's. */
  send(bytes: Uint8Array): Fault | undefined;
  /** May be called more than once. */
  close(): void;
}
