/**
 * The program `heartbeat`: the daemon's switch with the original's one-letter options, and the door to the programs of this version, each
 * named by its first word (`heartbeat status`).
 *
 * Source: docs/reference/files-and-cli.md, section 1.
 * Deviations: an unknown first word is an error (quirk 32); `-M`, `-R`, `-C` are refused; `--root` is new.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { registry } from "../base/registry.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { version } from "../daemon/version.ts";
import { exitCode } from "./exit-code.ts";
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

const programs = registry<SubProgram>([
  {
    name: "check",
    summary: "check the configuration and say everything that is wrong with it",
    load: async () => (await import("./check.ts")).check,
    below: configurationBelow,
  },
  {
    name: "config",
    summary: "print the configuration that is in force, with the origin of each value",
    load: async () => (await import("./config-dump.ts")).configDump,
    below: configurationBelow,
  },
  {
    name: "explain",
    summary: "what a directive or the code of a message means",
    load: async () => (await import("./explain.ts")).explain,
    below: () => [],
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
    name: "status",
    summary: "nodes, links and who holds what, as the running daemon sees it",
    load: () => import("./status.ts"),
    below: (root) => ["--root", root],
  },
]);

const usage = `
Usage: heartbeat [-dDfklrsvVW] [--root DIR]
       heartbeat [--root DIR] PROGRAM [ARGUMENT...]
`;

const help = `${usage}
Without an option: check the configuration and start the daemon.
  -f  start, and stay in the foreground         -k  stop the daemon, wait until it is gone
  -s  is it running?                            -r  check the files, then have the daemon read them
  -d  debug level one up (repeatable)           -l  no real-time priority
  -v  print the configuration when starting     -D  print the defaults (-DW: as wiki markup)
  -V  print the version                         --root DIR  all files below DIR

Programs:
${[...programs].map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join("\n")}
`;

interface Options {
  readonly root: string;
  readonly debug: number;
  readonly does: "start" | "stop" | "status" | "reload" | "version" | "defaults" | "help";
  readonly foreground: boolean;
  readonly realtime: boolean;
  readonly dump: boolean;
  /** The defaults as wiki markup. */
  readonly wiki: boolean;
  /** Options of the original that this version knows and does not do. */
  readonly refused: readonly string[];
}

export const heartbeat: Program = {
  name: "heartbeat",
  summary: "Start, stop and question the daemon.",
  usage: "heartbeat [-dDfklrsvVW] [--root DIR], or heartbeat PROGRAM [ARGUMENT...]",
  async run(argv, io) {
    const { root, rest } = splitRoot(argv);
    const [word, ...further] = rest;
    if (word !== undefined && !word.startsWith("-")) return await runProgram(word, absoluteRoot(root), further, io);
    const options = readOptions(argv);
    if (typeof options === "string") {
      io.err(`heartbeat: ${options}\n${usage}`);
      return exitCode.usage;
    }
    if (options.refused.length > 0) {
      io.err(`heartbeat: not supported in this version: ${options.refused.join(" ")}\n`);
      return exitCode.notSupported;
    }
    return await obey(options, io);
  },
};

async function obey(options: Options, io: Io): Promise<number> {
  const paths = pathsBelow(options.root);
  // Loaded here, because other programs import this file for its name only.
  const { reloadDaemon, showStatus, startDaemon, stopDaemon } = await import("./daemon-commands.ts");
  switch (options.does) {
    case "help":
      io.out(help);
      return exitCode.ok;
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
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      allowPositionals: true, // the original ignores left-over words
      options: {
        debug: { type: "boolean", short: "d", multiple: true, default: [] },
        defaults: { ...flag, short: "D" },
        foreground: { ...flag, short: "f" },
        help: { ...flag, short: "h" },
        kill: { ...flag, short: "k" },
        "no-realtime": { ...flag, short: "l" },
        reload: { ...flag, short: "r" },
        root: { type: "string", default: "" },
        status: { ...flag, short: "s" },
        verbose: { ...flag, short: "v" },
        version: { ...flag, short: "V" },
        "no-resources": { ...flag, short: "M" },
        restart: { ...flag, short: "R" },
        wiki: { ...flag, short: "W" },
        resources: { type: "string", short: "C" },
      },
    });
    if (values.resources !== undefined && !values.restart) return "-C is only valid with -R";
    if (values.reload && values.restart) return "-r and -R exclude each other";
    const refused = [...(values["no-resources"] ? ["-M"] : []), ...(values.restart ? ["-R"] : [])];
    const does = values.help
      ? "help"
      : values.version
        ? "version"
        : values.defaults
          ? "defaults"
          : values.status
            ? "status"
            : values.kill
              ? "stop"
              : values.reload
                ? "reload"
                : "start";
    return {
      does,
      refused,
      root: absoluteRoot(values.root),
      debug: values.debug.length,
      foreground: values.foreground,
      realtime: !values["no-realtime"],
      dump: values.verbose,
      wiki: values.wiki,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The daemon changes its working directory, and is recognised by its root: one spelling only. */
function absoluteRoot(root: string): string {
  const absolute = root === "" ? "" : resolve(root);
  return absolute === "/" ? "" : absolute;
}

async function runProgram(name: string, root: string, args: readonly string[], io: Io): Promise<number> {
  const program = programs.get(name);
  if (program !== undefined) {
    const { run } = await program.load();
    return await run([...(root === "" ? [] : program.below(root)), ...args], io);
  }
  const meant = programs.suggest(name);
  io.err(`heartbeat: there is no program ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}\n${usage}`);
  return exitCode.usage;
}
