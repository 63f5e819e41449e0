/**
 * What the answer of a resource script means.
 *
 * The scripts of `/etc/ha.d/resource.d` and `/etc/init.d` say by the *text* of `status` whether the resource runs; the
 * original never looks at the exit code, because too many scripts get it wrong.
 *
 * Source: docs/reference/resources.md, section 3.1.
 */

/** True when the text of `status` says that the resource runs here. */
export function runsByText(output: string): boolean {
  if (/not *running/i.test(output)) return false;
  return /[Rr]unning|OK/.test(output);
}
