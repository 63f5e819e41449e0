/** HMAC (RFC 2104) over MD5, in lower-case hexadecimal. Source: docs/reference/wire-protocol.md, section 5.1. */
import { createHmac } from "node:crypto";
import { bytesOf } from "../bytes.ts";
import type { AuthMethod } from "./method.ts";

export const md5: AuthMethod = {
  name: "md5",
  needsKey: true,
  sign: (key, bytes) => createHmac("md5", bytesOf(key)).update(bytes).digest("hex"),
};
