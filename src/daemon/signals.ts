/**
 * Signals as function calls. They are caught from the first moment on, because the default of USR1 is to open a debugger and that of the
 * others to kill; what arrives while the daemon is being put together is delivered when it stands.
 *
 * Source: docs/reference/files-and-cli.md, section 1.1.
 */
const caught = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
export type CaughtSignal = (typeof caught)[number];

/** Signals that wait during a start. A handful says all there is to say. */
const waitingMax = 16;

export class Signals {
  #waiting: CaughtSignal[] = [];
  #deliver: ((signal: CaughtSignal) => void) | undefined;

  constructor() {
    for (const signal of caught) process.on(signal, () => this.#arrived(signal));
    process.on("SIGINT", () => {}); // ignored, as by the original
  }

  deliverTo(deliver: (signal: CaughtSignal) => void): void {
    this.#deliver = deliver;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const signal of waiting) deliver(signal);
  }

  #arrived(signal: CaughtSignal): void {
    if (this.#deliver !== undefined) this.#deliver(signal);
    else if (this.#waiting.length < waitingMax) this.#waiting.push(signal);
  }
}
