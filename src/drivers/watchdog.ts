/**
 * The machine's watchdog: a timer outside of us that restarts the machine unless it is reset in time.
 *
 * Opening the device starts it. It is patted with a NUL byte after a completed step of the core, so that a daemon that hangs, is stopped or is
 * killed leaves it alone; `V` before closing stops it (magic close). The descriptor is closed in everything that is started.
 *
 * Source: docs/reference/resources.md, section 16; Linux, Documentation/watchdog/watchdog-api.rst. Deviations: it stays armed until
 * everything is released (quirk 173); its time (quirk 175).
 */
import { closeSync, constants, openSync, readFileSync, statSync, writeSync } from "node:fs";
import type { LogId } from "../base/log-lines/index.ts";
import type { Milliseconds } from "../base/units.ts";
import type { LogLevel } from "../core/effect.ts";
import { errnoText } from "./sys/errno.ts";
import { loadSystem } from "./sys/system.ts";

type Log = (id: LogId, level: LogLevel, text: string) => void;

/** linux/watchdog.h: _IOR('W', 0, struct watchdog_info of 40 bytes), _IOWR('W', 6, int). */
export const watchdogRequest = { support: 0x80285700, setTimeout: 0xc0045706 };
const magicClose = 0x0100; // WDIOF_MAGICCLOSE

/** Only a driver with the magic close goes on when its device is closed without the letter V, as it is when we are killed. */
export const outlivesUs = (info: Uint8Array<ArrayBuffer>): boolean =>
  (new DataView(info.buffer).getUint32(0, true) & magicClose) !== 0;

/**
 * How long the device is to wait for a pat, in the whole seconds that it counts: what the administrator says, else the dead time at most, so
 * that a machine is reset when it is called dead and not up to a second later (quirk 175).
 */
export function watchdogSeconds(deadtime: Milliseconds, asked: Milliseconds | undefined): number {
  return asked === undefined ? Math.max(1, Math.floor(deadtime / 1000)) : Math.ceil(asked / 1000);
}

export class Watchdog {
  readonly #path: string;
  readonly #log: Log;
  #file: number | undefined;
  #abandoned = false;

  private constructor(path: string, file: number, log: Log) {
    this.#path = path;
    this.#file = file;
    this.#log = log;
  }

  /** Opens and arms it for `timeout` seconds; undefined: it cannot be had, which is logged with advice, and the daemon runs on without. */
  static open(path: string, timeout: number, log: Log): Watchdog | undefined {
    let file: number;
    try {
      file = openSync(path, constants.O_WRONLY);
    } catch (error) {
      log("watchdog-closed", "error", `Cannot open watchdog device: ${path}: ${watchdogOpenFault(error)}`);
      return undefined;
    }
    log("watchdog", "notice", `Using watchdog device: ${path}`);
    const watchdog = new Watchdog(path, file, log);
    watchdog.#askDriver();
    watchdog.#setTimeout(timeout);
    watchdog.pat();
    if (isNoWayOut(path))
      log(
        "watchdog-advice",
        "warn",
        `${path} cannot be stopped (nowayout): an orderly stop of heartbeat restarts this machine, too`,
      );
    return watchdog;
  }

  #askDriver(): void {
    const system = loadSystem();
    const info = new Uint8Array(40);
    if (!system.ok || this.#file === undefined || system.value.control(this.#file, watchdogRequest.support, info) < 0)
      return; // no watchdog at all: setting its time will say so
    if (!outlivesUs(info))
      this.#log(
        "watchdog-advice",
        "warn",
        `the driver of ${this.#path} stops at every close (no magic close): it does not restart this machine when heartbeat is killed`,
      );
  }

  #setTimeout(seconds: number): void {
    const system = loadSystem();
    const value = new Uint8Array(4);
    new DataView(value.buffer).setInt32(0, seconds, true);
    const answer =
      system.ok && this.#file !== undefined ? system.value.control(this.#file, watchdogRequest.setTimeout, value) : 0;
    const says = `Failed to set watchdog timer to ${seconds} seconds.`;
    if (!system.ok) this.#log("watchdog-timer", "error", `WDIOC_SETTIMEOUT: ${says}: ${system.error.says}`);
    else if (answer < 0) this.#log("watchdog-timer", "error", `WDIOC_SETTIMEOUT: ${says}: ${errnoText(answer)}`);
    const taken = new DataView(value.buffer).getInt32(0, true);
    if (answer >= 0 && taken !== seconds)
      this.#log("watchdog-timer", "warn", `the watchdog's driver has taken ${taken} seconds instead of ${seconds}`);
  }

  pat(): void {
    if (!this.#abandoned) this.#write("\0");
  }

  /** Not patted any more and not stopped: the machine restarts, whatever else fails. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** An orderly end: the machine goes on. False: it does not, it is to restart. */
  close(): boolean {
    if (this.#abandoned) return false;
    this.#write("V");
    this.#drop();
    return true;
  }

  #write(byte: string): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, byte);
    } catch {
      this.#log("watchdog-closed", "error", `Watchdog write failure: closing ${this.#path}!`);
      this.#drop();
    }
  }

  #drop(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** Why a device cannot be opened, with what to do. */
export function watchdogOpenFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "it does not exist (load the driver of the machine's watchdog, or: modprobe softdog)";
  if (code === "EBUSY")
    return "another program has it (heartbeat itself, systemd's RuntimeWatchdogSec, or a watchdog daemon)";
  return error instanceof Error ? error.message : String(error);
}

/** A device that cannot be stopped once it is open takes the machine with it at an orderly stop. */
export function isNoWayOut(path: string): boolean {
  const device = statSync(path, { throwIfNoEntry: false });
  if (device?.isCharacterDevice() !== true) return false;
  const number = `${device.rdev >> 8}:${device.rdev & 0xff}`;
  // The old name /dev/watchdog (10:130) is that of the first device.
  const folder = number === "10:130" ? "/sys/class/watchdog/watchdog0" : `/sys/dev/char/${number}`;
  try {
    return readFileSync(`${folder}/nowayout`, "latin1").trim() === "1";
  } catch {
    return false; // the kernel does not tell (CONFIG_WATCHDOG_SYSFS)
  }
}
