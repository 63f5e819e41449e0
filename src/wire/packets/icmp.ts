/**
 * Echo requests and replies of ICMP and ICMPv6 as bytes: what a ping node is asked with and answers with.
 *
 * Source: RFC 792, RFC 4443 section 4; docs/reference/wire-protocol.md, section 11.5. The identifier stands in host byte order, as
 * the original writes it (both our processors are little-endian); everything else is big-endian.
 */

/** 4: ICMP, whose checksum is ours to compute; 6: ICMPv6, where the kernel does it, because addresses are part of it. */
export type IcmpVersion = 4 | 6;

export interface Echo {
  /** 16 bits. */
  readonly identifier: number;
  /** 16 bits. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

const headerLength = 8;
const requestType = { 4: 8, 6: 128 } as const;
/** The type of an echo reply: also what a raw socket is told to let through. */
export const replyType = { 4: 0, 6: 129 } as const;

export function echoRequest(version: IcmpVersion, { identifier, sequence, data }: Echo): Uint8Array {
  const bytes = new Uint8Array(headerLength + data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = requestType[version];
  view.setUint16(4, identifier, true);
  view.setUint16(6, sequence, false);
  bytes.set(data, headerLength);
  if (version === 4) view.setUint16(2, internetChecksum(bytes), false);
  return bytes;
}

/** What a raw socket received, if it is an echo reply: with its IP header in version 4, without in version 6. The data is not copied. */
export function readEchoReply(version: IcmpVersion, packet: Uint8Array): Echo | undefined {
  const start = version === 6 ? 0 : ((packet[0] ?? 0) & 0x0f) * 4;
  const bytes = packet.subarray(start);
  if (bytes.length < headerLength || bytes[0] !== replyType[version] || bytes[1] !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    identifier: view.getUint16(4, true),
    sequence: view.getUint16(6, false),
    data: bytes.subarray(headerLength),
  };
}

/** RFC 1071: the complement of the sum in ones' complement of all 16 bit words. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
