/** What a compression method has to offer. Source: docs/reference/wire-protocol.md, section 6. */
import type { Result } from "../../base/result.ts";

export type Unpacked = Result<Uint8Array, "corrupt" | "too-big">;

/** Decompression that can be interrupted. */
export interface Unpacking {
  /** Works on some `portion` bytes more (about 10 ns each). Undefined: there is more to do. Not to be called after the end. */
  work(portion: number): Unpacked | undefined;
}

export interface Codec {
  /** The name as it stands in `ha.cf` and in the field `_compression_algorithm`. */
  readonly name: "bz2" | "zlib";
  /** Never produces more than `limit` bytes: a small message that inflates without end is refused. */
  readonly decompress: (bytes: Uint8Array, limit: number) => Unpacked;
  /** The same in portions, for a method that is too slow to be done at once. */
  readonly unpack?: (bytes: Uint8Array, limit: number) => Unpacking;
  /** Undefined when the result would be longer than `limit`. */
  readonly compress: (bytes: Uint8Array, limit: number) => Uint8Array | undefined;
}
