/**
 * Options in the way of the C library, because programs that replace others must read the same command lines: letters may be
 * joined (`-mv`), an argument may stick to its letter (`-pNAME`), options may follow parameters, `--` ends them.
 */
import { failed, ok, type Result } from "../base/result.ts";

export interface Options {
  /** Letter -> argument, empty for a letter that takes none. The last of a repeated letter counts. */
  readonly given: ReadonlyMap<string, string>;
  readonly parameters: readonly string[];
}

/** `letters` as for getopt(3): `mp:v`. The error is getopt's sentence, without the program's name. */
export function getopt(argv: readonly string[], letters: string): Result<Options, string> {
  const given = new Map<string, string>();
  const parameters: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      parameters.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      parameters.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const known = letter === ":" ? -1 : letters.indexOf(letter);
      if (known < 0) return failed(`invalid option -- '${letter}'`);
      if (letters[known + 1] !== ":") {
        given.set(letter, "");
        continue;
      }
      const attached = word.slice(at + 1);
      const argument = attached !== "" ? attached : argv[++i];
      if (argument === undefined) return failed(`option requires an argument -- '${letter}'`);
      given.set(letter, argument);
      break;
    }
  }
  return ok({ given, parameters });
}
