/**
 * The logging daemon ha_logd as a place for log lines. It never holds us up: the socket does not wait, a bounded queue takes what the daemon
 * does not read at once, and what does not fit is dropped and counted. While the daemon is away the caller writes directly, and it is
 * looked for again after `conn_logd_time`.
 *
 * Source: docs/reference/files-and-cli.md, section 6.
 */
import { ipcFrame } from "../wire/ipc-frame.ts";
import { type LogdMessage, logdBody } from "../wire/logd-message.ts";
import { errno } from "./sys/errno.ts";
import { family, socketType, unixAddress } from "./sys/socket.ts";
import { loadSystem, type System } from "./sys/system.ts";

export interface LogdPlace {
  readonly path: string;
  /** conn_logd_time, in milliseconds. */
  readonly retryAfter: number;
}

/** Messages that may wait: the original's queue. */
export const logdQueueMax = 64;

/** `queued`: it is the daemon's now, or dropped and counted. `away`: the caller must write it down. */
export type LogdOutcome = "queued" | "away";

export class Logd {
  readonly #place: LogdPlace;
  readonly #system: System | undefined;
  readonly #now: () => number;
  #fd = -1;
  #triedAt = Number.NEGATIVE_INFINITY;
  /** Frames, the first perhaps partly sent. */
  #queue: Uint8Array[] = [];
  #dropped = 0;

  /** `now`: milliseconds of a clock that does not go back. */
  constructor(place: LogdPlace, now: () => number = () => performance.now()) {
    this.#place = place;
    this.#now = now;
    const system = loadSystem();
    this.#system = system.ok ? system.value : undefined;
  }

  send(message: LogdMessage): LogdOutcome {
    const system = this.#system;
    if (system === undefined || !this.#connected(system)) return "away";
    this.#flush(system);
    if (this.#fd < 0 && !this.#connected(system)) return "away"; // it ended just now, with what it had not read
    if (this.#dropped > 0 && this.#queue.length < logdQueueMax) {
      const text = Buffer.from(`cl_log: ${this.#dropped} messages were dropped`);
      this.#dropped = 0;
      this.#queue.push(ipcFrame(logdBody({ ...message, priority: 4, sayPriority: true, text })));
    }
    if (this.#queue.length >= logdQueueMax) this.#dropped++;
    else this.#queue.push(ipcFrame(logdBody(message)));
    this.#flush(system);
    return "queued";
  }

  close(): void {
    if (this.#system !== undefined && this.#fd >= 0) {
      this.#flush(this.#system);
      this.#forget(this.#system);
    }
  }

  #connected(system: System): boolean {
    if (this.#fd >= 0) return true;
    const address = unixAddress(this.#place.path);
    const now = this.#now();
    if (address === undefined || now - this.#triedAt < this.#place.retryAfter) return false;
    this.#triedAt = now;
    this.#fd = system.socket(family.unix, socketType.stream | socketType.nonBlocking | socketType.closeOnExec, 0);
    if (this.#fd >= 0 && system.connect(this.#fd, address) >= 0) return true;
    this.#forget(system);
    return false;
  }

  #flush(system: System): void {
    for (let [frame] = this.#queue; frame !== undefined && this.#fd >= 0; [frame] = this.#queue) {
      const sent = system.send(this.#fd, frame, null);
      if (sent === errno.EAGAIN) return;
      if (sent < 0) return this.#forget(system);
      if (sent < frame.length) this.#queue[0] = frame.subarray(sent);
      else this.#queue.shift();
    }
  }

  /** A restarted daemon is found at once: the time to wait counts from the last attempt. */
  #forget(system: System): void {
    if (this.#fd >= 0) system.close(this.#fd);
    this.#fd = -1;
    this.#dropped += this.#queue.length;
    this.#queue = [];
  }
}
