/**
 * The long options of a command as one table: what is accepted, the usage line, and what `--help` explains.
 *
 * Mistakes are said in one line that names the command and points at its help.
 */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { exitCode } from "./exit-code.ts";
import type { Io } from "./program.ts";

type Parsed = NonNullable<ParseArgsConfig["options"]>[string];

export interface Option extends Parsed {
  /** What it does, for `--help`. */
  readonly says: string;
  /** What the value is called. Only for options that take one. */
  readonly value?: string;
  /** The command does nothing without it. */
  readonly needed?: boolean;
}

export type OptionTable = Readonly<Record<string, Option>>;

export interface Form<O extends OptionTable> {
  /** As it is typed: `heartbeat check`. */
  readonly command: string;
  readonly summary: string;
  readonly options: O;
  /** The words beside options, if it takes any: `[NAME...]`. */
  readonly words?: string;
  /** What to say to somebody who gives a word where none is taken. */
  readonly noWords?: string;
  /** Paragraphs behind the list of options. */
  readonly more?: string;
}

/** The options given; or, where there was nothing to do but to help or to complain, the exit code. */
export function optionsOf<const O extends OptionTable>(
  form: Form<O>,
  argv: readonly string[],
  io: Pick<Io, "out" | "err">,
) {
  if (asksForHelp(argv)) {
    io.out(helpText(form));
    return exitCode.ok;
  }
  const fault = optionFault(argv, form.options, form.words !== undefined, form.noWords);
  if (fault !== undefined) {
    io.err(`${form.command}: ${fault}; see ${form.command} --help\n`);
    return exitCode.usage;
  }
  return parseArgs({ args: [...argv], options: form.options, allowPositionals: form.words !== undefined });
}

/** `-h` or `--help` among the options. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => word === "-h" || word === "--help");
}

/** What is wrong with the first word that is wrong. */
export function optionFault(
  argv: readonly string[],
  options: OptionTable,
  words: boolean,
  noWords = "it takes options only",
): string | undefined {
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional" && !words) return `${JSON.stringify(token.value)}? ${noWords}`;
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) return `unknown option ${token.rawName}`;
    // A value that looks like an option is one: somebody forgot the value.
    const missing = token.value === undefined || (!token.inlineValue && token.value.startsWith("-"));
    if (option.type === "string" && missing) return `option ${token.rawName} needs a value: ${option.value ?? "VALUE"}`;
    if (option.type === "boolean" && token.value !== undefined) return `option ${token.rawName} takes no value`;
  }
  return undefined;
}

/** `heartbeat check [--json] ...`. */
export function usageOf<O extends OptionTable>({ command, options, words }: Form<O>): string {
  const each = Object.entries(options).map(([name, option]) => {
    const text = nameOf(name, option);
    return `${option.needed ? text : `[${text}]`}${option.multiple ? "..." : ""}`;
  });
  return [command, ...each, ...(words === undefined ? [] : [words])].join(" ");
}

export const helpText = <O extends OptionTable>(form: Form<O>): string =>
  [
    `Usage: ${usageOf(form)}`,
    "",
    form.summary,
    "",
    ...optionRows({ ...form.options, help: { type: "boolean", short: "h", says: "print this" } }),
    ...(form.more === undefined ? [] : ["", form.more]),
    "",
  ].join("\n");

/** One line for each option; defaults are told. */
export const optionRows = (options: OptionTable): string[] =>
  Object.entries(options).map(([name, option]) => {
    const letter = option.short === undefined ? "    " : `-${option.short}, `;
    const usual = typeof option.default === "string" && option.default !== "" ? ` (default: ${option.default})` : "";
    return `  ${letter}${nameOf(name, option).padEnd(18)} ${option.says}${usual}`;
  });

const nameOf = (name: string, { type, value = "VALUE" }: Option): string =>
  type === "string" ? `--${name} ${value}` : `--${name}`;
