/**
 * A directive as data: one description drives the parser, `heartbeat explain`, the manual page and completion.
 *
 * Two kinds, as in the original (docs/reference/configuration.md, section 2.7): a "values" directive is applied once to each
 * value of its line, split at blanks and commas, and does nothing without one; a "line" directive gets its line whole, split
 * at blanks only.
 */
import type { Arg } from "./args.ts";
import type { Report } from "./diagnostic.ts";
import type { Place, Word } from "./lexer.ts";

/** One occurrence of a directive: its name, the words behind it and the rest of the line without comment and outer blanks. */
export interface Statement extends Place {
  readonly name: string;
  readonly rest: string;
}

export interface Directive<Scope> {
  readonly name: string;
  readonly takes: "values" | "line";
  /** The synopsis without the name: `TIME`. */
  readonly form: string;
  /** One line, for lists. */
  readonly summary: string;
  /** What the administrator should know besides; complete sentences. */
  readonly details: string;
  readonly legal: string;
  readonly example: string;
  /** The text that stands for a missing line. */
  readonly default?: string;
  /** How a missing value comes about when there is no fixed default. */
  readonly derived?: string;
  /** Recorded for `getparm` and exported to scripts as `HA_name`; the original's list, section 4. */
  readonly recorded: boolean;
  /** "last": a later line wins. "once": a second one is an error. "adds": every line counts. */
  readonly repeat: "last" | "once" | "adds";
  readonly words: readonly string[];
  /** False after a fault has been reported. `words` holds one word for a "values" directive. */
  readonly apply: (scope: Scope, words: readonly Word[], statement: Statement) => boolean;
}

/** What every description must say; the rest has defaults. */
type Described<Scope> = Pick<Directive<Scope>, "name" | "summary" | "details" | "example">;

interface ScalarSpec<Scope, T> extends Described<Scope> {
  readonly arg: Arg<T>;
  readonly default?: string;
  readonly derived?: string;
  readonly recorded?: false;
  readonly repeat?: "once" | "adds";
  readonly legal?: string;
  /** The original's words for a bad value. */
  readonly phrase?: (text: string) => string;
  /** Returns false after having reported a fault of its own; anything else is success. */
  readonly set: (scope: Scope, value: T, word: Word) => boolean | undefined;
}

/** A directive with one typed value. */
export function scalar<Scope extends { readonly report: Report }, T>(spec: ScalarSpec<Scope, T>): Directive<Scope> {
  const { arg, phrase, set, recorded, repeat, legal, ...described } = spec;
  return {
    ...described,
    takes: "values",
    form: arg.form,
    legal: legal ?? arg.legal,
    words: arg.words,
    recorded: recorded ?? true,
    repeat: repeat ?? "last",
    apply(scope, [word]) {
      if (word === undefined) return true;
      const value = arg.read(word, scope.report, phrase?.(word.text));
      return value !== undefined && set(scope, value, word) !== false;
    },
  };
}

type LineSpec<Scope> = Described<Scope> &
  Pick<Directive<Scope>, "form" | "legal" | "apply"> &
  Partial<Pick<Directive<Scope>, "words" | "takes">>;

/** A directive that reads its line itself; every line counts. */
export const lineDirective = <Scope>(spec: LineSpec<Scope>): Directive<Scope> => ({
  takes: "line",
  words: [],
  recorded: false,
  repeat: "adds",
  ...spec,
});
