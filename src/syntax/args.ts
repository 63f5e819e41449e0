/**
 * The types of values: what a time, a switch, a number or one word of a list may look like, and what to say when it does not.
 *
 * Source: docs/reference/configuration.md, section 3. The original's own readers (a time from `atof` and two letters, `atoi`)
 * are kept to the letter, because files that rely on their tolerance exist; what only their tolerance lets pass gets a warning.
 */
import { nearest } from "../base/registry.ts";
import type { Report } from "./diagnostic.ts";
import type { Word } from "./lexer.ts";
import { shown } from "./text.ts";

/** One value of a directive: how it is called and explained, and how it is read. */
export interface Arg<T> {
  /** As it stands in a synopsis: `TIME`. */
  readonly form: string;
  /** The legal values, as the end of "legal values: ...". */
  readonly legal: string;
  /** All words, where they can be listed: for completion and suggestions. */
  readonly words: readonly string[];
  /** Undefined after a fault has been reported. `phrase` is what the original says, to stay recognisable for log filters. */
  readonly read: (word: Word, report: Report, phrase?: string) => T | undefined;
}

// ---- times ----------------------------------------------------------------------------------------------------------

const msPerUnit: Readonly<Record<string, number>> = { "": 1000, ms: 1, us: 0.001 };
/** The original computes in 64 bits; beyond, its result is negative. */
const timeMax = 2 ** 63;

/** The length of time in whole milliseconds that the original reads from `text`; undefined where it reads an error. */
export function parseTime(text: string): number | undefined {
  const match = /^([0-9.]+)[ \t]*(.*)$/s.exec(text);
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  const factor = msPerUnit[unit.slice(0, 2).toLowerCase()];
  if (factor === undefined) return undefined;
  const value = Number(/^\d*\.?\d*/.exec(digits)?.[0].replace(/^\.?$/, "0")) * factor + 0.5;
  return value < timeMax ? Math.floor(value) : undefined;
}

/** Units people expect and the original refuses, in milliseconds. */
const humanUnits: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeHelp(text: string): string {
  const human = /^(\d+(?:\.\d+)?)(s|m|h|d)(?:ec|ecs|econds?|in|ins|inutes?|ours?|ays?)?$/i.exec(text);
  if (human) {
    const value = Number(human[1]) * (humanUnits[(human[2] ?? "").toLowerCase()] ?? 0);
    return `write ${value}ms or ${value / 1000}: a time is a number of seconds, or has the unit ms or us`;
  }
  if (/^[+-]/.test(text)) return "a time has no sign";
  if (/^([mu]?s(ec)?|seconds?)$/i.test(text)) return "no blank may stand between the number and its unit: write 500ms";
  if (text === "=") return "no = stands between a directive and its value";
  return "write seconds (2, 1.5), or milliseconds (500ms), or microseconds (500000us)";
}

/** `minimum` is 1 where the original demands more than nothing. */
export const time = (minimum: 0 | 1): Arg<number> => ({
  form: "TIME",
  legal: `a time ${minimum === 1 ? "above 0" : "of 0 or more"}: seconds (2, 1.5), 500ms or 500000us`,
  words: [],
  read(word, report, phrase) {
    const said = phrase === undefined ? "" : `${phrase}: `;
    const value = parseTime(word.text);
    if (value === undefined) {
      report.add("HB0210", word, `${said}[${shown(word.text)}] is not a time`, timeHelp(word.text));
      return undefined;
    }
    if (value < minimum) {
      report.add(
        "HB0211",
        word,
        `${said}[${shown(word.text)}] is shorter than one millisecond`,
        "write a time above 0",
      );
      return undefined;
    }
    if (!/^(\d+(\.\d*)?|\.\d+)([mu]s(ec)?)?$/i.test(word.text) || /^0\d/.test(word.text))
      report.add("HB0212", word, `[${shown(word.text)}] is read as ${value}ms`, `write ${value}ms`);
    return value;
  },
});

// ---- switches and words -----------------------------------------------------------------------------------------------

const truths = ["true", "on", "yes", "y", "1"];
const falsehoods = ["false", "off", "no", "n", "0"];

export function parseBoolean(text: string): boolean | undefined {
  const folded = text.toLowerCase();
  return truths.includes(folded) ? true : falsehoods.includes(folded) ? false : undefined;
}

export const boolean: Arg<boolean> = {
  form: "on|off",
  legal: "on, off (or true, yes, y, 1, false, no, n, 0; any case)",
  words: ["on", "off"],
  read(word, report, phrase) {
    const value = parseBoolean(word.text);
    if (value === undefined)
      report.add("HB0213", word, phrase ?? `not a switch [${shown(word.text)}]`, didYouMean(word, ["on", "off"]));
    return value;
  },
};

/** One of some words; `folded` where the original ignores case. */
export const oneOf = <const T extends string>(words: readonly T[], folded = false): Arg<T> => ({
  form: words.join("|"),
  legal: words.join(", "),
  words,
  read(word, report, phrase) {
    const text = folded ? word.text.toLowerCase() : word.text;
    const value = words.find((each) => each === text);
    if (value === undefined)
      report.add("HB0214", word, phrase ?? `[${shown(word.text)}] is not legal here`, didYouMean(word, words));
    return value;
  },
});

/** Suggests the nearest of the legal words, or lists them. */
export function didYouMean(word: Word, words: readonly string[]): string {
  const folded = words.find((each) => each.toLowerCase() === word.text.toLowerCase());
  if (folded !== undefined) return `write ${folded}: case matters here`;
  const near = word.text.length > suggestedMax ? undefined : nearest(word.text, words);
  return near === undefined ? `legal: ${words.join(", ")}` : `did you mean ${near}?`;
}

/** Longer words than this are no mistyped directives, and comparing them with every name would cost time. */
export const suggestedMax = 40;

export const anyText = (form: string, legal: string): Arg<string> => ({
  form,
  legal,
  words: [],
  read: (word) => word.text,
});

// ---- numbers ---------------------------------------------------------------------------------------------------------

/** What C's `atoi` makes of the text: leading digits, else 0; saturated at 64 bits, then cut to 32. */
export function atoi(text: string): number {
  const digits = /^[ \t\n\v\f\r]*([+-]?\d{1,40})/.exec(text)?.[1];
  if (digits === undefined) return 0;
  return Number(BigInt.asIntN(32, clampToInt64(BigInt(digits.replace("+", "")))));
}

const int64Max = 2n ** 63n - 1n;
const clampToInt64 = (n: bigint): bigint => (n > int64Max ? int64Max : n < -int64Max - 1n ? -int64Max - 1n : n);

/** A number as the original's `atoi` reads it; text behind or instead of the digits gets a warning. */
export const integer = (minimum: number, maximum: number, unit = ""): Arg<number> => ({
  form: "N",
  legal:
    (maximum >= 2 ** 31 - 1 ? `a number of ${minimum} or more` : `${minimum} to ${maximum}`) +
    (unit === "" ? "" : ` (${unit})`),
  words: [],
  read(word, report, phrase) {
    const value = atoi(word.text);
    if (value < minimum || value > maximum) {
      const range = maximum >= 2 ** 31 - 1 ? `${minimum} or more` : `${minimum} to ${maximum}`;
      report.add("HB0215", word, phrase ?? `out of range [${shown(word.text)}]`, `write a number: ${range}`);
      return undefined;
    }
    if (!/^\d+$/.test(word.text))
      report.add("HB0216", word, `[${shown(word.text)}] is read as the number ${value}`, `write ${value}`);
    return value;
  },
});
