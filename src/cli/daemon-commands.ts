/**
 * Start, stop and question the daemon, in the words and with the exit codes of the original: init scripts, units and people
 * rely on both.
 *
 * Source: docs/reference/files-and-cli.md, section 1; configuration.md, section 1.
 * Deviations: what fails while media are opened is told here and not in the log alone; `-k` looks ten times a second.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LogLevel } from "../core/effect.ts";
import { type CheckedConfiguration, checkConfiguration, configurationError } from "../daemon/configuration.ts";
import { type LaunchOptions, launchDetached, runForeground } from "../daemon/launch.ts";
import type { Paths } from "../daemon/paths.ts";
import { findRunning, isHeartbeat } from "../daemon/running.ts";
import type { StartReport } from "../daemon/start-report.ts";
import { version } from "../daemon/version.ts";
import { fileLine } from "../drivers/log-format.ts";
import { effectiveText } from "./config-dump.ts";
import { exitCode } from "./exit-code.ts";
import { renderAll } from "./load-options.ts";
import { loadWatchdogModule } from "./load-watchdog.ts";
import type { Io } from "./program.ts";
import { systemCode, systemText } from "./system-text.ts";

/** Answers of `-s`, also LSB's. */
const statusCode = { running: 0, dead: 1, stopped: 3, unknown: 4 } as const;

/** In milliseconds. */
const stopPollInterval = 100;

export interface StartOptions extends LaunchOptions {
  readonly foreground: boolean;
  /** Print the configuration: `-v`. */
  readonly dump: boolean;
}

export function showStatus(paths: Paths, io: Io): number {
  const running = findRunning(paths);
  switch (running.is) {
    case "running":
      io.out(`heartbeat OK [pid ${running.pid} et al] is running on ${unameOf()} [${nodeNameOf(paths)}]...\n`);
      break;
    case "unknown":
      io.err(`heartbeat: ${running.says}\n`);
      break;
    case "dead":
    case "stopped":
      io.out("heartbeat is stopped. No process\n");
  }
  return statusCode[running.is];
}

export async function stopDaemon(paths: Paths, io: Io): Promise<number> {
  const running = findRunning(paths);
  if (running.is === "unknown") {
    io.err(`heartbeat: ${running.says}\n`);
    return exitCode.failed;
  }
  if (running.is !== "running") {
    io.err("INFO: Heartbeat already stopped.\n");
    return exitCode.ok;
  }
  const failure = signal(running.pid, "SIGTERM", "only root may stop it");
  if (failure === "gone") return exitCode.ok;
  if (failure !== undefined) {
    io.err(`ERROR: Cannot stop heartbeat [pid ${running.pid}]: ${failure.says}\n`);
    return failure.exitCode;
  }
  // No limit: releasing resources takes as long as their scripts need.
  while (isHeartbeat(running.pid, paths.root)) await pause(stopPollInterval);
  return exitCode.ok;
}

export async function startDaemon(paths: Paths, options: StartOptions, io: Io): Promise<number> {
  const checked = await checkConfiguration(paths, options);
  const log = logTo(io);
  tell(checked, io, log);
  if (!checked.ok) return checked.exitCode;
  log("info", "**************************");
  log("info", `Configuration validated. Starting heartbeat ${version}`);
  if (options.dump) io.out(effectiveText(checked.loaded));
  const running = findRunning(paths);
  if (running.is === "running") {
    log("info", `heartbeat: already running [pid ${running.pid}].`);
    return exitCode.ok;
  }
  const complain = (report: StartReport): void => {
    if (!report.started) for (const line of report.says) log(report.code === 0 ? "info" : "error", line);
  };
  if (checked.loaded.config !== undefined) loadWatchdogModule(checked.loaded.config, paths.root, log);
  if (options.foreground) return await runForeground(options, complain);
  const report = await launchDetached(options);
  complain(report);
  return report.started ? exitCode.ok : report.code;
}

/** `-r`: nothing reaches a running daemon before everything was found good here; the daemon looks once more by itself. */
export async function reloadDaemon(paths: Paths, options: StartOptions, io: Io): Promise<number> {
  const running = findRunning(paths);
  if (running.is !== "running") return await startDaemon(paths, options, io);
  const checked = await checkConfiguration(paths, options);
  const log = logTo(io);
  tell(checked, io, log);
  if (!checked.ok) {
    log("info", `Config errors: Heartbeat pid ${running.pid} NOT restarted`);
    return checked.exitCode === exitCode.notPermitted ? exitCode.notPermitted : exitCode.failed;
  }
  const failure = signal(running.pid, "SIGHUP", "only root may have it read its files");
  if (failure === undefined) {
    log("info", `Signalling heartbeat pid ${running.pid} to reread config files`);
    return exitCode.ok;
  }
  const [says, code] = failure === "gone" ? ["it has just ended", exitCode.failed] : [failure.says, failure.exitCode];
  io.err(`ERROR: Cannot signal heartbeat [pid ${running.pid}]: ${says}\n`);
  return code;
}

/**
 * `-R`: the original's way to call itself in a restart, in a process that is the daemon already. Ours is told what was held by its runner and
 * believes no option, so that for whoever calls it so there is only what the original says to others than itself (quirk 226).
 */
export async function restartDaemon(paths: Paths, options: StartOptions, io: Io): Promise<number> {
  const checked = await checkConfiguration(paths, options);
  tell(checked, io, logTo(io));
  if (!checked.ok) return checked.exitCode;
  const running = findRunning(paths);
  if (running.is === "running") {
    io.err(`ERROR: Heartbeat already running [pid ${running.pid}].\n`);
    io.err("heartbeat: heartbeat -r restarts it where its files have changed; what it holds goes on\n");
    return exitCode.failed;
  }
  io.err("ERROR: heartbeat is not running.\n");
  io.err("heartbeat: -R starts nothing; without an option heartbeat starts the daemon\n");
  return exitCode.notConfigured;
}

/** Undefined if it was sent. `forbidden` is what to say to somebody who may not. */
function signal(pid: number, name: NodeJS.Signals, forbidden: string) {
  try {
    process.kill(pid, name);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ESRCH") return "gone";
    return code === "EPERM"
      ? { says: forbidden, exitCode: exitCode.notPermitted }
      : { says: systemText(error), exitCode: exitCode.failed };
  }
}

/** Findings with the lines they are about; what follows from them in the words of the log. */
function tell({ ok, loaded }: CheckedConfiguration, io: Io, log: Log): void {
  io.err(renderAll(loaded.diagnostics, loaded.files, io.terminal));
  if (!ok) log("error", configurationError);
}

type Log = (level: LogLevel, text: string) => void;

/** Lines in the form of the log, on standard error. */
const logTo =
  (io: Io): Log =>
  (level, text) =>
    io.err(
      fileLine(
        { level, text, at: Date.now() },
        { entity: "heartbeat", pid: process.pid, host: hostname(), syslogMessageFormat: true, stderr: true },
      ),
    );

const unameOf = (): string => hostname().toLowerCase();

/** What the node is called in the cluster: nodeinfo's word, else the host's name. */
function nodeNameOf(paths: Paths): string {
  try {
    return (
      readFileSync(join(paths.configuration, "nodeinfo"), "latin1").split("\n", 1)[0]?.trim().toLowerCase() || unameOf()
    );
  } catch {
    return unameOf();
  }
}
