/**
 * Standard output and standard error, written at once and with a memory for what went wrong.
 *
 * A full disk behind `heartbeat config > file` must not end in a success. A reader that went away (`| head`) had enough:
 * that is no error, and there is nobody to tell.
 */
import { writeSync } from "node:fs";
import { systemCode, systemText } from "./system-text.ts";

/** In milliseconds: how often a reader that is behind is asked again. */
const pause = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class Output {
  readonly #descriptor: number;
  #closed = false;
  #fault: string | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Why not everything was written; undefined as long as it was, or if nobody reads any more. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Returns when the system has everything. Nothing is written after a failure. */
  write(text: string): void {
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0 && !this.#closed)
      try {
        rest = rest.subarray(writeSync(this.#descriptor, rest));
      } catch (error) {
        this.#failed(error);
      }
  }

  #failed(error: unknown): void {
    const code = systemCode(error);
    if (code === "EAGAIN") {
      // Somebody else made the pipe a non-blocking one, and it is full.
      Atomics.wait(sleeper, 0, 0, pause);
      return;
    }
    this.#closed = true;
    if (code !== "EPIPE") this.#fault = systemText(error);
  }
}
