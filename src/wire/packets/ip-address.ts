/**
 * Addresses of both versions of IP as bytes, and as the one text that each has (RFC 5952 for version 6), so that texts can be compared.
 *
 * Here stand only texts that a reader of configuration or the kernel has made: nothing is checked again.
 */
export type IpVersion = 4 | 6;

export const versionOf = (ip: string): IpVersion => (ip.includes(":") ? 6 : 4);

/** Four bytes, or sixteen. */
export function ipBytes(ip: string): Uint8Array {
  if (versionOf(ip) === 4) return Uint8Array.from(ip.split("."), Number).slice(0, 4);
  const [before = [], behind = []] = ip
    .split("::")
    .map((part) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16))));
  const zeros = new Array<number>(Math.max(0, 8 - before.length - behind.length)).fill(0);
  const groups = [...before, ...zeros, ...behind].slice(0, 8);
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The text of four or sixteen bytes; undefined: neither. */
export function ipText(bytes: ArrayLike<number>): string | undefined {
  if (bytes.length === 4) return Array.from(bytes).join(".");
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const zeros = longestZeros(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return text(groups);
  return `${text(groups.slice(0, zeros.from))}::${text(groups.slice(zeros.from + zeros.length))}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): { readonly from: number; readonly length: number } {
  let longest = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from++) {
    const end = groups.findIndex((group, at) => at >= from && group !== 0);
    const length = (end < 0 ? groups.length : end) - from;
    if (length > longest.length) longest = { from, length };
  }
  return longest;
}
