/**
 * Reads ha.cf: each line is a directive that acts on the draft when it is read.
 *
 * Source: docs/reference/configuration.md, sections 2 and 4.
 */
import { suggestedMax } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Directive, Statement } from "../syntax/directive.ts";
import { type Line, type Place, type Word, withoutComment, wordsOf } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";
import { directives, foreignNames } from "./directives/index.ts";
import type { Draft, Scope } from "./draft.ts";
import { reportOddLines } from "./odd-lines.ts";

/** Reads all lines into `scope.draft`, which remembers the bad ones: what they leave out is not missing. */
export function readHaCf(lines: readonly Line[], scope: Scope): void {
  reportOddLines(lines, scope.report, (text) => {
    const name = wordsOf(withoutComment(text), 0)[0]?.text;
    return name === undefined || directives.get(name) !== undefined;
  });
  for (const line of lines) readLine(line, scope);
}

function readLine(line: Line, scope: Scope): void {
  const text = withoutComment(line.number === 1 ? line.text.replace(/^\xef\xbb\xbf/, "   ") : line.text);
  const name = nameOf(text, line.number);
  if (name === undefined) return;
  const directive = directives.get(name.text);
  if (directive === undefined) {
    scope.draft.bad.add(illegal(name, text, scope.report));
    return;
  }
  if (name.text === "udp") scope.report.add("HB0205", name, "directive 'udp' replaced by 'bcast'", "write bcast");
  // Between a directive and its values commas are blanks, also where the rest of the line is taken whole.
  const start = name.end + (/^[ \t\f,]*/.exec(text.slice(name.end))?.[0].length ?? 0);
  const rest = text.slice(start);
  const statement: Statement = { ...name, name: directive.name, rest: rest.trim() };
  if (!repetition(directive, statement, scope)) return;
  const words = wordsOf(rest, line.number, directive.takes === "line" ? "blanks" : "blanks and commas", start);
  const good =
    directive.takes === "line"
      ? directive.apply(scope, words, statement)
      : applyToEach(directive, words, statement, scope);
  if (!good) scope.draft.bad.add(directive.name);
}

/** The first word; a comma in front of it is a word of its own, as in the original. */
function nameOf(text: string, number: number): Word | undefined {
  const first = wordsOf(text, number)[0];
  return first?.text.startsWith(",") ? { ...first, text: ",", end: first.start + 1 } : first;
}

function applyToEach(directive: Directive<Scope>, words: readonly Word[], statement: Statement, scope: Scope): boolean {
  const { report, draft } = scope;
  if (words.length === 0) {
    report.add(
      "HB0203",
      statement,
      `${directive.name} has no value: the line does nothing`,
      `write: ${directive.name} ${directive.form}`,
    );
    return true;
  }
  let good = true;
  for (const [index, word] of words.entries()) {
    if (index > 0 && directive.repeat === "once") {
      report.add("HB0202", word, multiply(directive.name), "name one");
      return false;
    }
    if (!directive.apply(scope, [word], statement)) good = false;
    else if (directive.recorded)
      draft.parameters.set(directive.name, { text: word.text, origin: { from: "file", place: word } });
  }
  const [first, second] = words;
  if (directive.repeat === "last" && good && first && second) {
    const decimal = /^\d+$/.test(first.text) && statement.rest.includes(",");
    report.add(
      "HB0204",
      { line: first.line, start: first.start, end: words.at(-1)?.end ?? first.end },
      `${directive.name} takes one value: the last one, [${shown(words.at(-1)?.text ?? "")}], wins`,
      decimal ? `for a fraction write a point: ${first.text}.${second.text}` : "remove the others",
    );
  }
  return good;
}

const multiply = (name: string): string =>
  name === "baud"
    ? "Baudrate multiply specified."
    : name === "watchdog"
      ? "Watchdog device multiply specified."
      : `${name} multiply specified.`;

/** Notes the first use, and tells of a second one where that replaces or spoils the first. False if it is an error. */
function repetition(directive: Directive<Scope>, at: Statement, { draft, report }: Scope): boolean {
  const first: Place | undefined = draft.seen.get(directive.name);
  if (first === undefined) {
    draft.seen.set(directive.name, at);
    return true;
  }
  if (directive.repeat === "once") {
    report.add(
      "HB0202",
      at,
      `${multiply(directive.name)} The first stands in line ${first.line}`,
      "remove one of them",
    );
    return false;
  }
  if (directive.repeat === "last" && at.rest !== "" && directive.name !== "pacemaker" && directive.name !== "crm")
    report.add(
      "HB0206",
      at,
      `${directive.name} stands in line ${first.line} already; this line wins`,
      "remove one of them",
    );
  return true;
}

/** Complains, and returns the directive that was probably meant, or "?". */
function illegal(name: Word, text: string, report: Report): string {
  const guess = report.full ? undefined : guessOf(name, text);
  report.add("HB0201", name, `Illegal directive [${shown(name.text)}] in ${report.file}`, guess?.help);
  return guess?.meant ?? "?";
}

interface Guess {
  readonly help: string;
  readonly meant?: string;
}

function guessOf(name: Word, text: string): Guess {
  const word = name.text;
  const folded = word.toLowerCase();
  if (word === ",") return { help: "a line must not begin with a comma" };
  if (directives.get(folded)) return { help: `write ${folded}: directives are in lower case`, meant: folded };
  const foreign = foreignNames.get(folded);
  if (foreign !== undefined) return { help: foreign, ...meantBy(/^write (\w+)$/.exec(foreign)?.[1]) };
  const glued = gluedTo(folded);
  const rest = glued === undefined ? "" : word.slice(glued.name.length);
  const corrected = (value: string): string => `${glued?.name} ${shown(`${value}${text.slice(name.end)}`.trim())}`;
  if (/^[=:,]/.test(rest))
    return {
      help: `separate the directive and its value by a blank: ${corrected(rest.slice(1))}`,
      ...meantBy(glued?.name),
    };
  const missing: Guess = { help: `a blank is missing: ${corrected(rest)}`, ...meantBy(glued?.name) };
  // `auto_failbackon` is a value without its blank, `deadtimes` a slip of the pen.
  if (/^[\d/.]/.test(rest) || glued?.words.includes(rest)) return missing;
  const near = word.length > suggestedMax ? undefined : directives.suggest(word);
  if (near !== undefined) return { help: `did you mean ${near}?`, meant: near };
  return rest === "" ? { help: "the list of directives: heartbeat explain" } : missing;
}

const meantBy = (name: string | undefined): { readonly meant?: string } => (name === undefined ? {} : { meant: name });

/** The longest directive that the word begins with. */
function gluedTo(word: string): Directive<Scope> | undefined {
  let longest: Directive<Scope> | undefined;
  for (const directive of directives)
    if (word.startsWith(directive.name) && directive.name.length > (longest?.name.length ?? 0)) longest = directive;
  return longest;
}

/** Fills in what was not said, as if the line stood there (reference, section 1, step 6). */
export function fillDefaults(draft: Draft, debug: number): void {
  for (const directive of directives)
    if (directive.default !== undefined && !draft.parameters.has(directive.name))
      draft.parameters.set(directive.name, { text: directive.default, origin: { from: "default" } });
  if (draft.parameters.has("debug")) return;
  draft.debug = debug;
  draft.parameters.set("debug", { text: String(debug), origin: { from: "derived", by: "the number of -d options" } });
}
