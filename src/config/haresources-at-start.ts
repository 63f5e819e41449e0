/**
 * What the daemon of 3.0.6 looks at in haresources when it starts: the first word of each line that it takes for a group. Resources
 * are moved by other rules (haresources.ts); these decide whether that version starts at all, and so whether we do.
 *
 * Source: docs/reference/configuration.md, section 9 (a): a comment is one only at the start of a line, and a backslash at the
 * very end continues a line even within a comment.
 */
import { type Line, type Word, wordsOf } from "../syntax/lexer.ts";

/** By line number. */
export function ownersAtStart(lines: readonly Line[]): Map<number, Word> {
  const owners = new Map<number, Word>();
  let continued = false;
  for (const { number, text, crlf } of lines) {
    const continues = text.endsWith("\\") && !crlf;
    const first = continued ? undefined : wordsOf(text, number)[0];
    if (continued || (first !== undefined && !first.text.startsWith("#"))) continued = continues;
    if (first !== undefined && !first.text.startsWith("#")) owners.set(number, first);
  }
  return owners;
}
