/**
 * What is wrong with a file, said so that the search ends here: where, what, and what to write instead.
 *
 * A `Report` collects every fault of one file, not the first only, and stops listing (never counting) at a bound, so that a
 * file of rubbish costs bounded time and memory.
 */
import { type Code, codes } from "./codes.ts";
import type { Line, Place } from "./lexer.ts";
import { osText, shown } from "./text.ts";

export type Severity = "error" | "warning" | "note";

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly file: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  /** From 1, in characters; 0 when the file as a whole is meant. */
  readonly column: number;
  /** The first column behind the offending text. */
  readonly endColumn: number;
  readonly message: string;
  readonly help?: string;
}

/** More faults than this are counted, not listed: nobody reads them, and rubbish has no end. */
const listedMax = 300;
/** Columns of longer lines are counted in bytes: decoding such a line once per fault would cost quadratic time. */
const decodedMax = 4096;

export class Report {
  readonly file: string;
  readonly #lines: readonly Line[];
  readonly #listed: Diagnostic[] = [];
  #errors = 0;
  #unlisted = 0;

  constructor(file: string, lines: readonly Line[] = []) {
    this.file = file;
    this.#lines = lines;
  }

  /**
   * Adds a fault at `place`, or of the whole file. `message` and `help` may hold text of the file only through `shown`. A help that
   * takes work to find is given as a function: it is not asked when the list is full.
   */
  add(code: Code, place: Place | undefined, message: string, help?: string | (() => string)): void {
    const { severity } = codes[code];
    if (severity === "error") this.#errors++;
    if (this.full) {
      this.#unlisted++;
      return;
    }
    const line = place === undefined ? undefined : this.#lines[place.line - 1];
    const column = (at: number): number => (line === undefined ? at : columnOf(line.text, at)) + 1;
    this.#listed.push({
      code,
      severity,
      file: this.file,
      line: place?.line ?? 0,
      column: place === undefined ? 0 : column(place.start),
      endColumn: place === undefined ? 0 : column(Math.max(place.end, place.start + 1)),
      message,
      ...(help === undefined ? {} : { help: typeof help === "string" ? help : help() }),
    });
  }

  /** True when more faults are not listed: what only serves their text need not be worked out. */
  get full(): boolean {
    return this.#listed.length >= listedMax;
  }

  get errors(): number {
    return this.#errors;
  }

  get diagnostics(): Diagnostic[] {
    if (this.#unlisted === 0) return [...this.#listed];
    const message = `${this.#unlisted} further findings in this file are not listed`;
    const severity: Severity = this.#errors > 0 ? "error" : "warning";
    return [...this.#listed, { code: "HB0109", severity, file: this.file, line: 0, column: 0, endColumn: 0, message }];
  }
}

const columnOf = (text: string, at: number): number =>
  text.length > decodedMax ? at : [...osText(text.slice(0, at))].length;

/** `file:line:column`, as compilers and editors know it. */
export const locationOf = ({ file, line, column }: Diagnostic): string =>
  line === 0 ? file : `${file}:${line}:${column}`;

const colours: Readonly<Record<Severity | "help" | "bold" | "off", string>> = {
  error: "\x1b[1;31m",
  warning: "\x1b[1;33m",
  note: "\x1b[1;36m",
  help: "\x1b[32m",
  bold: "\x1b[1m",
  off: "\x1b[0m",
};

/** A longer source line is not shown with its carets: it would fill the screen. */
const excerptMax = 160;

/**
 * The diagnostic as text, with the source line and carets below it if `source` (one character per byte) is given. Lines of a key
 * file must not be given.
 */
export function render(diagnostic: Diagnostic, source?: string, colour = false): string {
  const paint = (as: keyof typeof colours, text: string): string => (colour ? colours[as] + text + colours.off : text);
  const { severity, message, code, help, column, endColumn } = diagnostic;
  const lines = [
    `${paint("bold", `${locationOf(diagnostic)}:`)} ${paint(severity, `${severity}:`)} ${message} [${code}]`,
  ];
  if (source !== undefined && diagnostic.line > 0 && source.length <= excerptMax) {
    const text = shown(source.replaceAll("\t", " "));
    if (!/\\[xu]/.test(text)) {
      lines.push(`    ${text}`);
      lines.push(`    ${" ".repeat(column - 1)}${paint(severity, "^".repeat(Math.max(1, endColumn - column)))}`);
    }
  }
  if (help !== undefined) lines.push(`    ${paint("help", "help:")} ${help}`);
  return lines.join("\n");
}
