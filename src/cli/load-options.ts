/** What the commands about configuration share: the option --ha-dir, and findings as text. */
import { statSync } from "node:fs";
import type { ConfigurationFile, ConfigurationFiles } from "../config/configuration-files.ts";
import { type Diagnostic, render } from "../syntax/diagnostic.ts";
import { fileSizeMax, type Line, linesOf } from "../syntax/lexer.ts";
import type { Io } from "./program.ts";

export const defaultDirectory = "/etc/ha.d";

/** For the table of options. */
export const haDir = {
  type: "string",
  default: defaultDirectory,
  value: "DIR",
  says: "the directory of ha.cf, authkeys and haresources",
} as const;

/** True, and said, if there is something else than a directory. */
export function isNoDirectory(path: string, command: string, io: Io): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) return false;
  io.err(`${command}: --ha-dir ${path} is no directory: name the directory that holds ha.cf\n`);
  return true;
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
