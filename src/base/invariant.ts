/**
 * Assertions that stay on. A broken invariant is our mistake, never the peer's or the administrator's: the daemon
 * stops rather than guess, because wrong is worse than down.
 */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

export function invariant(condition: boolean, says: string): asserts condition {
  if (!condition) throw new InvariantViolation(says);
}
