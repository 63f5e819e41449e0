/**
 * The methods by name, and the two questions asked of a key ring: sign this, and is this signature right?
 *
 * A signature is written `NUM DIGEST`, where NUM names the entry of `authkeys`. It is verified with the method and the
 * key of that entry.
 *
 * Source: docs/reference/wire-protocol.md, section 5.
 * Deviation: the original verifies netstring messages with the named method and the key text of its own active entry.
 * The original takes the key text of its own active entry (quirk 6).
 */
import { registry } from "../../base/registry.ts";
import { failed, ok, type Result } from "../../base/result.ts";
import { crc } from "./crc.ts";
import { md5 } from "./md5.ts";
import type { AuthMethod, KeyRing } from "./method.ts";
import { sha1 } from "./sha1.ts";

export const authMethods = registry<AuthMethod>([crc, md5, sha1]);

/** `NUM DIGEST` with the active entry; undefined when the ring has no such entry. */
export function sign(keys: KeyRing, bytes: Uint8Array): string | undefined {
  const digest = digestOf(keys, keys.active, bytes);
  return digest === undefined ? undefined : `${keys.active} ${digest}`;
}

export interface SignatureFault {
  /** `no-signature`: there is text, but it is not a signature. */
  readonly code: "no-signature" | "unknown-key" | "bad-signature";
  readonly key?: number;
}

/** The number of the entry that signed. Takes the same time wherever a wrong digest differs. */
export function verify(keys: KeyRing, signature: string, bytes: Uint8Array): Result<number, SignatureFault> {
  const space = signature.indexOf(" ");
  const number = signature.slice(0, Math.max(space, 0));
  if (!/^\d{1,4}$/.test(number)) return failed({ code: "no-signature" });
  const key = Number(number);
  const expected = digestOf(keys, key, bytes);
  if (expected === undefined) return failed({ code: "unknown-key", key });
  return sameText(expected, signature.slice(space + 1)) ? ok(key) : failed({ code: "bad-signature", key });
}

function digestOf(keys: KeyRing, number: number, bytes: Uint8Array): string | undefined {
  const entry = keys.entries.get(number);
  return entry === undefined ? undefined : authMethods.get(entry.method)?.sign(entry.text, bytes);
}

/** Equality in a time that depends on the lengths alone. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ (i < b.length ? b.charCodeAt(i) : 0);
  return difference === 0;
}
