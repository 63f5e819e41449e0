/** The compression methods that a message may name. */
import { registry } from "../../base/registry.ts";
import { bz2 } from "./bz2.ts";
import type { Codec } from "./codec.ts";
import { zlib } from "./zlib.ts";

export const codecs = registry<Codec>([bz2, zlib]);
