/**
 * Messages of the kernel's routing socket, built and read as bytes: interfaces, their addresses, routes.
 *
 * A request is a header (length, type, flags, sequence, port), a fixed structure and a list of attributes, each aligned to four bytes.
 * Answers have the same form; a reader takes what it knows and skips the rest, and nothing in them can make it throw.
 *
 * Source: Linux, include/uapi/linux/{netlink,rtnetlink,if_link,if_addr}.h; RFC 3549. Both our processors are little-endian.
 */
import { type IpVersion, ipBytes, ipText, versionOf } from "./ip-address.ts";

const headerLength = 16;

const messageType = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  getRoute: 26,
} as const;

const flag = { request: 0x1, ack: 0x4, dump: 0x300, exclusive: 0x200, create: 0x400 } as const;

/** IFA_F_SECONDARY: not the first address of its subnet. */
const secondaryFlag = 0x01;
/** IFA_F_NODAD: usable at once, without asking for a second who else has it. */
const noDetectionFlag = 0x02;
const interfaceUp = 0x1; // IFF_UP
const interfaceRunning = 0x40; // IFF_RUNNING: up and with carrier
/** AF_INET and AF_INET6. */
const family: Readonly<Record<IpVersion, number>> = { 4: 2, 6: 10 };
const mainTable = 254; // RT_TABLE_MAIN
const unicastRoute = 1; // RTN_UNICAST
const deadNextHop = 1; // RTNH_F_DEAD
const clonedRoute = 0x200; // RTM_F_CLONED: a cache entry

/** Multicast groups of the routing socket: bits for its address. */
export const netlinkGroup = { link: 0x1, ipv4Address: 0x10, ipv6Address: 0x100 } as const;

export interface Link {
  readonly ifindex: number;
  readonly name: string;
  /** The hardware address; empty where there is none. */
  readonly mac: Uint8Array;
  /** ARPHRD_*: 1 is Ethernet, 772 the loopback. */
  readonly hardwareType: number;
  /** Administratively up. */
  readonly up: boolean;
  readonly carrier: boolean;
}

export interface Address {
  readonly ifindex: number;
  readonly ip: string;
  readonly prefix: number;
  readonly broadcast: string | undefined;
  readonly secondary: boolean;
}

export interface Route {
  /** `0.0.0.0` or `::`, with prefix 0, is the default route. */
  readonly destination: string;
  readonly prefix: number;
  readonly metric: number;
  readonly ifindex: number;
}

export type NetlinkMessage = { readonly sequence: number } & (
  | { readonly kind: "link"; readonly gone: boolean; readonly link: Link }
  | { readonly kind: "address"; readonly gone: boolean; readonly address: Address }
  | { readonly kind: "route"; readonly route: Route }
  /** The end of a request. `errno` is zero for success and negative otherwise; `says` is the kernel's own explanation. */
  | { readonly kind: "ack"; readonly errno: number; readonly says: string | undefined }
  | { readonly kind: "done" }
  | { readonly kind: "other" }
);

/** What an address message tells the kernel. */
export interface AddressChange {
  readonly ifindex: number;
  readonly ip: string;
  readonly prefix: number;
  readonly broadcast?: string;
  /** RT_SCOPE_*: 0 everywhere, 254 this host only. */
  readonly scope?: number;
  /** `eth0:web`: what older tools show as an interface of its own; at most 15 characters. */
  readonly label?: string;
}

export const dumpLinks = (sequence: number): Uint8Array =>
  request(messageType.getLink, flag.dump, sequence, new Uint8Array(16), []);

export const dumpAddresses = (sequence: number, version: IpVersion): Uint8Array =>
  request(messageType.getAddress, flag.dump, sequence, Uint8Array.of(family[version], 0, 0, 0, 0, 0, 0, 0), []);

export function dumpRoutes(sequence: number, version: IpVersion): Uint8Array {
  const fixed = new Uint8Array(12);
  fixed[0] = family[version];
  return request(messageType.getRoute, flag.dump, sequence, fixed, []);
}

