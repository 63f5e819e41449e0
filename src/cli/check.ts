/** Validates the configuration as the daemon would, without a daemon: every fault of every file, and the daemon's exit code. */

import type { Effective } from "../config/effective.ts";
import { as306, checked, strict } from "../config/index.ts";
import { readLogdCf } from "../config/logd-cf.ts";
import { loadConfiguration } from "../daemon/load-configuration.ts";
import { readConfigurationFile } from "../drivers/configuration-files.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { osText } from "../syntax/text.ts";
import { exitCode as exitCodes } from "./exit-code.ts";
import { count, haDir, isNoDirectory, renderAll } from "./load-options.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Program } from "./program.ts";

const form = {
  command: "heartbeat check",
  summary: "Check ha.cf, authkeys and haresources, and say what is wrong with them.",
  options: {
    "ha-dir": haDir,
    root: { type: "string", default: "", value: "DIR", says: "the log files of ha.cf lie below DIR" },
    "no-resources": { type: "boolean", default: false, says: "check for heartbeat -M: no haresources" },
    json: { type: "boolean", default: false, says: "print the findings as JSON" },
    strict: { type: "boolean", default: false, says: "treat every warning as an error" },
    "as-3.0.6": { type: "boolean", default: false, says: "judge as version 3.0.6 would" },
    "logd-cf": { type: "string", value: "FILE", says: "check this logd.cf, too" },
  },
  noWords: "it checks all files of a directory: write --ha-dir DIR",
  more: `Exit codes: 0 all is well, 6 heartbeat would not start with these files or a group would not work, 4 a file may not be read, 2 wrong arguments.
More on a finding: heartbeat explain CODE`,
} as const satisfies Form<OptionTable>;

export const check: Program = {
  name: "check",
  summary: form.summary,
  usage: usageOf(form),
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { values } = given;
    if (isNoDirectory(values["ha-dir"], form.command, io)) return exitCodes.usage;
    const loaded = await loadConfiguration(values["ha-dir"], 0, values.root, !values["no-resources"]);
    const logd = values["logd-cf"];
    let diagnostics = [
      ...loaded.diagnostics,
      ...(logd === undefined ? [] : readLogdCf(readConfigurationFile(logd), logd).diagnostics),
    ];
    diagnostics = values["as-3.0.6"] ? as306(diagnostics) : checked(diagnostics);
    if (values.strict) diagnostics = strict(diagnostics);
    const errors = diagnostics.some(({ severity }) => severity === "error");
    const exitCode = !errors ? 0 : loaded.exitCode === 4 ? 4 : 6;
    if (values.json) io.out(`${JSON.stringify(asJson(diagnostics, exitCode, loaded.effective), undefined, 2)}\n`);
    else io.out(renderAll(diagnostics, loaded.files, io.terminal) + verdict(diagnostics, exitCode, loaded));
    return exitCode;
  },
};

/** The shape of `--json`: part of the interface. Texts are decoded; positions count characters from 1. */
export const asJson = (diagnostics: readonly Diagnostic[], exitCode: number, { nodes, media, params }: Effective) => ({
  ok: exitCode === 0,
  exitCode,
  diagnostics,
  effective: {
    nodes: nodes.map(osText),
    media: media.map(osText),
    params: Object.fromEntries(Object.entries(params).map(([name, text]) => [name, osText(text)])),
  },
});

function verdict(
  diagnostics: readonly Diagnostic[],
  exitCode: number,
  loaded: { readonly exitCode: number; readonly effective: Effective },
): string {
  const { nodes, media } = loaded.effective;
  const starts = loaded.exitCode === 0;
  const number = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((each) => each.severity === severity).length;
  const found = (["error", "warning", "note"] as const).flatMap((each) =>
    number(each) > 0 ? [count(number(each), each)] : [],
  );
  const listed = found.length === 0 ? "no findings" : found.join(", ");
  return exitCode === 0
    ? `Configuration validated: ${count(nodes.length, "node")}, ${media.join(", ")}; ${listed}.\n`
    : `${listed}: ${starts ? "heartbeat would start all the same" : "heartbeat would not start"} (exit code ${exitCode}). More on a finding: heartbeat explain CODE\n`;
}
