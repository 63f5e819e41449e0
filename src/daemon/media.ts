/**
 * All media of this node as one: what is sent goes out on each of them.
 *
 * A medium that cannot send (cable out, interface gone) must not flood the log at the pace of heartbeats: the first failure is told,
 * then at most one line a minute, and once when it works again.
 */

import { type Fault, faultText } from "../base/fault.ts";
import type { LogId } from "../base/log-lines/index.ts";
import { elapsed, type Instant, type MediumName } from "../base/units.ts";
import type { LogLevel } from "../core/effect.ts";
import type { MediumDriver } from "../drivers/medium.ts";

/** In milliseconds, per medium. */
export const complaintInterval = 60_000;

interface Opened {
  readonly driver: MediumDriver;
  /** Messages lost since it last worked. */
  lost: number;
  complainedAt: Instant | undefined;
  /** A complaint stands that its recovery should answer. */
  complained: boolean;
}

const openedOf = (driver: MediumDriver): Opened => ({
  driver,
  lost: 0,
  complainedAt: undefined,
  complained: false,
});

export class Media {
  readonly #opened: Opened[] = [];
  /** Serial lines. */
  readonly #textual: Opened[] = [];
  readonly #pings: Opened[] = [];
  readonly #instant: () => Instant;
  readonly #log: (id: LogId, level: LogLevel, text: string) => void;

  constructor(clock: { instant(): Instant }, log: (id: LogId, level: LogLevel, text: string) => void) {
    this.#instant = () => clock.instant();
    this.#log = log;
  }

  /** `form`: which of a message's two forms the medium carries. */
  add(driver: MediumDriver, form: "datagram" | "text" = "datagram"): void {
    (form === "text" ? this.#textual : this.#opened).push(openedOf(driver));
  }

  /** A medium that carries nothing but questions to a ping node. */
  addPing(driver: MediumDriver): void {
    this.#pings.push(openedOf(driver));
  }

  /** `text` may be missing where there is no serial line, or for a message that has no such form. */
  send(bytes: Uint8Array, text?: Uint8Array): void {
    for (const opened of this.#opened) this.#send(opened, bytes);
    if (text !== undefined) for (const opened of this.#textual) this.#send(opened, text);
  }

  /** To the serial lines except one. */
  passOn(text: Uint8Array, from: MediumName): void {
    for (const opened of this.#textual) if (opened.driver.name !== from) this.#send(opened, text);
  }

  /** Two lines may name one ping node: asking through either will do. */
  ping(medium: MediumName, bytes: Uint8Array): void {
    const opened = this.#pings.find(({ driver }) => driver.name === medium);
    if (opened !== undefined) this.#send(opened, bytes);
  }

  close(): void {
    for (const opened of [this.#opened, this.#textual, this.#pings])
      for (const { driver } of opened.splice(0)) driver.close();
  }

  #send(opened: Opened, bytes: Uint8Array): void {
    const fault = opened.driver.send(bytes);
    if (fault === undefined) this.#worked(opened);
    else this.#failed(opened, fault);
  }

  #failed(opened: Opened, fault: Fault): void {
    opened.lost++;
    const now = this.#instant();
    if (opened.complainedAt !== undefined && elapsed(opened.complainedAt, now) < complaintInterval) return;
    opened.complainedAt = now;
    opened.complained = true;
    this.#log("medium-failed", "error", `Cannot send on ${opened.driver.name}: ${faultText(fault)}`);
  }

  #worked(opened: Opened): void {
    if (opened.lost === 0) return;
    if (opened.complained)
      this.#log("medium-works", "info", `Sending on ${opened.driver.name} works again; lost: ${opened.lost}`);
    opened.lost = 0;
    opened.complained = false;
  }
}
