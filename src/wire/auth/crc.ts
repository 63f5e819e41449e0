/**
 * A checksum in the place of a signature: finds damage, keeps nobody out.
 *
 * CRC-32 with the polynomial 0x04C11DB7, most significant bit first, starting from 0, complemented at the end: POSIX
 * `cksum` without the bytes of the length. Printed in hexadecimal without leading zeros.
 *
 * Source: docs/reference/wire-protocol.md, section 5.1.
 */
import type { AuthMethod } from "./method.ts";

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Continues a most-significant-bit-first CRC-32 over the bytes; without complement. */
export function crc32(initial: number, bytes: Uint8Array): number {
  let crc = initial;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ (table[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc >>> 0;
}

export const crc: AuthMethod = {
  name: "crc",
  needsKey: false,
  sign: (_key, bytes) => (~crc32(0, bytes) >>> 0).toString(16),
};
