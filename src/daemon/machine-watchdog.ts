/**
 * The machine's watchdog from a core's start to its end, and a mark in /run that tells the next core how this one ended.
 *
 * A core that died with its watchdog armed is not to be followed by another one that pats it: the machine restarts, as with the original, and
 * that is what the others wait for. The mark goes with a restart of the machine and with an orderly end. Where `restart-adopts on` says that
 * the next core goes on, there is none.
 *
 * Source: docs/reference/resources.md, section 16.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ServiceManager } from "../drivers/service-manager.ts";
import { Watchdog, watchdogSeconds } from "../drivers/watchdog.ts";
import type { Log } from "./log.ts";
import type { Paths } from "./paths.ts";

/** In seconds, beyond the watchdog's own time: drivers count coarsely. */
const grace = 3;

export interface MachineWatchdogParts {
  readonly config: Pick<ClusterConfig, "watchdog" | "deadtime" | "extension">;
  readonly paths: Pick<Paths, "root" | "armed">;
  readonly log: Pick<Log, "write">;
}

export class MachineWatchdog {
  readonly #parts: MachineWatchdogParts;
  /** In seconds. */
  readonly #timeout: number;
  #device: Watchdog | undefined;

  constructor(parts: MachineWatchdogParts) {
    this.#parts = parts;
    const { deadtime, extension } = parts.config;
    this.#timeout = watchdogSeconds(deadtime, extension?.watchdogTimeout);
  }

  /** Waits for the end of the machine, if the last core died with its watchdog armed. Comes back where no restart came. */
  async letItReset(service: Pick<ServiceManager, "starting"> | undefined): Promise<void> {
    const { config, log, paths } = this.#parts;
    if (config.watchdog === undefined || !existsSync(paths.armed)) return;
    const text = `The last heartbeat died: its watchdog restarts this machine within ${this.#timeout} s.`;
    log.write("watchdog-awaited", "crit", `${text} (restart-adopts on would let this one go on)`);
    const wait = (this.#timeout + grace) * 1000;
    service?.starting(wait);
    await pause(wait);
    log.write(
      "watchdog-awaited",
      "error",
      "The watchdog did not restart this machine: heartbeat starts. Try it: heartbeat watchdog test",
    );
    rmSync(paths.armed, { force: true });
  }

  /** With another root the device lies below it: this machine's is not touched then. */
  arm(): void {
    const { config, log, paths } = this.#parts;
    if (config.watchdog === undefined) return;
    this.#device = Watchdog.open(join(paths.root, config.watchdog), this.#timeout, (id, level, text) =>
      log.write(id, level, text),
    );
    if (this.#device === undefined || config.extension?.restartAdopts === true) return;
    try {
      writeFileSync(paths.armed, "", { mode: 0o600 });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.write("watchdog-awaited", "warn", `A next heartbeat will not leave this machine to its watchdog: ${why}`);
    }
  }

  pat(): void {
    this.#device?.pat();
  }

  /** The machine is to restart: should all else fail, the watchdog does it. */
  abandon(): void {
    this.#device?.abandon();
  }

  /** An orderly end; after `abandon` it is none, and the mark stays. */
  close(): void {
    if (this.#device?.close() === true) rmSync(this.#parts.paths.armed, { force: true });
  }
}
