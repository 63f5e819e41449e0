/**
 * The program `heartbeat`: the daemon's switch with the original's one-letter options, and the door to the programs of this version, each
 * named by its first word (`heartbeat status`).
 *
 * Source: docs/reference/files-and-cli.md, section 1.
 * Deviations: an unknown first word is an error (quirk 32); `-R` never starts anything (quirk 226); `--root` is new.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { registry } from "../base/registry.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { version } from "../daemon/version.ts";
import { exitCode } from "./exit-code.ts";
import { asksForHelp, type OptionTable, optionFault, optionRows } from "./options.ts";
import type { Io, Program } from "./program.ts";

/** Loaded only when asked for: each command should cost its own start and no other's. */
interface SubProgram {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Pick<Program, "run">>;
  /** How it is told that all files lie below a directory. */
  readonly below: (root: string) => readonly string[];
}

const configurationBelow = (root: string): readonly string[] => ["--ha-dir", pathsBelow(root).configuration];

const daemonBelow = (root: string): readonly string[] => ["--root", root];

/** The programs below `heartbeat`. */
export const subPrograms = registry<SubProgram>([
  {
    name: "check",
    summary: "check the configuration and say everything that is wrong with it",
    load: async () => (await import("./check.ts")).check,
    below: (root) => [...configurationBelow(root), "--root", root],
  },
  {
    name: "cleanup",
    summary: "try again what did not start",
    load: async () => (await import("./operate.ts")).cleanup,
    below: daemonBelow,
  },
  {
    name: "config",
    summary: "print the configuration that is in force, with the origin of each value",
    load: async () => (await import("./config-dump.ts")).configDump,
    below: configurationBelow,
  },
  {
    name: "drill",
    summary: "move a group to another node and back, and measure the outage",
    load: () => import("./drill.ts"),
    below: daemonBelow,
  },
  {
    name: "explain",
    summary: "what a directive or the code of a message means",
    load: async () => (await import("./explain.ts")).explain,
    below: () => [],
  },
  {
    name: "fence",
    summary: "fencing devices: list and test them, confirm that a node is off",
    load: async () => (await import("./fence.ts")).fence,
    below: (root) => ["--root", root],
  },
  {
    name: "init",
    summary: "write a first configuration",
    load: async () => (await import("./init.ts")).init,
    below: configurationBelow,
  },
  {
    name: "keygen",
    summary: "write authkeys with a new key",
    load: async () => (await import("./keygen.ts")).keygen,
    below: configurationBelow,
  },
  {
    name: "maintenance",
    summary: "on: nothing is started, stopped or moved; off: as usual",
    load: async () => (await import("./operate.ts")).maintenance,
    below: daemonBelow,
  },
  {
    name: "move",
    summary: "move one group to another node",
    load: async () => (await import("./operate.ts")).move,
    below: daemonBelow,
  },
  {
    name: "report",
    summary: "one archive with configuration (without keys), logs, recorder and versions",
    load: () => import("./report.ts"),
    below: daemonBelow,
  },
  {
    name: "status",
    summary: "nodes, links and who holds what, as the running daemon sees it",
    load: () => import("./status.ts"),
    below: daemonBelow,
  },
  {
    name: "tune",
    summary: "watch how late heartbeats are, and recommend keepalive, warntime and deadtime",
    load: () => import("./tune.ts"),
    below: daemonBelow,
  },
  {
    name: "watchdog",
    summary: "watchdogs of this machine: list them, try one",
    load: async () => (await import("./watchdog.ts")).watchdog,
    below: daemonBelow,
  },
  {
    name: "why",
    summary: "the chain of reasons that put a group where it is",
    load: () => import("./why.ts"),
    below: daemonBelow,
  },
]);

const usage = `
Usage: heartbeat [-dDfklMrsvVW] [--root DIR]
       heartbeat [--root DIR] PROGRAM [ARGUMENT...]
`;

const letter = (short: string, says: string) => ({ type: "boolean", default: false, short, says }) as const;

/** The letters are the original's, the long names ours. */
const letters = {
  foreground: letter("f", "start, and stay in the foreground"),
  status: letter("s", "is it running? Exit code 0 yes, 1 no (its pid file is still there), 3 no, 4 unknown"),
  kill: letter("k", "stop the daemon: give its resources away, wait until it is gone"),
  reload: letter("r", "check the files, then have the daemon read them; if none runs, start one"),
  debug: { type: "boolean", short: "d", multiple: true, default: [], says: "debug level one up (repeatable)" },
  "no-realtime": letter("l", "no real-time priority"),
  verbose: letter("v", "print the configuration when starting"),
  defaults: letter("D", "print the directives that have a default"),
  wiki: letter("W", "with -D: as wiki markup"),
  version: letter("V", "print the version"),
  root: { type: "string", default: "", value: "DIR", says: "all files below DIR" },
  "no-resources": letter("M", "manage no resources: haresources is not read, nodes may join (autojoin)"),
  restart: letter("R", "how the original calls itself to start again: always an error, -r is what you want"),
  resources: { type: "string", short: "C", value: "STATE", says: "goes with -R: what the original held before" },
  help: letter("h", "print this"),
} as const satisfies OptionTable;

