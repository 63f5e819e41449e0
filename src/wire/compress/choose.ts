/**
 * Compresses within the time that the daemon's loop can spare.
 *
 * The loop that compresses is the loop that beats, so no message may hold it for more than about 4 ms. zlib is native and takes any message
 * that a program can hand in: it stops as soon as the result is too long to be of use. bz2 is our own and a hundred times slower; what is
 * larger than it can do in time goes by zlib, which every receiver reads as well, because a message names its method (quirk 132,
 * docs/adr/0010-compression-in-the-loop.md).
 */
import { failed, ok, type Result } from "../../base/result.ts";
import { datagramMax } from "../limits.ts";
import { bz2 } from "./bz2.ts";
import type { Codec } from "./codec.ts";
import { zlib } from "./zlib.ts";

/** What bz2 compresses in about 4 ms at worst (random bytes, a busy machine). */
export const bz2PlainMax = 4096;

export interface Compressed {
  readonly method: Codec["name"];
  readonly bytes: Uint8Array;
}

/** By `method` where it is fast enough. `too-big`: the result would not fit a datagram. */
export function compress(method: Codec["name"], plain: Uint8Array): Result<Compressed, "too-big"> {
  const codec = method === "bz2" && plain.length <= bz2PlainMax ? bz2 : zlib;
  const bytes = codec.compress(plain, datagramMax);
  return bytes === undefined ? failed("too-big") : ok({ method: codec.name, bytes });
}
