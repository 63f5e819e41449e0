/**
 * Unsolicited neighbour advertisements: what gratuitous ARP is for IPv4. A node tells every neighbour on the link that an address lives at
 * its hardware address now, and that whoever remembers another one shall forget it (the override flag). Received ones are read for one
 * thing: who says that he has an address.
 *
 * Source: RFC 4861, sections 4.4 (the message), 7.1.2 (what is discarded), 7.2.6 (unsolicited ones); RFC 2464, section 7 (the
 * hardware address of a multicast group); RFC 8200, section 8.1 (the checksum).
 */
import { macText } from "./arp.ts";
import { internetChecksum } from "./icmp.ts";
import { ipBytes, ipText } from "./ip-address.ts";

export interface Advertisement {
  /** The six bytes of the sender's hardware address. */
  readonly mac: Uint8Array;
  /** The address that is announced; it is the sender, too. */
  readonly ip: string;
  /** The sender forwards for others: said wrongly, its neighbours would stop using it as their router. */
  readonly router: boolean;
}

const etherType = 0x86dd;
const icmp = 58;
const advertisement = 136;
const hopLimit = 255; // proves that no router passed it on
const targetLinkLayer = 2;
const ethernetHeader = 14;
const ipHeader = 40;
const payloadLength = 32; // flags and target, then one option
const payload = ethernetHeader + ipHeader;
const routerFlag = 0x80;
const overrideFlag = 0x20;

/** ff02::1, everybody on the link, and its hardware address. */
export const allNodes = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
export const allNodesMac = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

/** The whole frame, addressed to everybody. */
export function unsolicitedAdvertisement({ mac, ip, router }: Advertisement): Uint8Array {
  const frame = new Uint8Array(payload + payloadLength);
  const view = new DataView(frame.buffer);
  const address = ipBytes(ip);
  frame.set(allNodesMac, 0);
  frame.set(mac.subarray(0, 6), 6);
  view.setUint16(12, etherType);
  frame[ethernetHeader] = 0x60; // version 6
  view.setUint16(ethernetHeader + 4, payloadLength);
  frame[ethernetHeader + 6] = icmp;
  frame[ethernetHeader + 7] = hopLimit;
  frame.set(address, ethernetHeader + 8);
  frame.set(allNodes, ethernetHeader + 24);
  frame[payload] = advertisement;
  frame[payload + 4] = overrideFlag | (router ? routerFlag : 0);
  frame.set(address, payload + 8);
  frame[payload + 24] = targetLinkLayer;
  frame[payload + 25] = 1; // in units of eight bytes
  frame.set(mac.subarray(0, 6), payload + 26);
  view.setUint16(payload + 2, checksum(frame));
  return frame;
}

/** Of the payload with the pseudo-header: both addresses, its length, and what it is. */
function checksum(frame: Uint8Array): number {
  const pseudo = Uint8Array.from([
    ...frame.subarray(ethernetHeader + 8, payload),
    0,
    0,
    0,
    payloadLength,
    0,
    0,
    0,
    icmp,
  ]);
  return internetChecksum(Uint8Array.from([...pseudo, ...frame.subarray(payload)]));
}

/** Who says in a frame that he has which address; undefined: nobody does. Without the option the frame's own sender counts. */
export function readAdvertiser(frame: Uint8Array): { readonly ip: string; readonly mac: string } | undefined {
  if (frame.length < payload + 24) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(12) !== etherType || frame[ethernetHeader + 6] !== icmp || frame[payload] !== advertisement)
    return undefined;
  if (frame[ethernetHeader + 7] !== hopLimit || frame[payload + 1] !== 0) return undefined;
  const ip = ipText(frame.subarray(payload + 8, payload + 24));
  return ip === undefined ? undefined : { ip, mac: macText(targetOf(frame) ?? frame.subarray(6, 12)) };
}

/** The hardware address that the message itself names. */
function targetOf(frame: Uint8Array): Uint8Array | undefined {
  const end = Math.min(
    frame.length,
    payload + ((frame[ethernetHeader + 4] ?? 0) << 8) + (frame[ethernetHeader + 5] ?? 0),
  );
  for (let at = payload + 24; at + 8 <= end; ) {
    const length = 8 * (frame[at + 1] ?? 0);
    if (length === 0) return undefined; // such a message is discarded by everybody
    if (frame[at] === targetLinkLayer) return frame.subarray(at + 2, at + 8);
    at += length;
  }
  return undefined;
}
