/**
 * Options in the way of the C library, because programs that replace others must read the same command lines: letters may be
 * joined (`-mv`), an argument may stick to its letter (`-pNAME`), options may follow parameters, `--` ends them.
 */
export interface Options {
  /** Letter -> argument, empty for a letter that takes none. The last of a repeated letter counts. */
  readonly given: ReadonlyMap<string, string>;
  readonly parameters: readonly string[];
  /** getopt's sentences about what it did not understand, without the program's name. */
  readonly errors: readonly string[];
}

/** `letters` as for getopt(3): `mp:v`. */
export function getopt(argv: readonly string[], letters: string): Options {
  const given = new Map<string, string>();
  const parameters: string[] = [];
  const errors: string[] = [];
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
      if (known < 0) {
        errors.push(`invalid option -- '${letter}'`);
        continue;
      }
      if (letters[known + 1] !== ":") {
        given.set(letter, "");
        continue;
      }
      const attached = word.slice(at + 1);
      const argument = attached !== "" ? attached : argv[++i];
      if (argument === undefined) errors.push(`option requires an argument -- '${letter}'`);
      else given.set(letter, argument);
      break;
    }
  }
  return { given, parameters, errors };
}
