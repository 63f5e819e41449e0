/**
 * IPv4 and IPv6 addresses in text: as the system's own readers understand them, so that what a file means does not depend on who
 * reads it.
 */

/** A dotted quad and nothing else: `10.0.0.1`. No leading zeros: to the system's reader they mean octal. */
export function parseIpv4(text: string): readonly number[] | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  const bytes = match?.slice(1).map(Number);
  return bytes?.every((byte) => byte <= 255) ? bytes : undefined;
}

export const ipv4Text = (bytes: readonly number[]): string => bytes.join(".");

/**
 * What the C library's `inet_aton` accepts besides: one to four parts, the last filling the remaining bytes (`10.77` is
 * 10.0.0.77), each decimal, octal (`010`) or hexadecimal (`0x0a`).
 */
export function parseInetAton(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  const values: number[] = [];
  for (const part of parts) {
    if (!/^(0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/i.test(part)) return undefined;
    values.push(/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part));
  }
  const last = values.pop() ?? 0;
  const lastBytes = 4 - values.length;
  if (values.some((value) => value > 255) || last >= 256 ** lastBytes) return undefined;
  for (let i = lastBytes - 1; i >= 0; i--) values.push(Math.floor(last / 256 ** i) % 256);
  return values;
}

/** The 16 bytes of an IPv6 address (RFC 4291, section 2.2), without scope. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > 45 || !/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Colon-separated groups as bytes; the last may be a dotted quad if `quad`. */
function groupsOf(text: string, quad: boolean): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const ipv4 = quad && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4) bytes.push(...ipv4);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}

/** An address where a host name may stand too: the C library takes digits and dots for an address, anything else for a name. */
export const parseHostAddress = (text: string): readonly number[] | undefined =>
  /^[\d.]+$/.test(text) ? parseInetAton(text) : undefined;
