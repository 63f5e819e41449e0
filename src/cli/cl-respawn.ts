/**
 * cl_respawn: runs a program and starts it again whenever it ends, until it ends with the one exit code that means "enough".
 *
 * It stays in the foreground, as the original does, with its own input and output on /dev/null, and ends with 0 when the program
 * said enough or when it is told to end by SIGTERM, which it passes on first.
 *
 * Source: docs/reference/files-and-cli.md, section 9.
 * Deviations: a pause before a program that ends at once is started again (quirk 56); the magic exit code ends us with 0 (quirk 57).
 * There is no apphbd to register with: `-i` and `-w` are read and have no effect, `-r`, which only apphbd uses, is refused.
 */
import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { LogLevel } from "../core/effect.ts";
import { claimPidFile } from "../drivers/files.ts";
import { LogSinks } from "../drivers/log-sinks.ts";
import { exitCode } from "./exit-code.ts";
import { getopt } from "./getopt.ts";
import { originalLine } from "./original-log.ts";
import type { Io, Program } from "./program.ts";

const name = "cl_respawn";
const defaultMagic = 100;
/** A program that lived shorter is not started again at once; both in milliseconds. */
const shortLife = 1000;
const pauseAfterShortLife = 1000;

const usage = "cl_respawn [<options>] <monitored_program> [<arg1>] [<arg2>] ...";
const help = `Usage: ${usage}

Runs a program, given by its path, and starts it again whenever it ends.

  -m code      the exit code after which it is not started again (default ${defaultMagic})
  -p pidfile   keep our process number in this file; if it names a running cl_respawn, do nothing
  -i ms, -w ms intervals for apphbd, which does not exist here: no effect
  -l           no effect
  -h           this help
`;

export const clRespawn: Program = {
  name,
  summary: "Run a program, and start it again whenever it ends.",
  usage,
  async run(argv, io) {
    const at = argv.findIndex(isProgram);
    const { given, errors } = getopt(at < 0 ? argv : argv.slice(0, at), "rm:i:w:p:lh");
    if (argv.length === 0) return wrong(io);
    const [complaint] = errors;
    if (complaint !== undefined) {
      io.err(`${name}: ${complaint}\n`);
      return wrong(io, "getopt returnedcharacter code ?.");
    }
    if (given.has("h")) {
      io.out(help);
      return exitCode.ok;
    }
    if (given.has("r")) {
      io.err(originalLine(name, "ERROR", "-r is for apphbd, which is not a part of this package"));
      return exitCode.notSupported;
    }
    const [program, ...args] = argv.slice(at);
    if (at < 0 || program === undefined)
      return wrong(io, "Please give the program name which will be run as a child process of cl_respawn.");
    const refusal = claim(given.get("p"), io);
    if (refusal !== undefined) return refusal;
    leaveStarter();
    await keepRunning(program, args, Number.parseInt(given.get("m") ?? String(defaultMagic), 10) || 0);
    return exitCode.ok;
  },
};

function wrong(io: Io, complaint?: string): number {
  if (complaint !== undefined) io.err(originalLine(name, "ERROR", complaint));
  io.out(help);
  return exitCode.usage;
}

/** The first argument that leads to something executable is the program: a name alone is not looked for in PATH. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The exit code to leave with, or nothing: go on. */
function claim(pidFile: string | undefined, io: Io): number | undefined {
  if (pidFile === undefined) return undefined;
  let owner = 0;
  const fault = claimPidFile(pidFile, process.pid, (pid) => {
    owner = pid;
    return isRespawner(pid);
  });
  if (fault === undefined) return undefined;
  if (fault.code === "already-running") {
    io.err(originalLine(name, "WARN", `pidfile [${pidFile}] says we're already running as pid [${owner}]`));
    return exitCode.ok;
  }
  io.err(originalLine(name, "ERROR", `Cannot create pidfile [${pidFile}]`));
  return exitCode.failed;
}

/** Process numbers are used again, so that a living process proves nothing by itself. */
function isRespawner(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(name);
  } catch {
    return false;
  }
}

/** Whoever started us may go: nothing of his terminal or pipes is held, and its end is not ours. */
function leaveStarter(): void {
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});
  process.chdir("/");
  for (const fd of [0, 1, 2]) {
    closeSync(fd);
    openSync("/dev/null", "r+"); // takes the lowest free number: the one just closed
  }
}

async function keepRunning(program: string, args: readonly string[], magic: number): Promise<void> {
  const ended = new AbortController();
  let child: number | undefined;
  process.on("SIGTERM", () => {
    ended.abort();
    if (child !== undefined) terminate(child);
  });
  while (!ended.signal.aborted) {
    const began = performance.now();
    const running = spawn(program, [...args], { stdio: "ignore", detached: true });
    child = running.pid;
    log("info", `started the monitored program ${program}, whose PID is ${child}`);
    const how = await new Promise<number | string>((resolve) => {
      running.once("error", (error) => resolve(error.message));
      running.once("exit", (code, signal) => resolve(code ?? signal ?? "lost"));
    });
    child = undefined;
    if (ended.signal.aborted) return;
    if (how === magic) {
      const text = `Don't restart the monitored program ${program}, since we got the magic exit code.`;
      return log("info", text);
    }
    log("warn", `the monitored program ${program} ended (${how}) and is started again`);
    if (performance.now() - began < shortLife)
      await setTimeout(pauseAfterShortLife, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}

/** It leads a process group of its own: its children go with it. */
function terminate(leader: number): void {
  try {
    process.kill(-leader, "SIGTERM");
  } catch {
    // It ended in this moment.
  }
}

function log(level: LogLevel, text: string): void {
  const target = { entity: name, pid: process.pid, host: hostname(), facility: "daemon" };
  const sinks = new LogSinks({ ...target, syslogMessageFormat: true, stderr: false });
  sinks.write({ id: "child", level, text, at: Date.now() });
  sinks.close();
}
