/** Questions about the interfaces of this machine that more than one driver asks. */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { Link } from "../wire/packets/netlink.ts";
import { Netlink } from "./netlink.ts";

/** An interface as a medium needs it. */
export interface InterfaceFacts {
  readonly ifindex: number;
  /** Up, and with a carrier: the cable is in and somebody is at its other end. */
  readonly carrier: boolean;
  /** Where a broadcast goes; undefined: the interface has no IPv4 address. */
  readonly broadcast: string | undefined;
}

export const noSuchInterface = (device: string, links: readonly Link[]): Fault<"no-such-interface"> => ({
  code: "no-such-interface",
  says: `there is no network interface ${device}`,
  advice: `there are: ${links.map((link) => link.name).join(", ")}`,
});

/** Looks an interface up on a routing socket of its own: this is done at opening and after changes only. */
export function lookUpInterface(device: string): Result<InterfaceFacts, Fault> {
  const netlink = Netlink.open();
  if (!netlink.ok) return netlink;
  try {
    const links = netlink.value.links();
    if (!links.ok) return links;
    const link = links.value.find((each) => each.name === device);
    if (link === undefined) return failed(noSuchInterface(device, links.value));
    const addresses = netlink.value.addresses();
    if (!addresses.ok) return addresses;
    const first = addresses.value.find((each) => each.ifindex === link.ifindex);
    const broadcast = first === undefined ? undefined : (first.broadcast ?? broadcastOf(first.ip, first.prefix));
    return ok({ ifindex: link.ifindex, carrier: link.up && link.carrier, broadcast });
  } finally {
    netlink.value.close();
  }
}

/**
 * The highest address of the subnet that `ip` lies in. Point-to-point networks (/31, /32) have none, so that the limited
 * broadcast address has to do.
 */
export function broadcastOf(ip: string, prefix: number): string {
  if (prefix >= 31) return "255.255.255.255";
  const hostBits = 0xffffffff >>> prefix;
  return dottedOf((numberOf(ip) | hostBits) >>> 0);
}

/** A dotted address as an unsigned number. */
export const numberOf = (ip: string): number =>
  ip.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);

export const dottedOf = (number: number): string =>
  [number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff].join(".");
