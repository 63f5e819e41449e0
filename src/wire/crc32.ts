/**
 * CRC-32 with the polynomial 0x04C11DB7, most significant bit first: the one of POSIX `cksum` and of bzip2. (That of
 * zlib and Ethernet is the same polynomial with the bits the other way round.)
 */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Continues from `initial`, without a complement at the end. */
export function crc32(initial: number, bytes: Uint8Array): number {
  let crc = initial;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ (table[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc >>> 0;
}
