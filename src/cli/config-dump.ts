/** Prints the effective configuration: every value, and where it comes from. */
import type { ClusterConfig } from "../config/cluster-config.ts";
import { directives } from "../config/directives/index.ts";
import { printHaCf } from "../config/effective.ts";
import { type Loaded, loadConfiguration } from "../daemon/load-configuration.ts";
import { osText } from "../syntax/text.ts";
import { asJson } from "./check.ts";
import { exitCode } from "./exit-code.ts";
import { defaultDirectory, haDir, isNoDirectory, renderAll } from "./load-options.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Program } from "./program.ts";

const form = {
  command: "heartbeat config",
  summary: "Print the effective configuration with the origin of each value.",
  options: {
    "ha-dir": haDir,
    json: { type: "boolean", default: false, says: "print it as JSON" },
  },
  more: "Exit codes: 0 heartbeat would start with these files, 6 it would not, 4 a file may not be read, 2 wrong arguments.",
} as const satisfies Form<OptionTable>;

export const configDump: Program = {
  name: "config",
  summary: form.summary,
  usage: usageOf(form),
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { "ha-dir": directory, json } = given.values;
    if (isNoDirectory(directory, form.command, io)) return exitCode.usage;
    const loaded = await loadConfiguration(directory);
    if ("missing" in loaded.files.haCf) {
      // Defaults alone are no configuration: nobody shall take them for one.
      io.err(renderAll(loaded.diagnostics, loaded.files, false));
      io.err(`${form.command}: there is no configuration to print in ${directory}\n`);
      return loaded.exitCode;
    }
    const errors = loaded.diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length > 0) io.err(renderAll(errors, loaded.files, false));
    if (json) io.out(`${JSON.stringify(jsonOf(loaded), undefined, 2)}\n`);
    else io.out(effectiveText(loaded));
    return loaded.exitCode;
  },
};

/** What `-v` prints: an ha.cf with the same meaning, then groups and keys as comments. No key text. */
export function effectiveText({ draft, files, config }: Pick<Loaded, "draft" | "files" | "config">): string {
  const directory = files.directory ?? defaultDirectory;
  const lines = [
    ...printHaCf(draft, "ha.cf").map(osText),
    ...(config === undefined ? [] : commentary(config, directory)),
  ];
  return `${lines.join("\n")}\n`;
}

function commentary({ groups, keys }: ClusterConfig, directory: string): string[] {
  return [
    "",
    `# ${directory}/haresources`,
    ...groups.map(({ owner, resources }) => `# ${osText([owner, ...resources.map(({ text }) => text)].join(" "))}`),
    "",
    `# ${directory}/authkeys`,
    `# auth ${keys.active}`,
    ...[...keys.entries].map(([id, { method }]) => `# ${id} ${method}${method === "crc" ? "" : " (key not shown)"}`),
  ];
}

function jsonOf(loaded: Loaded) {
  const { effective } = asJson([], loaded.exitCode, loaded.effective);
  const origins = Object.fromEntries(
    [...loaded.draft.parameters].map(([name, { origin }]) => [
      name,
      origin.from === "file" ? { from: "file", line: origin.place.line } : origin,
    ]),
  );
  return { ...effective, origins };
}

/** The order of the original's table. */
const tableOrder = [
  ...["cluster", "hopfudge", "keepalive", "deadtime", "baud", "auto_failback", "hbgenmethod", "realtime", "msgfmt"],
  ...["conn_logd_time", "log_badpack", "syslogmsgfmt", "coredumps", "pacemaker", "autojoin", "uuidfrom", "compression"],
  ...["compression_threshold", "traditional_compression", "max_rexmit_delay", "record_config_changes"],
  ...["record_pengine_inputs", "enable_config_writes", "memreserve"],
];

const defaults = () =>
  tableOrder.flatMap((name) => {
    const directive = directives.get(name);
    return directive?.default === undefined ? [] : [{ name, value: directive.default, summary: directive.summary }];
  });

/** `-D`: the directives that have a fixed default. */
export const defaultsTable = (): string =>
  [
    `${"Directive".padEnd(24)} ${"Default".padEnd(9)} Description`,
    "-".repeat(80),
    ...defaults().map(({ name, value, summary }) => `${name.padEnd(24)} ${value.padEnd(9)} ${summary}`),
    "",
  ].join("\n");

/** `-D -W`: the same as wiki markup. */
export const defaultsWiki = (): string =>
  [
    "##Defaults of the directives of ha.cf, as printed by heartbeat -DW",
    "",
    "||''Directive''||''Default''||''Description''||",
    ...defaults().map(
      ({ name, value, summary }) => `||[wiki:ha.cf/${wikiName(name)}Directive ${name}]||${value}||${summary}||`,
    ),
    "",
  ].join("\n");

const wikiName = (name: string): string =>
  name.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
