/** What is odd about the lines themselves, before anybody looks at their words. */
import type { Report } from "../syntax/diagnostic.ts";
import { type Line, originalLineMax, withoutComment } from "../syntax/lexer.ts";
import { isUtf8, shown } from "../syntax/text.ts";

/** `harmlessTail` says whether the original would accept the rest of a line that it cuts. */
export function reportOddLines(lines: readonly Line[], report: Report, harmlessTail: (tail: string) => boolean): void {
  const first = lines[0];
  if (first?.text.startsWith("\xef\xbb\xbf")) {
    const name = withoutComment(first.text.slice(3)).trim().split(/[ \t]/)[0] ?? "";
    report.add(
      "HB0103",
      { line: 1, start: 0, end: 3 },
      `the file begins with a byte-order mark, which belongs to the first word: Illegal directive [${shown(`\xef\xbb\xbf${name}`)}] in ${report.file}`,
      "save the file as UTF-8 without BOM",
    );
  }
  let textReported = false;
  for (const line of lines) {
    const end = line.text.length;
    const all = { line: line.number, start: 0, end };
    if (line.cutBy === "nul")
      report.add(
        "HB0104",
        { line: line.number, start: end, end: end + 1 },
        `a NUL byte ends the line: ${line.hidden} bytes behind it are not read`,
        "remove it",
      );
    if (line.cutBy === "cr")
      report.add(
        "HB0105",
        { line: line.number, start: end, end: end + 1 },
        `a carriage return ends the line: ${line.hidden} bytes behind it are not read`,
        "end lines with a line feed: tr '\\r' '\\n'",
      );
    if (!textReported && withoutComment(line.text) !== "" && !isUtf8(withoutComment(line.text))) {
      textReported = true;
      report.add(
        "HB0106",
        all,
        "the line is not valid UTF-8: its bytes are taken as they are",
        "save the file as UTF-8",
      );
    }
    if (end > originalLineMax)
      report.add(
        tails(line.text).every(harmlessTail) ? "HB0101" : "HB0102",
        { line: line.number, start: originalLineMax, end: originalLineMax + 1 },
        `the line has ${end} bytes: 3.0.6 cuts it after ${originalLineMax} and reads the rest as a line of its own`,
        "shorten the line",
      );
  }
}

/** What the original reads as further lines. */
function tails(text: string): string[] {
  const tails: string[] = [];
  for (let at = originalLineMax + 1; at < text.length; at += originalLineMax + 1)
    tails.push(text.slice(at, at + originalLineMax + 1));
  return tails;
}
