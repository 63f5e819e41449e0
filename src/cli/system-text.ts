/** What the system said against something, in words for people: `permission denied`, not `EACCES`. */
import { getSystemErrorMap } from "node:util";

/** The name of a system error (`ENOENT`); undefined if the error is of another kind. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** The sentence for an error of the system; the message of any other. */
export function systemText(error: unknown): string {
  const known =
    error instanceof Error && "errno" in error && typeof error.errno === "number"
      ? getSystemErrorMap().get(error.errno)?.[1]
      : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}
