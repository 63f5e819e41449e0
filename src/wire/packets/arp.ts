/**
 * Gratuitous ARP: an Ethernet frame by which a node tells its neighbours, unasked, that an address lives at its hardware address now.
 * Some systems learn from requests only, others from replies only, so that both are sent. Received frames are read for one thing: who
 * says that he has an address.
 *
 * Source: RFC 826 (the frame), RFC 5944, section 4.6 (gratuitous requests and replies).
 */
import { type Milliseconds, milliseconds } from "../../base/units.ts";

/** Between announcements, after the first burst: a lost frame or a rebooting switch must not leave a stale entry behind. */
export const announceAfter: readonly Milliseconds[] = [50, 250, 1000, 2000, 5000, 10_000, 30_000].map(milliseconds);

export interface GratuitousArp {
  /** The six bytes of the sender's hardware address. */
  readonly mac: Uint8Array;
  /** The address that is announced: sender and target alike. */
  readonly ip: string;
  readonly operation: "request" | "reply";
}

const etherType = 0x0806;
const ethernet = 1;
const ipv4 = 0x0800;

/** The whole frame, addressed to everybody; 42 bytes, padded by the driver of the card. */
export function gratuitousArp({ mac, ip, operation }: GratuitousArp): Uint8Array {
  const frame = new Uint8Array(42);
  const view = new DataView(frame.buffer);
  const address = Uint8Array.from(ip.split("."), Number).subarray(0, 4);
  const hardware = mac.subarray(0, 6);
  frame.fill(0xff, 0, 6);
  frame.set(hardware, 6);
  view.setUint16(12, etherType);
  view.setUint16(14, ethernet);
  view.setUint16(16, ipv4);
  frame[18] = 6; // length of a hardware address
  frame[19] = 4; // length of a protocol address
  view.setUint16(20, operation === "request" ? 1 : 2);
  frame.set(hardware, 22);
  frame.set(address, 28);
  if (operation === "reply") frame.set(hardware, 32); // a request leaves the target's hardware address open
  frame.set(address, 38);
  return frame;
}

/** Who says in a frame that he has which address; undefined: nobody (a probe names none), or it is not ARP of Ethernet and IPv4. */
export function readArpSender(frame: Uint8Array): { readonly ip: string; readonly mac: string } | undefined {
  if (frame.length < 42) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(12) !== etherType || view.getUint16(14) !== ethernet || view.getUint16(16) !== ipv4)
    return undefined;
  if (frame[18] !== 6 || frame[19] !== 4) return undefined;
  const ip = frame.subarray(28, 32);
  return ip.every((byte) => byte === 0) ? undefined : { ip: ip.join("."), mac: macText(frame.subarray(22, 28)) };
}

/** `02:00:00:00:00:01`. */
export const macText = (mac: Uint8Array): string =>
  Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
