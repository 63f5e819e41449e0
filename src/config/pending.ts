/**
 * What the language knows and the daemon does not do yet: one table, so that `heartbeat check`, the daemon and the manual say the
 * same. An entry disappears with the work that makes it true.
 */
import type { Draft, KeptLine } from "./draft.ts";

interface Pending {
  readonly directive: string;
  /** What does not happen. */
  readonly says: string;
  /** False where the value asks for nothing: `log_badpack on`. */
  readonly wanted: (draft: Draft, text: string) => boolean;
}

export const pendingDirectives: readonly Pending[] = [
  {
    directive: "log_badpack",
    says: "unintelligible messages are counted, and logged at a limited rate",
    wanted: (_draft, text) => /^(false|off|no?|0)$/i.test(text),
  },
];

/** The lines of a configuration that have no effect yet. */
export function pendingLines(draft: Draft): { readonly pending: Pending; readonly at: KeptLine["at"] }[] {
  return pendingDirectives.flatMap((pending) => {
    const recorded = draft.parameters.get(pending.directive);
    const kept = draft.kept.find((line) => line.directive === pending.directive);
    const at = kept?.at ?? (recorded?.origin.from === "file" ? recorded.origin.place : undefined);
    return at !== undefined && pending.wanted(draft, recorded?.text ?? "") ? [{ pending, at }] : [];
  });
}
