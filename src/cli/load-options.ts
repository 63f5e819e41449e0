/** What the commands about configuration share: the option --ha-dir, and findings as text. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { ConfigurationFile, ConfigurationFiles } from "../config/configuration-files.ts";
import { type Diagnostic, render } from "../syntax/diagnostic.ts";
import { fileSizeMax, type Line, linesOf } from "../syntax/lexer.ts";

export const defaultDirectory = "/etc/ha.d";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The options, or what is wrong with them. */
export function optionsOf<const O extends Options>(argv: readonly string[], options: O, positionals = false) {
  try {
    return { ok: true as const, ...parseArgs({ args: [...argv], options, allowPositionals: positionals }) };
  } catch (error) {
    return { ok: false as const, says: error instanceof Error ? error.message : String(error) };
  }
}

/** Findings with the lines they are about. Lines of authkeys are never shown: they hold the keys. */
export function renderAll(diagnostics: readonly Diagnostic[], files: ConfigurationFiles, colour: boolean): string {
  const directory = files.directory ?? defaultDirectory;
  const sources = new Map<string, readonly Line[]>([
    [`${directory}/ha.cf`, linesIn(files.haCf)],
    [`${directory}/haresources`, linesIn(files.haresources)],
    [`${directory}/ha4.cf`, linesIn(files.ha4Cf)],
  ]);
  return diagnostics.map((each) => `${render(each, sources.get(each.file)?.[each.line - 1]?.text, colour)}\n`).join("");
}

const linesIn = (file: ConfigurationFile | undefined): Line[] =>
  file === undefined || "missing" in file || file.bytes.length > fileSizeMax ? [] : linesOf(file.bytes);

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
