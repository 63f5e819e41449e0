/**
 * `heartbeat watchdog list|test`: which watchdogs this machine has, which one ha.cf names, and whether it can be armed, patted and stopped.
 *
 * `test` leaves the machine running unless it is told otherwise; only a restart shows that the device restarts the machine.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { loadConfiguration } from "../daemon/load-configuration.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { isNoWayOut, watchdogSeconds } from "../drivers/watchdog.ts";
import { letItReset, listWatchdogs, tryWatchdog, type WatchdogDevice } from "../drivers/watchdog-devices.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io, Program } from "./program.ts";

const form = {
  command: "heartbeat watchdog",
  summary: "The watchdogs of this machine. For root.",
  words: "list|test [DEVICE]",
  options: {
    json: { type: "boolean", default: false, says: "print one line of JSON" },
    reset: { type: "boolean", default: false, says: "test: let it restart this machine, at once" },
    yes: { type: "boolean", default: false, says: "test --reset: do not ask" },
    root: { type: "string", default: "", value: "DIR", says: "the configuration below DIR" },
  },
  more: [
    "list            the devices, the one that ha.cf names marked with *",
    "test [DEVICE]   arm it with the time that the daemon would use, pat it for a second longer than that, stop it;",
    "                without DEVICE: the one that ha.cf names. Killed meanwhile (SIGKILL), it restarts this machine",
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong arguments, 6 the configuration is faulty.",
  ].join("\n"),
} as const satisfies Form<OptionTable>;

interface Configured {
  readonly device: string | undefined;
  /** In seconds. */
  readonly timeout: number;
}

/** Without a dead time of the configuration: long enough for any driver, short enough to wait for. */
const usualTimeout = 10;

export const watchdog: Pick<Program, "run"> = {
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { json, reset, yes, root } = given.values;
    const [what = "", device, ...more] = given.positionals;
    const wrong = (says: string): number => {
      io.err(`${form.command}: ${says}; see ${form.command} --help\n`);
      return exitCode.usage;
    };
    if (!["list", "test"].includes(what)) return wrong("say list or test");
    if (more.length > 0 || (what === "list" && device !== undefined)) return wrong("too many words");
    if (what === "list" && reset) return wrong("--reset goes with test");
    const configured = await configuredBelow(root);
    if (what === "list") return list(listWatchdogs(root), configured?.device, json, io);
    if (configured === undefined && device === undefined) {
      io.err(`${form.command}: the configuration is faulty: heartbeat check; or name a DEVICE\n`);
      return exitCode.notConfigured;
    }
    const path = device ?? configured?.device;
    if (path === undefined) return wrong("ha.cf has no watchdog line: name a DEVICE");
    const timeout = configured?.timeout ?? usualTimeout;
    if (reset && !yes && !(await agrees(io, path))) {
      io.err(`${form.command}: nothing was done; --yes restarts without asking\n`);
      return exitCode.failed;
    }
    return await test(path, { timeout, reset, json }, io);
  },
};

async function configuredBelow(root: string): Promise<Configured | undefined> {
  const { config } = await loadConfiguration(pathsBelow(root).configuration, 0, root);
  if (config === undefined) return undefined;
  return { device: config.watchdog, timeout: watchdogSeconds(config.deadtime, config.extension?.watchdogTimeout) };
}

function list(devices: readonly WatchdogDevice[], configured: string | undefined, json: boolean, io: Io): number {
  const isOurs = (each: WatchdogDevice): boolean => configured !== undefined && isAt(configured, each);
  if (json) io.out(`${JSON.stringify(devices.map((each) => ({ ...each, configured: isOurs(each) })))}\n`);
  else if (devices.length === 0)
    io.out("no watchdog: load the driver of the machine's own one, or: modprobe softdog\n");
  else for (const each of devices) io.out(`${isOurs(each) ? "*" : " "} ${describe(each)}\n`);
  return exitCode.ok;
}

/** The old name /dev/watchdog is that of the first device. */
const isAt = (path: string, { device }: WatchdogDevice): boolean =>
  device === (path === "/dev/watchdog" ? "/dev/watchdog0" : path);

function describe({ device, identity, active, timeout, noWayOut }: WatchdogDevice): string {
  const words = [device, identity, active ? "running" : "idle"];
  if (timeout !== undefined) words.push(`${timeout} s`);
  if (noWayOut) words.push("cannot be stopped (nowayout)");
  return words.join("  ");
}

interface Test {
  readonly timeout: number;
  readonly reset: boolean;
  readonly json: boolean;
}

async function test(path: string, { timeout, reset, json }: Test, io: Io): Promise<number> {
  const tell = (ok: boolean, says: string): number => {
    if (json) io.out(`${JSON.stringify({ device: path, ok, says })}\n`);
    else if (ok) io.out(`${path} works: ${says}\n`);
    else io.err(`${form.command}: ${path}: ${says}\n`);
    return ok ? exitCode.ok : exitCode.failed;
  };
  if (reset) return tell(false, await letItReset(path, timeout));
  if (isNoWayOut(path))
    return tell(false, "it cannot be stopped once it is opened (nowayout), so it is left alone: --reset tries it");
  if (io.terminal) io.err(`${path} is armed with ${timeout} s and patted a second longer than that ...\n`);
  const tried = await untilBrokenOff((signal) => tryWatchdog(path, timeout, signal));
  if (!tried.ok) return tell(false, tried.error);
  return tell(true, `${tried.value.identity}, armed with ${tried.value.timeout} s, patted, and stopped again`);
}

/** An armed device must be stopped, whoever wants us to end. */
async function untilBrokenOff<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborter = new AbortController();
  const abort = (): void => aborter.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP"] as const; // also Ctrl-Z: who is stopped does not pat
  for (const signal of signals) process.on(signal, abort);
  try {
    return await run(aborter.signal);
  } finally {
    for (const signal of signals) process.off(signal, abort);
  }
}

/** On a terminal only: elsewhere nobody can be asked. */
async function agrees(io: Io, path: string): Promise<boolean> {
  if (!io.terminal || !process.stdin.isTTY) return false;
  const name = readFileSync("/proc/sys/kernel/hostname", "latin1").trim();
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (
      (await line.question(`${path} restarts ${name} at once, without unmounting. Type its name to go on: `)) === name
    );
  } finally {
    line.close();
  }
}
