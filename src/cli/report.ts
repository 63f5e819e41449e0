/**
 * `heartbeat report`: one archive with what somebody who is to help needs: configuration without its secrets, the ends of the logs, what the
 * daemon knows and what it did last, versions.
 *
 * Secrets: keys of authkeys are blanked, and so is every value behind a word that looks like a password. The recorder holds messages as they
 * were on the wire (signed, not secret) and no keys.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { hostname, release, uptime } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { loadConfiguration } from "../daemon/load-configuration.ts";
import { below, type Paths, pathsBelow } from "../daemon/paths.ts";
import { findRunning } from "../daemon/running.ts";
import { version } from "../daemon/version.ts";
import { secretsOf, withoutSecrets as withoutWords } from "../stonith/device.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io } from "./program.ts";
import { systemText } from "./system-text.ts";
import { type ArchivedFile, archive } from "./tar.ts";

/** The ends of logs, in bytes. */
const logMax = 4 * 1024 * 1024;
const configurationMax = 1024 * 1024;
/** In milliseconds. */
const patience = 5000;

const form = {
  command: "heartbeat report",
  summary: "Put configuration (without keys), logs, recorder and versions into one archive. For root.",
  options: {
    output: {
      type: "string",
      default: "",
      value: "FILE",
      says: "the archive; usual: heartbeat-report-HOST-TIME.tar.gz here",
    },
    root: { type: "string", default: "", value: "DIR", says: "all files lie below DIR" },
  },
  more: "Run it on every node of the cluster. Exit codes: 0 written, 1 it could not be written, 2 wrong arguments.",
} as const satisfies Form<OptionTable>;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const given = optionsOf(form, args, io);
  if (typeof given === "number") return given;
  const { root } = given.values;
  const now = new Date();
  const stamp = now.toISOString().replace(/[-:]|\..*/g, "");
  const path = given.values.output || `heartbeat-report-${hostname()}-${stamp}.tar.gz`;
  const folder = basename(path).replace(/\.(tar\.gz|tgz)$/, "");
  const files = await collect(pathsBelow(root), root);
  try {
    const named = files.map(({ name, content }) => ({ name: `${folder}/${name}`, content }));
    writeFileSync(path, archive(named, Math.floor(now.getTime() / 1000)), { mode: 0o600, flag: "wx" });
  } catch (error) {
    io.err(`${form.command}: cannot write ${path}: ${systemText(error)}\n`);
    return exitCode.failed;
  }
  io.out(`${path}\n`);
  return exitCode.ok;
}

/** Shorter words of a device's parameters (ports, numbers of plugs) are in every text. */
const passwordMin = 6;

async function collect(paths: Paths, root: string): Promise<ArchivedFile[]> {
  const loaded = await loadConfiguration(paths.configuration, 0, root).catch(() => undefined);
  const parameters = loaded?.effective.params; // also of files that have an error
  const [view, record] = await Promise.all([ask(paths.control, "view"), ask(paths.control, "record")]);
  const texts: (readonly [name: string, content: string | undefined])[] = [
    ["versions", versions(paths)],
    ["view.json", view],
    ["recorder.jsonl", record],
    ["findings", loaded?.diagnostics.map(({ code, severity, message }) => `${code} ${severity} ${message}\n`).join("")],
    ...configurationTexts(paths.configuration, root),
    ...[paths.crash, `${paths.crash}.1`].map((file) => [basename(file), endOf(file, logMax)] as const),
    ...[parameters?.["logfile"], parameters?.["debugfile"]].map((file) =>
      file === undefined
        ? (["", undefined] as const)
        : ([`logs/${basename(file)}`, endOf(below(root, file), logMax)] as const),
    ),
  ];
  // What devices printed is logged without their secrets; an older log, or the original's, may hold them.
  const secrets = (loaded?.config?.fencing.devices ?? []).flatMap((device) =>
    secretsOf(device, loaded?.config?.nodes ?? []),
  );
  const passwords = secrets.filter((secret) => secret.length >= passwordMin);
  return texts.flatMap(([name, content]) =>
    content === undefined ? [] : [{ name, content: Buffer.from(withoutWords(content, passwords), "utf8") }],
  );
}

function versions(paths: Paths): string {
  const running = findRunning(paths);
  return [
    `heartbeat ${version}`,
    `daemon ${running.is}${running.is === "running" ? ` [pid ${running.pid}]` : ""}`,
    `Node.js ${process.version} ${process.arch}`,
    `Linux ${release()}, up ${Math.round(uptime())} s`,
    `host ${hostname()}`,
    endOf("/etc/os-release", 4096) ?? "",
  ].join("\n");
}

/** Every file directly in the directory; sub-directories hold scripts, which may be anything. */
function configurationTexts(directory: string, root: string): [string, string | undefined][] {
  try {
    const files = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => ({ name, content: endOf(join(directory, name), configurationMax) }));
    const ofDevices = new Set(
      files.flatMap(({ content = "" }) => deviceFiles(content).map((file) => below(root, file))),
    );
    return files.map(({ name, content }) => [
      `etc/ha.d/${name}`,
      content === undefined || ofDevices.has(join(directory, name))
        ? content && "(left out: the parameters of a fencing device)\n"
        : withoutSecrets(name, content),
    ]);
  } catch {
    return [];
  }
}

/** The files that `stonith TYPE FILE` lines name. */
const deviceFiles = (content: string): string[] =>
  [...content.matchAll(/^[ \t]*stonith[ \t]+\S+[ \t]+(\S+)/gm)].map(([, file = ""]) => file);

/**
 * Whatever stands behind the method of a key, the type or the option of a fencing device, and words for passwords: better too much than one
 * key.
 */
export function withoutSecrets(name: string, content: string): string {
  const blanked = content
    .replace(/^(.*\bstonith_host[ \t]+\S+[ \t]+\S+[ \t]+)\S.*$/gm, "$1(blanked)")
    .replace(/^([ \t#]*option[ \t]+[^=\s]+=).*$/gm, "$1(blanked)")
    .replace(/((?:pass(?:wd|word|phrase)?|secret|token|community)\S*?[\s=:]+)\S+/gi, "$1(blanked)");
  if (!name.startsWith("authkeys") && !/auth.*key/i.test(name)) return blanked;
  return content.replace(/^([ \t]*\d+[ \t]+\w+[ \t]+)\S.*$/gm, "$1(blanked)").replace(/^[ \t]*#.*$/gm, "# (blanked)");
}

/** The last bytes of a file as text; undefined: it cannot be read. */
function endOf(path: string, max: number): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      const { size } = fstatSync(fd);
      if (size === 0) return readFileSync(fd, "utf8").slice(-max);
      const bytes = Buffer.alloc(Math.min(max, size));
      const length = readSync(fd, bytes, 0, bytes.length, Math.max(0, size - bytes.length));
      return bytes.toString("utf8", 0, length);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** What the daemon answers; undefined: it does not run. */
async function ask(control: string, request: string): Promise<string | undefined> {
  const socket = createConnection(control);
  socket.setTimeout(patience, () => socket.destroy());
  socket.on("error", () => {});
  socket.write(`${request}\n`);
  const answer = await text(socket).catch(() => "");
  return answer === "" ? undefined : answer;
}
