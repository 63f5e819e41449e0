/** bzip2 streams, by our own codec: a peer may be configured with `compression bz2`, and Node.js has none. */
import { Bz2Unpacking, decompressBz2 } from "./bz2-decode.ts";
import { compressBz2 } from "./bz2-encode.ts";
import type { Codec } from "./codec.ts";

export const bz2: Codec = {
  name: "bz2",
  decompress: decompressBz2,
  unpack: (bytes, limit) => new Bz2Unpacking(bytes, limit),
  compress(bytes, limit) {
    const compressed = compressBz2(bytes);
    return compressed.length > limit ? undefined : compressed;
  },
};
