/**
 * Completes a service address as the administrator wrote it: which interface, which subnet, which broadcast address.
 *
 * Written parts win. The rest comes from the interface's own addresses and routes: the best route to the address names the
 * interface, and its destination is the subnet. A default route alone says nothing about the subnet, so that an address
 * reached over it needs its prefix written.
 *
 * Source: docs/reference/resources.md, section 2.2.
 */
import type { AddressSpec } from "../agents/resource.ts";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { HeldAddress } from "../core/input.ts";
import type { Link, Route } from "../wire/packets/netlink.ts";
import { broadcastOf, noSuchInterface, numberOf } from "./interfaces.ts";
import { ipv4Bytes } from "./sys/socket.ts";

/** An address with everything the kernel wants to know of it. */
export interface ResolvedAddress extends HeldAddress {
  readonly ifindex: number;
  /** `eth0:web`, when the administrator wrote the device so. */
  readonly label?: string;
}

/** The longest name of an interface, and of a label (IFNAMSIZ - 1). */
const nameMax = 15;

export function chooseAddress(
  spec: AddressSpec,
  links: readonly Link[],
  routes: readonly Route[],
): Result<ResolvedAddress, Fault> {
  if (ipv4Bytes(spec.ip) === undefined)
    return failed({ code: "bad-address", says: `${spec.ip} is not an IPv4 address` });
  const link = spec.device === undefined ? undefined : linkNamed(spec.device, links);
  if (spec.device !== undefined && link === undefined) return failed(noSuchInterface(spec.device, links));

  const route = bestRoute(spec.ip, link, routes);
  const device = link ?? links.find((each) => each.ifindex === route?.ifindex);
  if (device === undefined)
    return failed({
      code: "no-route",
      says: `no interface has a route to ${spec.ip}`,
      advice: `write prefix and interface: ${spec.ip}/24/INTERFACE, with one of ${links.map((each) => each.name).join(", ")}`,
    });
  const prefix = spec.prefix ?? (route === undefined || route.prefix === 0 ? undefined : route.prefix);
  if (prefix === undefined)
    return failed({
      code: "no-prefix",
      says: `the subnet of ${spec.ip} is unknown: ${device.name} reaches it over the default route only`,
      advice: `write the prefix: ${spec.ip}/24/${device.name}`,
    });
  return ok({
    ip: spec.ip,
    prefix,
    device: device.name,
    broadcast: spec.broadcast ?? (prefix >= 31 ? spec.ip : broadcastOf(spec.ip, prefix)),
    ifindex: device.ifindex,
    ...(spec.device?.includes(":") && spec.device.length <= nameMax ? { label: spec.device } : {}),
  });
}

/** The interface of `eth0` or `eth0:label`. */
function linkNamed(device: string, links: readonly Link[]): Link | undefined {
  const name = device.split(":")[0];
  return links.find((each) => each.name === name);
}

/** The most specific route to `ip`, the cheapest among equals; over `link` only where one is given. */
function bestRoute(ip: string, link: Link | undefined, routes: readonly Route[]): Route | undefined {
  return routes
    .filter((route) => (link === undefined || route.ifindex === link.ifindex) && covers(route, ip))
    .sort((a, b) => b.prefix - a.prefix || a.metric - b.metric)[0];
}

function covers(route: Route, ip: string): boolean {
  if (route.prefix === 0) return true;
  const mask = (0xffffffff << (32 - route.prefix)) >>> 0;
  return ((numberOf(route.destination) ^ numberOf(ip)) & mask) === 0;
}
