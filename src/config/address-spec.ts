/**
 * The text of a service address: `IP[/MASK[/INTERFACE][/BROADCAST]]`, interface and broadcast in either order.
 *
 * Source: docs/reference/resources.md, section 2.2: what begins with a digit behind the mask is the broadcast address.
 */
import type { AddressSpec } from "../agents/resource.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { parseIpv4, parseIpv6 } from "../media/addresses.ts";
import { ipText } from "../wire/packets/ip-address.ts";

/** True for a word that the original takes as an address: the shell pattern `[0-9]*.[0-9]*.[0-9]*.[0-9]*` at its start. */
export const looksLikeAddress = (text: string): boolean =>
  /^[0-9]/.test(text) && (text.slice(1).match(/\.[0-9]/g)?.length ?? 0) >= 3;

/** The error is what is wrong, to be put behind the offending text. */
export function parseAddressSpec(text: string): Result<AddressSpec, string> {
  const [ip = "", mask = "", ...rest] = text.split("/");
  if (parseIpv4(ip) === undefined) return failed(`${ip} is no IPv4 address`);
  const prefix = mask === "" ? undefined : prefixOf(mask);
  if (mask !== "" && prefix === undefined) return failed(`${mask} is no netmask: 1 to 32, or 255.255.255.0`);
  const words = rest.filter((word) => word !== "");
  const broadcast = words.find((word) => /^\d/.test(word));
  const device = words.find((word) => !/^\d/.test(word));
  if (words.length > 2 || (words.length === 2 && (broadcast === undefined || device === undefined)))
    return failed(`${words.at(-1)} is one part too many`);
  if (broadcast !== undefined && parseIpv4(broadcast) === undefined)
    return failed(`${broadcast} is no broadcast address`);
  return ok({
    ip,
    ...(prefix === undefined ? {} : { prefix }),
    ...(device === undefined ? {} : { device }),
    ...(broadcast === undefined ? {} : { broadcast }),
  });
}

/** `IP[/PREFIX[/INTERFACE]]` of version 6. Documentation and other packages write the address in many ways, the kernel in one. */
export function parseAddress6Spec(text: string): Result<AddressSpec, string> {
  const [written = "", length = "", device = "", ...more] = text.split("/");
  const bytes = parseIpv6(written);
  const ip = bytes === undefined ? undefined : ipText(bytes);
  if (bytes === undefined || ip === undefined) return failed(`${written} is no IPv6 address`);
  if (bytes[0] === 0xff || bytes.slice(0, 15).every((byte) => byte === 0))
    return failed(`${written} is no address of one machine`);
  if (more.length > 0) return failed(`${more.at(-1)} is one part too many`);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : undefined;
  if (length !== "" && (prefix === undefined || prefix < 1 || prefix > 128))
    return failed(`${length} is no prefix length: 1 to 128`);
  if (bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80 && device === "")
    return failed(`${written} means nothing without its interface: write ${ip}/64/eth0`);
  return ok({ ip, ...(prefix === undefined ? {} : { prefix }), ...(device === "" ? {} : { device }) });
}

function prefixOf(mask: string): number | undefined {
  if (/^\d{1,2}$/.test(mask)) return Number(mask) >= 1 && Number(mask) <= 32 ? Number(mask) : undefined;
  const bytes = parseIpv4(mask);
  if (bytes === undefined) return undefined;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1+0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}
