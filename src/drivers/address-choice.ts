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
import { ipBytes, versionOf } from "../wire/packets/ip-address.ts";
import type { Link, Route } from "../wire/packets/netlink.ts";
import { broadcastOf, noSuchInterface } from "./interfaces.ts";
import { ipv4Bytes, ipv6Bytes } from "./sys/socket.ts";

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
  const version = versionOf(spec.ip);
  if ((version === 4 ? ipv4Bytes(spec.ip) : ipv6Bytes(spec.ip)) === undefined)
    return failed({ code: "bad-address", says: `${spec.ip} is not an IPv${version} address` });
  const usual = version === 4 ? 24 : 64;
  const link = spec.device === undefined ? undefined : linkNamed(spec.device, links);
  if (spec.device !== undefined && link === undefined) return failed(noSuchInterface(spec.device, links));

  const route = bestRoute(spec.ip, link, routes);
  const device = link ?? links.find((each) => each.ifindex === route?.ifindex);
  if (device === undefined)
    return failed({
      code: "no-route",
      says: `no interface has a route to ${spec.ip}`,
      advice: `write prefix and interface: ${spec.ip}/${usual}/INTERFACE, with one of ${links.map((each) => each.name).join(", ")}`,
    });
  const prefix = spec.prefix ?? (route === undefined || route.prefix === 0 ? undefined : route.prefix);
  if (prefix === undefined)
    return failed({
      code: "no-prefix",
      says: `the subnet of ${spec.ip} is unknown: ${device.name} reaches it over the default route only`,
      advice: `write the prefix: ${spec.ip}/${usual}/${device.name}`,
    });
  return ok({
    ip: spec.ip,
    prefix,
    device: device.name,
    ifindex: device.ifindex,
    ...(version === 4 ? onlyOfVersion4(spec, prefix) : {}),
  });
}

function onlyOfVersion4({ ip, device, broadcast }: AddressSpec, prefix: number): { broadcast: string; label?: string } {
  const goesTo = broadcast ?? (prefix >= 31 ? ip : broadcastOf(ip, prefix));
  return { broadcast: goesTo, ...(device?.includes(":") && device.length <= nameMax ? { label: device } : {}) };
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

function covers({ destination, prefix }: Route, ip: string): boolean {
  const [subnet, address] = [ipBytes(destination), ipBytes(ip)];
  return subnet.every((byte, at) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * at));
    return (((address[at] ?? 0) ^ byte) & (0xff00 >> bits) & 0xff) === 0;
  });
}
