/**
 * A checksum in the place of a signature: finds damage, keeps nobody out.
 *
 * CRC-32 starting from 0, complemented at the end (POSIX `cksum` without the bytes of the length), printed in
 * hexadecimal without leading zeros.
 *
 * Source: docs/reference/wire-protocol.md, section 5.1.
 */
import { crc32 } from "../crc32.ts";
import type { AuthMethod } from "./method.ts";

export const crc: AuthMethod = {
  name: "crc",
  needsKey: false,
  sign: (_key, bytes) => (~crc32(0, bytes) >>> 0).toString(16),
};
