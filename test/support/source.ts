/**
 * Reads our own sources for the architecture test: what a file imports, and its code without comments and texts.
 *
 * A few regular expressions, not a parser: they know comments, strings and templates without nesting, which is all that
 * a rule about words needs. What they miss is a missed complaint, never a false one about a comment.
 */
export interface Import {
  readonly from: string;
  /** True if nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

const notCode = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** The source with comments and the insides of texts blanked out, each line where it was. */
export const codeOf = (source: string): string => source.replace(notCode, (text) => text.replace(/[^\n]/g, " "));

export function importsOf(source: string): Import[] {
  const withoutComments = source.replace(notCode, (text) => (/^["'`]/.test(text) ? text : text.replace(/[^\n]/g, " ")));
  const statements = withoutComments.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:([^"';]*?)\s+from\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...statements].map(([, type, names, from, dynamic]) => ({
    from: from ?? dynamic ?? "",
    typeOnly: type !== undefined || (names !== undefined && onlyTypes(names)),
  }));
}

/** `{ type A, type B }`: each name on its own is a type. */
function onlyTypes(names: string): boolean {
  const list = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (list === undefined) return false;
  const parts = list.split(",").filter((part) => part.trim() !== "");
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}
