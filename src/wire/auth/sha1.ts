/** HMAC (RFC 2104) over SHA-1, in lower-case hexadecimal. Source: docs/reference/wire-protocol.md, section 5.1. */
import { createHmac } from "node:crypto";
import { bytesOf } from "../bytes.ts";
import type { AuthMethod } from "./method.ts";

export const sha1: AuthMethod = {
  name: "sha1",
  needsKey: true,
  sign: (key, bytes) => createHmac("sha1", bytesOf(key)).update(bytes).digest("hex"),
};
