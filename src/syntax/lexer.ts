/**
 * Bytes to lines to words: all that ha.cf, authkeys, haresources, logd.cf and ha4.cf have in common.
 *
 * Source: docs/reference/configuration.md, section 2.
 * Deviations: a line may have any length; the original cuts it after 5118 bytes and reads the rest as a line of its own.
 */

/** Where something stands in its file. `line` counts from 1, `start` and `end` are bytes from 0, `end` is not included. */
export interface Place {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** A piece of a line without blanks in it. */
export interface Word extends Place {
  readonly text: string;
}

export interface Line {
  readonly number: number;
  /** One character per byte; without the line end and without what the original does not see (behind CR or NUL). */
  readonly text: string;
  /** What ended the text early: a NUL byte, or a CR that is not part of CR LF; `hidden` bytes behind it are not read. */
  readonly cutBy?: "nul" | "cr";
  readonly hidden: number;
  /** The line ended in CR LF. */
  readonly crlf: boolean;
}

/** The original's line buffer: longer lines are cut there (section 2.1). */
export const originalLineMax = 5118;

/** Configuration files are a few kilobytes; more than this is some other file. */
export const fileSizeMax = 1024 * 1024;

export function linesOf(bytes: Uint8Array): Line[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines: Line[] = [];
  for (let at = 0; at < all.length; ) {
    const newline = all.indexOf("\n", at);
    const end = newline < 0 ? all.length : newline;
    lines.push(line(lines.length + 1, all.slice(at, end)));
    at = end + 1;
  }
  return lines;
}

function line(number: number, raw: string): Line {
  const nul = raw.indexOf("\0");
  const cr = raw.indexOf("\r");
  if (nul >= 0 && (cr < 0 || nul < cr))
    return { number, text: raw.slice(0, nul), cutBy: "nul", hidden: raw.length - nul - 1, crlf: false };
  if (cr < 0) return { number, text: raw, hidden: 0, crlf: false };
  const rest = raw.slice(cr).replace(/^\r+/, "");
  if (rest.length === 0) return { number, text: raw.slice(0, cr), hidden: 0, crlf: true };
  return { number, text: raw.slice(0, cr), cutBy: "cr", hidden: rest.length, crlf: false };
}

/** The line up to the first `#`, which nothing can quote. */
export function withoutComment(text: string): string {
  const hash = text.indexOf("#");
  return hash < 0 ? text : text.slice(0, hash);
}

const separators = {
  /** Vertical tab is not among them. */
  blanks: /[^ \t\r\f]+/g,
  "blanks and commas": /[^ \t\r\f,]+/g,
} as const;

/** The words of `text`, which stands `from` bytes into line `number`. */
export function wordsOf(text: string, number: number, split: keyof typeof separators = "blanks", from = 0): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(separators[split])) {
    const start = from + match.index;
    words.push({ text: match[0], line: number, start, end: start + match[0].length });
  }
  return words;
}

/** One place from the first word to the last. */
export function spanOf(words: readonly Word[]): Place | undefined {
  const first = words[0];
  const last = words.at(-1);
  return (
    first && last && { line: first.line, start: first.start, end: last.line === first.line ? last.end : first.end }
  );
}
