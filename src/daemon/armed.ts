/**
 * A core that died with its watchdog armed is not to be followed by another one that pats it: the machine restarts, as with the original, and
 * that is what the others wait for. A mark in /run tells the next core; it goes with a restart of the machine and with an orderly end.
 *
 * Source: docs/reference/resources.md, section 16. Where `restart-adopts on` says that the next core goes on, there is no mark.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "./log.ts";

/** In seconds, beyond the watchdog's own time: drivers count coarsely. */
const grace = 3;

export const markArmed = (mark: string): void => writeFileSync(mark, "", { mode: 0o600 });

export const markDisarmed = (mark: string): void => rmSync(mark, { force: true });

/** Waits for the end, if the last core died while its watchdog was armed for `timeout` seconds. Comes back where no restart came. */
export async function awaitReset(mark: string, timeout: number, log: Pick<Log, "write">): Promise<void> {
  if (!existsSync(mark)) return;
  log.write(
    "watchdog-awaited",
    "crit",
    `The last heartbeat died: its watchdog restarts this machine within ${timeout} s. (restart-adopts on would let this one go on)`,
  );
  await pause((timeout + grace) * 1000);
  log.write(
    "watchdog-awaited",
    "error",
    "The watchdog did not restart this machine: heartbeat starts. Try it: heartbeat watchdog test",
  );
  markDisarmed(mark);
}
