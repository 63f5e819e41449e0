/**
 * ha_logd: the logging daemon. Programs of the cluster send it their lines, so that none of them waits for a disk or for syslog.
 *
 * cluster-glue has a daemon of this name; both understand each other's senders, and one machine runs one of them.
 *
 * Source: docs/reference/files-and-cli.md, section 6; configuration.md, section 10.
 * Deviations: an orderly end takes pid file and socket away (quirk 281); `-d` reads the configuration before it returns (quirk 282);
 * rotation is seen within a second (quirk 283); what is no message ends its sender's connection (quirk 284).
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type LogdReading, readLogdCf } from "../config/logd-cf.ts";
import { readConfigurationFile } from "../drivers/configuration-files.ts";
import { helperFlags } from "../drivers/helper-process.ts";
import { LogdPlaces, type LogdPlacesOptions } from "../drivers/logd-places.ts";
import { render } from "../syntax/diagnostic.ts";
import { exitCode } from "./exit-code.ts";
import { getopt } from "./getopt.ts";
import { type LogdPaths, startLogd } from "./logd-daemon.ts";
import type { Io, Program } from "./program.ts";

const name = "ha_logd";
const defaultConfiguration = "/etc/logd.cf";
/** How long `-k` waits for the end, in milliseconds. */
const endPatience = 10_000;
const lookInterval = 50;

const usage = `${name} [-d] [-v] [-c FILE] | -s | -k | -h`;
const help = `usage: ${usage}

  -d       run in the background
  -k       stop the logging daemon, if one runs
  -s       say whether a logging daemon runs: exit code 0 if so, 3 if not, 1 if one died
  -c FILE  the configuration, instead of ${defaultConfiguration}
  -v       in the foreground: show the daemon's own lines on standard error, too
  -h       this help

SIGHUP opens the log files anew; that they were renamed is also seen without it.
`;

/** Before a configuration is read. */
const atFirst: LogdPlacesOptions = {
  logfile: undefined,
  debugfile: undefined,
  facility: "daemon",
  entity: "logd",
  syslogPrefix: undefined,
  mode: 0o644,
  syslogMessageFormat: true,
};

export const haLogd: Program = haLogdAt({ socket: "/var/lib/heartbeat/log_daemon", pidFile: "/run/logd.pid" });

export function haLogdAt(paths: LogdPaths, configuration = defaultConfiguration): Program {
  return {
    name,
    summary: "Write the lines of the cluster's programs to log files and syslog.",
    usage,
    async run(argv, io) {
      const { given, errors } = getopt(argv, "kdshvc:");
      const [complaint] = errors;
      if (argv.includes("--help") || given.has("h") || complaint !== undefined) {
        io.out(help);
        if (argv.includes("--help")) return exitCode.ok;
        if (complaint !== undefined && !given.has("h")) io.err(`${io.calledAs}: ${complaint}\n`);
        return exitCode.failed; // of -h, too: as the original
      }
      if (given.has("s")) return status(paths, io);
      if (given.has("k")) return await stop(paths, io);
      const running = runningLogd(paths);
      if (running !== undefined) return alreadyRunning(running, given.has("d") ? undefined : io);
      const file = given.get("c") ?? configuration;
      const reading = readLogdCf(readConfigurationFile(file), file);
      const wrong = refusal(reading, file, io);
      if (wrong !== undefined) return wrong;
      if (given.has("d")) return await inBackground(given.has("c") ? ["-c", resolve(file)] : [], io);
      return await serve(paths, reading, { file, named: given.has("c"), verbose: given.has("v") }, io);
    },
  };
}

function status(paths: LogdPaths, io: Io): number {
  const pid = pidIn(paths.pidFile);
  if (pid !== undefined && isLogd(pid)) {
    io.out(`logging daemon is running [pid = ${pid}].\n`);
    return exitCode.ok;
  }
  io.out(`logging daemon is stopped${pid === undefined ? "." : `: ${paths.pidFile} exists.`}\n`);
  return pid === undefined ? exitCode.notSupported : exitCode.failed; // of LSB's status: 3 is "not running", 1 "dead, with its pid file"
}

