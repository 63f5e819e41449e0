/**
 * What systemd wants to be told by the processes it runs: that we are up, that we are stopping, and that we are still well. One datagram
 * each, never waited for; without systemd, or without the native addon, nothing happens.
 *
 * Source: sd_notify(3) and sd_watchdog_enabled(3): NOTIFY_SOCKET is a path, or an abstract name after "@"; WATCHDOG_USEC is the time within
 * which a sign of life must come, WATCHDOG_PID whose. Scripts must not speak for us, so the variables end here.
 */
import { elapsed, type Instant, type Milliseconds } from "../base/units.ts";
import { family, socketType, unixAddress } from "./sys/socket.ts";
import { loadSystem, type System } from "./sys/system.ts";

/** Signs of life in the time of one: a lost datagram and a busy moment are not the end. */
const signsPerLimit = 4;

/** Microseconds, for the rest of the start. */
const extensionMargin = 30_000_000;

export class ServiceManager {
  /** Undefined: nobody wants signs of life. */
  readonly interval: Milliseconds | undefined;
  readonly #system: System;
  readonly #fd: number;
  #saidAt: Instant | undefined;

  private constructor(system: System, fd: number, interval: Milliseconds | undefined) {
    this.#system = system;
    this.#fd = fd;
    this.interval = interval;
  }

  /** Undefined where no service manager has started us. Takes its variables out of `environment`. */
  static of(environment: NodeJS.ProcessEnv, pid: number): ServiceManager | undefined {
    const { NOTIFY_SOCKET: path = "", WATCHDOG_USEC: limit = "", WATCHDOG_PID: whose = "" } = environment;
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
    // An abstract name has no NUL at its end.
    const address = path.startsWith("@") ? unixAddress(`\0${path.slice(1)}`)?.subarray(0, -1) : unixAddress(path);
    const system = loadSystem();
    if (path === "" || address === undefined || !system.ok) return undefined;
    const type = socketType.datagram | socketType.nonBlocking | socketType.closeOnExec;
    const fd = system.value.socket(family.unix, type, 0);
    if (fd < 0) return undefined;
    if (system.value.connect(fd, address) < 0) {
      system.value.close(fd);
      return undefined;
    }
    const ours = whose === "" || Number(whose) === pid;
    const milliseconds = ours ? Math.floor(Number(limit) / 1000 / signsPerLimit) : 0;
    return new ServiceManager(system.value, fd, milliseconds > 0 ? (milliseconds as Milliseconds) : undefined);
  }

  /** The start takes so many milliseconds more than usual, and is not to be taken for one that hangs. */
  starting(wait: number): void {
    this.#say(`EXTEND_TIMEOUT_USEC=${Math.round(wait * 1000) + extensionMargin}`);
  }

  /** We are up, and this is what we are doing. */
  ready(status: string): void {
    this.#say(`READY=1\nSTATUS=${oneLine(status)}`);
  }

  stopping(): void {
    this.#say("STOPPING=1\nSTATUS=giving resources away");
  }

  /** To be called after each completed step: says so if it is time. */
  alive(now: Instant): void {
    if (this.interval === undefined) return;
    if (this.#saidAt !== undefined && elapsed(this.#saidAt, now) < this.interval) return;
    this.#saidAt = now;
    this.#say("WATCHDOG=1");
  }

  #say(text: string): void {
    this.#system.send(this.#fd, Buffer.from(text, "utf8"), null);
  }
}

const oneLine = (text: string): string => text.replaceAll("\n", " ");
