/**
 * Restarts this machine, because that is the only sure way left to stop what runs on it.
 *
 * The disks get one keepalive to take what is waiting for them, from a process that may hang without harm; then the kernel restarts the
 * machine whatever they did. Nothing here waits for a disk. Where the call is refused (no CAP_SYS_BOOT, as in many containers) the
 * kernel's emergency key does the same; but only on a machine's first pid namespace, since that key knows no containers and would
 * take the whole host down.
 *
 * Source: docs/reference/resources.md, section 15, rule 2 (the order, the log line). The original waits in sync(2), without a limit.
 */

import { readlinkSync, writeFileSync } from "node:fs";
import type { LogId } from "../base/log-lines/index.ts";
import type { Milliseconds } from "../base/units.ts";
import type { LogLevel } from "../core/effect.ts";
import { errnoText } from "./sys/errno.ts";
import { loadSystem } from "./sys/system.ts";

export interface RebootParts {
  /** Time for the disks. */
  readonly keepalive: Milliseconds;
  /** Asks somebody else to write the disks' caches out; returns at once. */
  readonly sync: () => void;
  readonly log: (id: LogId, level: LogLevel, text: string) => void;
  /** Returns only when the machine goes on; then it is why. */
  readonly restart: () => string;
}

/** The second call and all later ones do nothing: one restart is enough. Resolves when the machine goes on all the same. */
export function rebooter({ keepalive, sync, log, restart }: RebootParts): (reason: string) => Promise<void> {
  let begun: Promise<void> | undefined;
  return (reason) => {
    begun ??= new Promise((resolve) => {
      log("rebooting", "emerg", `Rebooting system.  Reason: ${reason}`);
      sync();
      setTimeout(() => {
        log("rebooting", "emerg", `This machine cannot be restarted: ${restart()}`);
        resolve();
      }, keepalive);
    });
    return begun;
  };
}

/** The kernel's number of the first pid namespace (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
const firstPidNamespace = "pid:[4026531836]";

/** Why this machine still runs. */
export function restartMachine(): string {
  const system = loadSystem();
  const refused = system.ok ? errnoText(system.value.reboot()) : system.error.says;
  try {
    if (readlinkSync("/proc/self/ns/pid") !== firstPidNamespace) return refused;
    writeFileSync("/proc/sysrq-trigger", "b");
    return refused;
  } catch (error) {
    return `${refused}; ${error instanceof Error ? error.message : error}`;
  }
}