async function stop(paths: LogdPaths, io: Io): Promise<number> {
  const places = new LogdPlaces({ ...atFirst, onOwnLine: io.err });
  const pid = runningLogd(paths);
  if (pid === undefined) {
    io.out(`${name} already stopped.\n`);
    places.tell("info", `${name} already stopped.`);
    return exitCode.ok;
  }
  places.tell("debug", `Stopping ${name} with pid ${pid}`);
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    io.err(`${name}: cannot stop pid ${pid}: ${error instanceof Error ? error.message : error}\n`);
    return exitCode.notPermitted;
  }
  places.tell("info", `Waiting for pid=${pid} to exit`);
  for (const late = performance.now() + endPatience; isLogd(pid); await setTimeout(lookInterval))
    if (performance.now() > late) {
      places.tell("error", `Pid ${pid} has not ended within ${endPatience / 1000} s.`);
      return exitCode.failed;
    }
  places.tell("info", `Pid ${pid} exited`);
  return exitCode.ok;
}

/** A start where one runs is no failure (LSB). */
function alreadyRunning(pid: number, io: Io | undefined): number {
  io?.err(`${io.calledAs}: already running [pid ${pid}].\n`);
  return exitCode.ok;
}

/** The exit code to leave with, or nothing: go on. */
function refusal({ config, diagnostics }: LogdReading, file: string, io: Io): number | undefined {
  if (config !== undefined) return undefined;
  for (const each of diagnostics) if (each.severity === "error") io.err(`${render(each)}\n`);
  new LogdPlaces({ ...atFirst, onOwnLine: io.err }).tell("error", `Config file [${file}] is incorrect.`);
  return exitCode.notConfigured;
}

/** Starts the daemon in a session of its own; resolves when it takes lines, or has failed. */
async function inBackground(argv: readonly string[], io: Io): Promise<number> {
  const [, path = ""] = process.argv;
  const word = basename(path) === name ? [] : [name];
  const child = spawn(process.execPath, [...helperFlags, path, ...word, ...argv], {
    argv0: name,
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const outcome = await new Promise<number>((ended) => {
    child.once("message", () => ended(exitCode.ok));
    child.once("error", () => ended(exitCode.failed));
    child.once("exit", (code) => ended(code ?? exitCode.failed));
  });
  if (outcome !== exitCode.ok) io.err(`${name}: the daemon could not be started; syslog has the reason\n`);
  child.unref();
  return outcome;
}

interface Given {
  readonly file: string;
  readonly named: boolean;
  readonly verbose: boolean;
}

async function serve(paths: LogdPaths, { config, diagnostics }: LogdReading, given: Given, io: Io): Promise<number> {
  const { file, named, verbose } = given;
  const missing = diagnostics.some(({ code }) => code === "HB0904");
  process.umask(0); // the files have the permissions that are asked for
  process.chdir("/");
  const start = await startLogd({
    paths,
    places: { ...atFirst, ...config, ...(verbose ? { onOwnLine: io.err } : {}) },
    startedWith: named || !missing ? file : "default configuration",
    warnings: diagnostics.filter(({ code }) => named || code !== "HB0904").map((each) => render(each)),
    isLogd,
  });
  if (start.is === "running-already") return alreadyRunning(runningLogd(paths) ?? 0, io);
  if (start.is === "failed") {
    new LogdPlaces({ ...atFirst, onOwnLine: io.err }).tell("error", start.says);
    return exitCode.failed;
  }
  process.on("SIGHUP", () => start.logd.reopen());
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE"] as const) process.on(signal, () => {});
  const told = new Promise<void>((end) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => end());
  });
  if (process.send !== undefined) {
    process.send("serving");
    process.disconnect();
  }
  await told;
  await start.logd.end();
  return exitCode.ok;
}

const runningLogd = ({ pidFile }: LogdPaths): number | undefined => {
  const pid = pidIn(pidFile);
  return pid !== undefined && isLogd(pid) ? pid : undefined;
};

function pidIn(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "latin1").trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Of either kind: both have the name. A process number alone proves nothing, since it is used again. */
function isLogd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "latin1").trim() === name && !isZombie(pid);
  } catch {
    return false;
  }
}

const isZombie = (pid: number): boolean => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
