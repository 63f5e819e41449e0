/** RFC 1950 streams at the default level, by Node's own zlib. Source: docs/reference/wire-protocol.md, section 6. */
import { deflateSync, inflateSync } from "node:zlib";
import { failed, ok } from "../../base/result.ts";
import type { Codec } from "./codec.ts";

export const zlib: Codec = {
  name: "zlib",
  decompress(bytes, limit) {
    try {
      return ok(inflateSync(bytes, { maxOutputLength: limit }));
    } catch (error) {
      return failed(error instanceof RangeError ? "too-big" : "corrupt");
    }
  },
  compress: (bytes) => deflateSync(bytes),
};
