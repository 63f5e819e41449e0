/** compression, compression_threshold, traditional_compression. */
import { boolean, integer, oneOf } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

export const compression = scalar({
  name: "compression",
  arg: oneOf(["zlib", "bz2"]),
  default: "zlib",
  summary: "How big messages are compressed.",
  details:
    "There is no none. Compressed are the fields for which a program asks, whole messages with traditional_compression, and whatever a datagram could not carry otherwise. What is larger than 4 KiB goes by zlib in any case; receivers read both.",
  example: "compression zlib",
  phrase: (text) => `Compression module(${shown(text)}) not found`,
  set({ draft }: Scope, value) {
    draft.compression = { ...draft.compression, method: value };
    return true;
  },
});

export const compressionThreshold = scalar({
  name: "compression_threshold",
  arg: integer(1, 2 ** 31 - 1, "kilobytes"),
  default: "2",
  summary: "From which size on messages are compressed, in kilobytes.",
  details: "Only with traditional_compression.",
  example: "compression_threshold 2",
  phrase: (text) => `set_compression_threshold: compress_threshhold(${shown(text)}) invalid`,
  set({ draft }: Scope, value) {
    draft.compression = { ...draft.compression, threshold: value * 1024 };
    return true;
  },
});

export const traditionalCompression = scalar({
  name: "traditional_compression",
  arg: boolean,
  default: "no",
  summary: "Whether messages are compressed whole instead of by field.",
  details: "",
  example: "traditional_compression off",
  phrase: (text) => `set_traditional_compression:Invalid directive value ${shown(text)}`,
  set({ draft }: Scope, value) {
    draft.compression = { ...draft.compression, whole: value };
    return true;
  },
});
