/**
 * Starts the core process and waits until it has said how its start went.
 *
 * The core is a process of its own, because real time wants a small one: few threads, a small heap, nothing loaded that it does not need.
 * Its first word is `heartbeat`, for people and tools that look for a process of that name.
 *
 * In the foreground the launcher stays as the core's parent, hands signals down and the exit code up (quirk 34): Node.js >= 20.19 has no
 * dependable way to replace a process by another program.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { coreProgram, processName } from "./running.ts";
import { readReport, reportDescriptor, reportOption, type StartReport } from "./start-report.ts";

export interface LaunchOptions {
  /** Empty: the host's own files. */
  readonly root: string;
  /** The number of `-d`. */
  readonly debug: number;
  /** False: `-l`. */
  readonly realtime: boolean;
  /** False: `-M`. */
  readonly managesResources: boolean;
  /** The launcher stays, and starts the next core when this one makes room for it. */
  readonly supervised?: boolean;
}

/**
 * Source: docs/reference/node-platform.md, section 2. A heap that is collected by the main thread alone and stays small keeps the loop's
 * worst lateness below 20 ms.
 */
const nodeFlags = ["--single-threaded-gc", "--max-semi-space-size=2", "--max-old-space-size=64"];

export const coreArguments = (options: LaunchOptions): string[] => [
  ...nodeFlags,
  ...programArguments(coreProgram, options),
  ...(options.supervised === true ? ["--supervised"] : []),
];

/** What the unit of the package runs: this machine's daemon, as `heartbeat -f` without other options starts it, with systemd as the launcher. */
export const serviceArguments = (): string[] =>
  coreArguments({ root: "", debug: 0, realtime: true, managesResources: true, supervised: true });

/** The exit code by which a supervised core asks for its successor. */
export const successionCode = 77;

/** The program that reads the configuration for a running core. */
export const readerArguments = (options: LaunchOptions): string[] => programArguments("read-main", options);

function programArguments(name: string, { root, debug, realtime, managesResources }: LaunchOptions): string[] {
  return [
    fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)),
    ...(debug > 0 ? ["--debug", String(debug)] : []),
    ...(realtime ? [] : ["--no-realtime"]),
    ...(managesResources ? [] : ["--no-resources"]),
    ...(root === "" ? [] : ["--root", root]),
  ];
}

/** One pool thread, because each thread must be made real-time; none of the administrator's own Node.js settings. */
export function coreEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_PATH: _path, NODE_EXTRA_CA_CERTS: _certificates, ...rest } = environment;
  return { ...rest, UV_THREADPOOL_SIZE: "1" };
}

/** Starts the core in a session of its own; resolves when it is up or has failed. The core goes on when we end. */
export async function launchDetached(options: LaunchOptions): Promise<StartReport> {
  const child = startCore(options, true);
  const report = await reportOf(child);
  child.unref();
  return report;
}

/** Stays until the core ends, and resolves to its exit code; `onReport` is called once before. */
export async function runForeground(options: LaunchOptions, onReport: (report: StartReport) => void): Promise<number> {
  let child = startCore({ ...options, supervised: true }, false);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const)
    process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {}); // the core ignores it, too
  for (;;) {
    const ended = endOf(child);
    onReport(await reportOf(child));
    const code = await ended;
    if (code !== successionCode) return code;
    child = startCore({ ...options, supervised: true }, false);
  }
}

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    child.once("error", () => resolve(1));
  });

function startCore(options: LaunchOptions, detached: boolean): ChildProcess {
  const stdio: ("ignore" | "pipe")[] = Array(reportDescriptor).fill("ignore");
  return spawn(process.execPath, [...coreArguments(options), reportOption], {
    argv0: processName,
    cwd: "/",
    detached,
    env: coreEnvironment(process.env),
    stdio: [...stdio, "pipe"],
  });
}

async function reportOf(child: ChildProcess): Promise<StartReport> {
  const failedToStart = new Promise<StartReport>((resolve) =>
    child.once("error", (error) =>
      resolve({ started: false, code: 1, says: [`Cannot start the daemon: ${error.message}`] }),
    ),
  );
  return await Promise.race([failedToStart, readFrom(child.stdio[reportDescriptor])]);
}

async function readFrom(stream: ChildProcess["stdio"][number] | undefined): Promise<StartReport> {
  let text = "";
  if (stream && "setEncoding" in stream) {
    stream.setEncoding("utf8");
    for await (const chunk of stream) text += chunk;
  }
  return readReport(text);
}
