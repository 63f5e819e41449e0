/**
 * The watchdogs of this machine, as the kernel lists them, and a try of one that does not restart the machine.
 *
 * Source: Linux, Documentation/ABI/testing/sysfs-class-watchdog and Documentation/watchdog/watchdog-api.rst.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { failed, ok, type Result } from "../base/result.ts";
import { errnoText } from "./sys/errno.ts";
import { loadSystem } from "./sys/system.ts";
import { outlivesUs, watchdogOpenFault, watchdogRequest } from "./watchdog.ts";

export interface WatchdogDevice {
  readonly device: string;
  /** What the driver calls itself: `Software Watchdog`. */
  readonly identity: string;
  /** Running: some program has it open, or it cannot be stopped. */
  readonly active: boolean;
  /** In seconds, as it is set now. */
  readonly timeout: number | undefined;
  /** Once opened it cannot be stopped any more. */
  readonly noWayOut: boolean;
}

const classFolder = "/sys/class/watchdog";

/** In the order of their numbers. Empty where the kernel has none, or does not tell (CONFIG_WATCHDOG_SYSFS). */
export function listWatchdogs(root = ""): WatchdogDevice[] {
  const folder = `${root}${classFolder}`;
  const read = (name: string, file: string): string => {
    try {
      return readFileSync(join(folder, name, file), "latin1").trim();
    } catch {
      return "";
    }
  };
  return namesIn(folder).map((name) => ({
    device: `/dev/${name}`,
    identity: read(name, "identity") || "unknown",
    active: read(name, "state") === "active",
    timeout: /^\d+$/.test(read(name, "timeout")) ? Number(read(name, "timeout")) : undefined,
    noWayOut: read(name, "nowayout") === "1",
  }));
}

function namesIn(folder: string): string[] {
  try {
    const numberOf = (name: string): number => Number(name.slice("watchdog".length));
    return readdirSync(folder)
      .filter((name) => /^watchdog\d+$/.test(name))
      .sort((a, b) => numberOf(a) - numberOf(b));
  } catch {
    return []; // no driver is loaded
  }
}

export interface TriedWatchdog {
  readonly identity: string;
  /** In seconds, as the driver accepted it. */
  readonly timeout: number;
}

/**
 * Arms a device for `timeout` seconds, pats it for a second longer than that, and stops it, also when `signal` ends it before. A process
 * that is killed or stopped meanwhile leaves it armed.
 */
export async function tryWatchdog(
  path: string,
  timeout: number,
  signal: AbortSignal,
): Promise<Result<TriedWatchdog, string>> {
  const opened = arm(path, timeout);
  if (!opened.ok) return opened;
  const { file, identity, timeout: accepted } = opened.value;
  const end = performance.now() + (accepted + 1) * 1000;
  const between = Math.min(1000, (accepted * 1000) / patsMin);
  let fault: string | undefined;
  while (performance.now() < end && !signal.aborted && fault === undefined) {
    fault = write(file, "\0");
    await pause(between, undefined, { signal }).catch(() => {}); // broken off
  }
  fault ??= stop(file);
  if (fault !== undefined) return failed(`it does not take what is written: ${fault}`);
  return signal.aborted ? failed("broken off: it was stopped") : ok({ identity, timeout: accepted });
}

/** Pats within its time at least: a timer may be late. */
const patsMin = 4;

/** Arms a device and leaves it alone. Comes back only when the machine was not restarted. */
export async function letItReset(path: string, timeout: number): Promise<string> {
  const opened = arm(path, timeout);
  if (!opened.ok) return opened.error;
  write(opened.value.file, "\0");
  await pause((opened.value.timeout + grace) * 1000);
  stop(opened.value.file);
  return `this machine still runs ${grace} s after it should have been restarted`;
}

/** In seconds; drivers count coarsely, and a second stage of some waits as long again. */
const grace = 5;

function arm(path: string, timeout: number): Result<TriedWatchdog & { readonly file: number }, string> {
  const system = loadSystem();
  if (!system.ok) return failed(system.error.says);
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY);
  } catch (error) {
    return failed(watchdogOpenFault(error));
  }
  const refuse = (says: string): Result<never, string> => {
    stop(file);
    return failed(says);
  };
  const info = new Uint8Array(40);
  const isNone = system.value.control(file, watchdogRequest.support, info);
  if (isNone < 0) return refuse(`it is no watchdog: ${errnoText(isNone)}`);
  const value = new Uint8Array(4);
  const view = new DataView(value.buffer);
  view.setInt32(0, timeout, true);
  const refused = system.value.control(file, watchdogRequest.setTimeout, value);
  if (refused < 0) return refuse(`it does not take ${timeout} s: ${errnoText(refused)}`);
  if (!outlivesUs(info))
    return refuse(
      "its driver stops at every close (no magic close): it would not restart a machine whose heartbeat is killed",
    );
  const identity = Buffer.from(info.subarray(8)).toString("latin1").split("\0")[0] ?? "";
  return ok({ file, identity, timeout: view.getInt32(0, true) });
}

/** By the letter, before the close. Returns what went wrong. */
function stop(file: number): string | undefined {
  const fault = write(file, "V");
  closeSync(file);
  return fault;
}

function write(file: number, byte: string): string | undefined {
  try {
    writeSync(file, byte);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