export const addAddress = (sequence: number, change: AddressChange): Uint8Array =>
  addressRequest(messageType.newAddress, flag.ack | flag.create | flag.exclusive, sequence, change);

export const deleteAddress = (sequence: number, change: AddressChange): Uint8Array =>
  addressRequest(messageType.deleteAddress, flag.ack, sequence, change);

/** Brings an interface up (IFF_UP), as the original's address script does. */
export function setLinkUp(sequence: number, ifindex: number): Uint8Array {
  const fixed = new Uint8Array(16);
  const view = new DataView(fixed.buffer);
  view.setInt32(4, ifindex, true);
  view.setUint32(8, interfaceUp, true);
  view.setUint32(12, interfaceUp, true); // which of the flags to change
  return request(messageType.newLink, flag.ack, sequence, fixed, []);
}

function addressRequest(type: number, flags: number, sequence: number, change: AddressChange): Uint8Array {
  const fixed = new Uint8Array(8);
  const version = versionOf(change.ip);
  fixed[0] = family[version];
  fixed[1] = change.prefix;
  fixed[2] = version === 6 ? noDetectionFlag : 0; // quirk 195
  fixed[3] = change.scope ?? 0;
  new DataView(fixed.buffer).setInt32(4, change.ifindex, true);
  const ip = ipBytes(change.ip);
  const attributes: Attribute[] = [
    [2, ip], // IFA_LOCAL
    [1, ip], // IFA_ADDRESS
  ];
  if (change.broadcast !== undefined) attributes.push([4, ipBytes(change.broadcast)]); // IFA_BROADCAST
  if (change.label !== undefined) attributes.push([3, latin1(`${change.label}\0`)]); // IFA_LABEL
  return request(type, flags, sequence, fixed, attributes);
}

type Attribute = readonly [type: number, value: Uint8Array];

const aligned = (length: number): number => (length + 3) & ~3;

function request(
  type: number,
  flags: number,
  sequence: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
): Uint8Array {
  const length = attributes.reduce(
    (sum, [, value]) => sum + aligned(4 + value.length),
    headerLength + aligned(fixed.length),
  );
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | flag.request, true);
  view.setUint32(8, sequence, true);
  bytes.set(fixed, headerLength);
  let offset = headerLength + aligned(fixed.length);
  for (const [attribute, value] of attributes) {
    view.setUint16(offset, 4 + value.length, true);
    view.setUint16(offset + 2, attribute, true);
    bytes.set(value, offset + 4);
    offset += aligned(4 + value.length);
  }
  return bytes;
}

/** All messages of one datagram from the kernel; what is cut off or senseless is left out. */
export function readNetlink(bytes: Uint8Array): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + headerLength <= bytes.length; ) {
    const length = view.getUint32(offset, true);
    if (length < headerLength || offset + length > bytes.length) break;
    messages.push(
      readMessage(
        view.getUint16(offset + 4, true),
        view.getUint16(offset + 6, true),
        view.getUint32(offset + 8, true),
        bytes.subarray(offset + headerLength, offset + length),
      ),
    );
    offset += aligned(length);
  }
  return messages;
}

function readMessage(type: number, flags: number, sequence: number, body: Uint8Array): NetlinkMessage {
  const other: NetlinkMessage = { kind: "other", sequence };
  switch (type) {
    case messageType.newLink:
    case messageType.deleteLink: {
      const link = readLink(body);
      return link === undefined ? other : { kind: "link", sequence, gone: type === messageType.deleteLink, link };
    }
    case messageType.newAddress:
    case messageType.deleteAddress: {
      const address = readAddress(body);
      if (address === undefined) return other;
      return { kind: "address", sequence, gone: type === messageType.deleteAddress, address };
    }
    case messageType.newRoute: {
      const route = readRoute(body);
      return route === undefined ? other : { kind: "route", sequence, route };
    }
    case messageType.error:
      return readAck(flags, sequence, body);
    case messageType.done:
      return { kind: "done", sequence };
    default:
      return other;
  }
}

