/** What a compression method has to offer. Source: docs/reference/wire-protocol.md, section 6. */
import type { Result } from "../../base/result.ts";

export interface Codec {
  /** The name as it stands in `ha.cf` and in the field `_compression_algorithm`. */
  readonly name: "bz2" | "zlib";
  /** Never produces more than `limit` bytes: a small message that inflates without end is refused. */
  readonly decompress: (bytes: Uint8Array, limit: number) => Result<Uint8Array, "corrupt" | "too-big">;
  /** Undefined when the result would be longer than `limit`. */
  readonly compress: (bytes: Uint8Array, limit: number) => Uint8Array | undefined;
}
