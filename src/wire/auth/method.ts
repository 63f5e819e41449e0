/**
 * How messages are signed: the key ring of `authkeys` and what a method has to offer.
 *
 * Source: docs/reference/wire-protocol.md, section 5.
 */
export interface AuthMethod {
  readonly name: "crc" | "md5" | "sha1";
  /** `crc` takes no key, the others demand one. */
  readonly needsKey: boolean;
  /** The digest in the wire's text form. */
  readonly sign: (key: string, bytes: Uint8Array) => string;
}

export interface Key {
  readonly method: AuthMethod["name"];
  /** The key text as written; latin1, so that one character is one byte of the file. Empty for `crc`. */
  readonly text: string;
}

/** `authkeys`: all entries verify what arrives, the active one signs what leaves. */
export interface KeyRing {
  readonly active: number;
  readonly entries: ReadonlyMap<number, Key>;
}