const help = `${usage}
Without an option: check the configuration and start the daemon.
${optionRows(letters).join("\n")}

Programs; each explains itself with --help:
${[...subPrograms].map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`).join("\n")}

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 not supported, 4 not permitted, 6 the configuration is faulty.
`;

/** What people try, because other programs have it. */
const verbs: ReadonlyMap<string, string> = new Map([
  ["start", "heartbeat, without an option, starts the daemon"],
  ["stop", "heartbeat -k stops the daemon"],
  ["restart", "heartbeat -k && heartbeat; after a change of the files heartbeat -r is enough"],
  ["reload", "heartbeat -r has the daemon read the files again"],
  ["version", "heartbeat -V prints the version"],
  ["help", "heartbeat --help"],
]);

interface Options {
  readonly root: string;
  readonly debug: number;
  readonly does: "start" | "stop" | "status" | "reload" | "restart" | "version" | "defaults";
  readonly foreground: boolean;
  readonly realtime: boolean;
  readonly managesResources: boolean;
  readonly dump: boolean;
  /** The defaults as wiki markup. */
  readonly wiki: boolean;
  /** Words beside the options, which the original ignores. */
  readonly leftOver: readonly string[];
}

export const heartbeat: Program = {
  name: "heartbeat",
  summary: "Start, stop and question the daemon.",
  usage: "heartbeat [-dDfklMrsvVW] [--root DIR], or heartbeat PROGRAM [ARGUMENT...]",
  async run(argv, io) {
    const { root, rest } = splitRoot(argv);
    const [word, ...further] = rest;
    if (word !== undefined && !word.startsWith("-")) return await runProgram(word, absoluteRoot(root), further, io);
    if (asksForHelp(argv)) {
      io.out(help);
      return exitCode.ok;
    }
    const options = readOptions(argv);
    if (typeof options === "string") {
      io.err(`heartbeat: ${options}; see heartbeat --help\n${usage}`);
      return exitCode.usage;
    }
    if (options.leftOver.length > 0)
      io.err(`heartbeat: ignored, because options are all it takes here: ${options.leftOver.join(" ")}\n`);
    return await obey(options, io);
  },
};

async function obey(options: Options, io: Io): Promise<number> {
  const paths = pathsBelow(options.root);
  // Loaded here, because other programs import this file for its name only.
  const { reloadDaemon, restartDaemon, showStatus, startDaemon, stopDaemon } = await import("./daemon-commands.ts");
  switch (options.does) {
    case "version":
      io.out(`${version}\n`);
      return exitCode.ok;
    case "defaults": {
      const { defaultsTable, defaultsWiki } = await import("./config-dump.ts");
      io.out(options.wiki ? defaultsWiki() : defaultsTable());
      return exitCode.ok;
    }
    case "status":
      return showStatus(paths, io);
    case "stop":
      return await stopDaemon(paths, io);
    case "reload":
      return await reloadDaemon(paths, options, io);
    case "restart":
      return await restartDaemon(paths, options, io);
    case "start":
      return await startDaemon(paths, options, io);
  }
}

/** `--root DIR` may stand before a program's name. */
function splitRoot(args: readonly string[]): { readonly root: string; readonly rest: readonly string[] } {
  const [first = "", second = ""] = args;
  if (first === "--root") return { root: second, rest: args.slice(2) };
  return first.startsWith("--root=")
    ? { root: first.slice("--root=".length), rest: args.slice(1) }
    : { root: "", rest: args };
}

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  const fault = optionFault(args, letters, true);
  if (fault !== undefined) return fault;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: letters });
  if (values.resources !== undefined && !values.restart) return "-C is only valid with -R";
  const asked = (["version", "defaults", "status", "kill", "reload", "restart"] as const).filter(
    (name) => values[name],
  );
  const [first, second] = asked.map((name) => `-${letters[name].short}`);
  if (second !== undefined) return `${first} and ${second} exclude each other`;
  const [does] = asked;
  return {
    does: does === undefined ? "start" : does === "kill" ? "stop" : does,
    leftOver: positionals,
    root: absoluteRoot(values.root),
    debug: values.debug.length,
    foreground: values.foreground,
    realtime: !values["no-realtime"],
    managesResources: !values["no-resources"],
    dump: values.verbose,
    wiki: values.wiki,
  };
}

/** The daemon changes its working directory, and is recognised by its root: one spelling only. */
function absoluteRoot(root: string): string {
  const absolute = root === "" ? "" : resolve(root);
  return absolute === "/" ? "" : absolute;
}

async function runProgram(name: string, root: string, args: readonly string[], io: Io): Promise<number> {
  const program = subPrograms.get(name);
  if (program !== undefined) {
    const { run } = await program.load();
    return await run([...(root === "" ? [] : program.below(root)), ...args], io);
  }
  const meant = subPrograms.suggest(name);
  const hint = verbs.get(name) ?? (meant === undefined ? "see heartbeat --help" : `did you mean ${meant}?`);
  io.err(`heartbeat: there is no program ${name}; ${hint}\n${usage}`);
  return exitCode.usage;
}