function readLink(body: Uint8Array): Link | undefined {
  if (body.length < 16) return undefined;
  const view = viewOf(body);
  const attributes = readAttributes(body.subarray(16));
  const name = attributes.get(3); // IFLA_IFNAME
  if (name === undefined) return undefined;
  const flags = view.getUint32(8, true);
  return {
    ifindex: view.getInt32(4, true),
    name: zeroTerminated(name),
    mac: (attributes.get(1) ?? new Uint8Array(0)).slice(), // IFLA_ADDRESS
    hardwareType: view.getUint16(2, true),
    up: (flags & interfaceUp) !== 0,
    carrier: (flags & interfaceRunning) !== 0,
  };
}

function readAddress(body: Uint8Array): Address | undefined {
  if (body.length < 8 || !isKnownFamily(body[0])) return undefined;
  const attributes = readAttributes(body.subarray(8));
  const ip = ipOf(attributes.get(2) ?? attributes.get(1)); // IFA_LOCAL, else IFA_ADDRESS
  if (ip === undefined) return undefined;
  return {
    ifindex: viewOf(body).getInt32(4, true),
    ip,
    prefix: body[1] ?? 0,
    broadcast: ipOf(attributes.get(4)), // IFA_BROADCAST
    secondary: ((body[2] ?? 0) & secondaryFlag) !== 0,
  };
}

/** A usable unicast route of the main table; everything else is of no interest when a device is chosen. */
function readRoute(body: Uint8Array): Route | undefined {
  if (body.length < 12 || !isKnownFamily(body[0]) || body[7] !== unicastRoute) return undefined;
  const view = viewOf(body);
  const attributes = readAttributes(body.subarray(12));
  const table = uint32(attributes.get(15)) ?? body[4]; // RTA_TABLE
  const flags = view.getUint32(8, true);
  const ifindex = uint32(attributes.get(4)) ?? firstHop(attributes.get(9)); // RTA_OIF, RTA_MULTIPATH
  if (table !== mainTable || (flags & (deadNextHop | clonedRoute)) !== 0 || ifindex === undefined) return undefined;
  return {
    destination: ipOf(attributes.get(1)) ?? (body[0] === family[6] ? "::" : "0.0.0.0"), // RTA_DST
    prefix: body[1] ?? 0,
    metric: uint32(attributes.get(6)) ?? 0, // RTA_PRIORITY
    ifindex,
  };
}

/** The interface of the first `struct rtnexthop`. */
const firstHop = (value: Uint8Array | undefined): number | undefined =>
  value === undefined || value.length < 8 ? undefined : viewOf(value).getInt32(4, true);

function readAck(flags: number, sequence: number, body: Uint8Array): NetlinkMessage {
  if (body.length < 4 + headerLength) return { kind: "other", sequence };
  const capped = (flags & 0x100) !== 0; // NLM_F_CAPPED: only the header of our request is echoed
  const explained = (flags & 0x200) !== 0; // NLM_F_ACK_TLVS
  const echoed = capped ? headerLength : aligned(viewOf(body).getUint32(4, true));
  const explanation = explained ? readAttributes(body.subarray(4 + echoed)).get(1) : undefined; // NLMSGERR_ATTR_MSG
  const says = explanation === undefined ? undefined : zeroTerminated(explanation);
  return { kind: "ack", sequence, errno: viewOf(body).getInt32(0, true), says };
}

/** The first attribute of each type wins. */
function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const length = view.getUint16(offset, true);
    if (length < 4 || offset + length > bytes.length) break;
    const type = view.getUint16(offset + 2, true) & 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
    if (!found.has(type)) found.set(type, bytes.subarray(offset + 4, offset + length));
    offset += aligned(length);
  }
  return found;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const uint32 = (value: Uint8Array | undefined): number | undefined =>
  value === undefined || value.length < 4 ? undefined : viewOf(value).getUint32(0, true);

const isKnownFamily = (number: number | undefined): boolean => number === family[4] || number === family[6];

const ipOf = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : ipText(value));

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);

function zeroTerminated(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 256)));
}
