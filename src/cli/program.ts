/** What every program of this package is: a name, a word about it, and a function from arguments to an exit code. */

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal: colours are welcome. */
  readonly terminal: boolean;
  /** The name that the program was called by, with its path if it was given one. */
  readonly calledAs: string;
}

export interface Program {
  readonly name: string;
  readonly summary: string;
  /** One line for people who only want to be reminded. */
  readonly usage: string;
  /** `argv` without the program's own name. */
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
}
