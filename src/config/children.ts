/**
 * Lines of `respawn` and `failfast` as the daemon needs them: a path and arguments, without a shell in between; and which of them it does
 * itself.
 *
 * Deviations: the original gives the command to a shell. Quotes and backslashes work here as they do there, everything else a shell would
 * do does not (quirk 162).
 */
import { osText } from "../syntax/text.ts";
import type { BuiltIn, ChildConfig } from "./cluster-config.ts";
import type { Draft } from "./draft.ts";
import type { HostFacts } from "./host-facts.ts";

/** What a shell would look at; inside of single quotes it looks at nothing. */
const shellWord = /(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs;
const shellPiece = /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|([^'"\\]+)/gs;
const special = /[$`;&|<>*?()[\]{}~!]/;

/** The words of a command: quotes taken away, a backslash saves the next character. */
export const commandWords = (command: string): string[] =>
  (command.match(shellWord) ?? []).map((word) =>
    word.replace(shellPiece, (_all, escaped?: string, single?: string, double?: string, plain?: string) => {
      if (double !== undefined) return double.replace(/\\(["\\$`])/g, "$1");
      return escaped ?? single ?? plain ?? "";
    }),
  );

/** The first character outside of single quotes that a shell would act upon, and we do not. */
export function shellCharacter(command: string): string | undefined {
  return special.exec(command.replace(/\\.|'[^']*'/gs, ""))?.[0];
}

/** Programs whose work the daemon does itself, wherever a package may have put them. */
const builtInPath = /^\/usr\/(?:lib|libexec|lib64)\/heartbeat\/(ipfail)$/;

export function builtInOf(path: string): BuiltIn | undefined {
  return builtInPath.test(path) ? "ipfail" : undefined;
}

export function childrenOf(
  { kept }: Draft,
  { users }: HostFacts,
): { readonly children: readonly ChildConfig[]; readonly builtIns: readonly BuiltIn[] } {
  const children: ChildConfig[] = [];
  const builtIns = new Set<BuiltIn>();
  for (const { directive, text } of kept) {
    if (directive !== "respawn" && directive !== "failfast") continue;
    const [user = ""] = text.split(/\s/, 1);
    const command = osText(text.slice(user.length).trimStart());
    const [path = "", ...args] = commandWords(command);
    const builtIn = directive === "respawn" ? builtInOf(path) : undefined;
    if (builtIn !== undefined) builtIns.add(builtIn);
    const identity = users.get(user);
    if (builtIn === undefined && identity !== undefined)
      children.push({ kind: directive, user: osText(user), ...identity, command, path, args });
  }
  return { children, builtIns: [...builtIns] };
}
