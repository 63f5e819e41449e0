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
    illegal(name, text, scope.report);
    scope.draft.bad.add("?");
    return;
  }
  if (name.text === "udp") scope.report.add("HB0205", name, "directive 'udp' replaced by 'bcast'", "write bcast");
  const rest = text.slice(name.end);
  const statement: Statement = { ...name, name: directive.name, rest: rest.trim() };
  if (!repetition(directive, statement, scope)) return;
  const words = wordsOf(rest, line.number, directive.takes === "line" ? "blanks" : "blanks and commas", name.end);
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

function illegal(name: Word, text: string, report: Report): void {
  const message = `Illegal directive [${shown(name.text)}] in ${report.file}`;
  report.add("HB0201", name, message, report.full ? undefined : illegalHelp(name, text));
}

/** What an illegal name was probably meant to be. */
function illegalHelp(name: Word, text: string): string {
  const word = name.text;
  if (word.includes("/")) return "a directive is a plain word";
  if (word === ",") return "a line must not begin with a comma";
  const folded = word.toLowerCase();
  if (directives.get(folded)) return `write ${folded}: directives are in lower case`;
  const separator = /^([a-z0-9_]+)[=:,](.*)$/i.exec(word);
  const named = separator?.[1] === undefined ? undefined : directives.get(separator[1].toLowerCase());
  if (named)
    return `separate the directive and its value by a blank: ${named.name} ${shown(`${separator?.[2] ?? ""}${text.slice(name.end)}`.trim())}`;
  const foreign = foreignNames.get(folded);
  if (foreign !== undefined) return foreign;
  const near = word.length > suggestedMax ? undefined : directives.suggest(word);
  if (near !== undefined) return `did you mean ${near}?`;
  const glued = gluedTo(folded);
  if (glued !== undefined)
    return `a blank is missing: ${glued} ${shown(word.slice(glued.length) + text.slice(name.end))}`;
  return "the list of directives: heartbeat explain";
}

/** The longest directive that the word begins with: `auto_failbackon`, `logfacilitylocal0`. */
function gluedTo(word: string): string | undefined {
  let longest: string | undefined;
  for (const { name } of directives) if (word.startsWith(name) && name.length > (longest?.length ?? 2)) longest = name;
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
