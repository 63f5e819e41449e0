/**
 * Loads the driver of the watchdog before the daemon starts, where ha4.cf asks for it (`watchdog-module`) and the device is missing. The daemon
 * itself starts no programs, and opens the device when it is there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevel } from "../core/effect.ts";

const modprobe = ["/sbin/modprobe", "/usr/sbin/modprobe", "/bin/modprobe"];
const limit = 20_000; // in milliseconds

/** With another root nothing of this machine is touched. */
export function loadWatchdogModule(
  { watchdog, extension }: ClusterConfig,
  root: string,
  log: (level: LogLevel, text: string) => void,
): void {
  const name = extension?.watchdogModule;
  if (watchdog === undefined || name === undefined || root !== "" || existsSync(watchdog)) return;
  const program = modprobe.find((path) => existsSync(path));
  if (program === undefined)
    return log("error", `Cannot load the watchdog's module ${name}: there is no modprobe here (package kmod)`);
  const { status, stderr, error } = spawnSync(program, [name], { encoding: "utf8", timeout: limit });
  if (status === 0) return log("info", `Loaded the watchdog's module ${name}`);
  const why = error?.message ?? (stderr.trim().replaceAll(/\s+/g, " ") || `modprobe ended with ${status}`);
  log("error", `Cannot load the watchdog's module ${name}: ${why.slice(0, 200)}`);
}
