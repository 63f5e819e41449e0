/**
 * Socket addresses as bytes, and the constants of the socket calls that we use.
 *
 * Source: Linux, include/uapi/linux/{in,in6,socket,if_packet,netlink,un}.h and include/linux/socket.h; little-endian host order.
 */
import { isIPv6 } from "node:net";

export const family = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 } as const;
export const socketType = { stream: 1, datagram: 2, raw: 3, nonBlocking: 0o4000, closeOnExec: 0o2000000 } as const;

/** SOL_SOCKET and its options. */
export const socketLevel = 1;
export const socketOption = {
  reuseAddress: 2,
  dontRoute: 5,
  broadcast: 6,
  receiveBuffer: 8,
  reusePort: 15,
  peerCredentials: 17,
  receiveTimeout: 20,
  bindToDevice: 25,
  /** As `receiveBuffer`, beyond what others may ask for; root only. */
  receiveBufferForce: 33,
} as const;

/** IPPROTO_IP and its options. */
export const ipLevel = 0;
export const ipOption = {
  tos: 1,
  multicastInterface: 32,
  multicastTtl: 33,
  multicastLoop: 34,
  addMembership: 35,
} as const;

/** IPPROTO_IPV6 and its options. */
export const ip6Level = 41;
export const ip6Option = {
  multicastInterface: 17,
  multicastHops: 18,
  multicastLoop: 19,
  joinGroup: 20,
  only: 26,
} as const;

/** The four bytes of a dotted address; undefined: not one. */
export function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

/** The sixteen bytes of an IPv6 address without scope; undefined: not one. */
export function ipv6Bytes(text: string): Uint8Array | undefined {
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // Brought into its canonical form it has hexadecimal groups only and at most one `::`.
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const before = groups(head);
  const behind = groups(tail ?? "");
  const all = [...before, ...new Array<number>(8 - before.length - behind.length).fill(0), ...behind];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** `struct sockaddr_in`. */
export function inetAddress(ip: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family.inet, true);
  view.setUint16(2, port, false);
  bytes.set(ip.subarray(0, 4), 4);
  return bytes;
}

/** `struct sockaddr_in6`. The kernel looks at `ifindex` only where an address means nothing without it (link-local scope). */
export function inet6Address(ip: Uint8Array, port: number, ifindex: number): Uint8Array {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family.inet6, true);
  view.setUint16(2, port, false);
  bytes.set(ip.subarray(0, 16), 8);
  view.setUint32(24, ifindex, true);
  return bytes;
}

/** `struct sockaddr_nl` of the kernel. */
export function netlinkAddress(groups: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family.netlink, true);
  view.setUint32(8, groups, true);
  return bytes;
}

/** `struct sockaddr_ll`: whom a frame goes to. */
export function packetAddress(ifindex: number, etherType: number, mac: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family.packet, true);
  view.setUint16(2, etherType, false);
  view.setInt32(4, ifindex, true);
  bytes[11] = Math.min(mac.length, 8);
  bytes.set(mac.subarray(0, 8), 12);
  return bytes;
}

/** `struct sockaddr_un`; undefined: the path is longer than the kernel takes. */
export function unixAddress(path: string): Uint8Array | undefined {
  const name = Buffer.from(path, "utf8");
  if (name.length > 107) return undefined;
  const bytes = new Uint8Array(2 + name.length + 1);
  bytes[0] = family.unix;
  bytes.set(name, 2);
  return bytes;
}

/** `struct ip_mreqn`: a group on an interface, named by index so that the interface needs no address. */
export function multicastRequest(group: Uint8Array, ifindex: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(group.subarray(0, 4), 0);
  new DataView(bytes.buffer).setInt32(8, ifindex, true);
  return bytes;
}

/** `struct ipv6_mreq`. */
export function multicastRequest6(group: Uint8Array, ifindex: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(group.subarray(0, 16), 0);
  new DataView(bytes.buffer).setInt32(16, ifindex, true);
  return bytes;
}
