/**
 * How the sockets of each UDP medium differ: address family, options, what is bound, where datagrams go. Everything else about
 * them is the same and stands in udp.ts.
 *
 * Source: docs/reference/wire-protocol.md, sections 11.1 to 11.4.
 * Deviations: mcast is bound to its interface (the original is not, and therefore never reports a cut link dead; quirk 303). IPv6 sockets
 * take no IPv4, so that bcast or ucast may use the same port, and an IPv6 group's socket is bound to the group.
 */
import { unreachable } from "../base/exhaustive.ts";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { MediumConfig } from "../media/medium.ts";
import type { InterfaceFacts } from "./interfaces.ts";
import {
  family,
  inet6Address,
  inetAddress,
  ip6Level,
  ip6Option,
  ipLevel,
  ipOption,
  ipv4Bytes,
  ipv6Bytes,
  multicastRequest,
  multicastRequest6,
  socketLevel,
  socketOption,
} from "./sys/socket.ts";
import { int32 } from "./sys/system.ts";

export type UdpConfig = Extract<MediumConfig, { readonly kind: "bcast" | "ucast" | "mcast" | "ucast6" | "mcast6" }>;

/** Arguments of one setsockopt. */
export type Option = readonly [level: number, option: number, value: Uint8Array];

/** What is special about one medium on one interface; binding to the device is common to all and comes in between. */
export interface SocketPlan {
  readonly family: number;
  /** Where every datagram goes. */
  readonly destination: Uint8Array;
  readonly sending: readonly Option[];
  /** Before the receiving socket is bound to its address. */
  readonly receiving: readonly Option[];
  readonly receiveAt: Uint8Array;
  /** After it. */
  readonly joining: readonly Option[];
}

/** IPTOS_LOWDELAY, which the original sets on ucast. */
const lowDelay = 0x10;

const on = int32(1);
const anyAddress = new Uint8Array(4);
const anyAddress6 = new Uint8Array(16);
const socket = (option: keyof typeof socketOption): Option => [socketLevel, socketOption[option], on];
const sixOnly: Option = [ip6Level, ip6Option.only, on];

/** The plan for an interface as it is now. */
export function planOf(config: UdpConfig, facts: InterfaceFacts): Result<SocketPlan, Fault> {
  const { port } = config;
  const { ifindex } = facts;
  switch (config.kind) {
    case "bcast":
      return withIpv4(config, facts.broadcast, (ip) => ({
        family: family.inet,
        destination: inetAddress(ip, port),
        sending: [socket("broadcast"), socket("dontRoute")],
        receiving: [socket("reuseAddress")],
        receiveAt: inetAddress(anyAddress, port),
        joining: [],
      }));
    case "ucast":
      return withIpv4(config, config.address, (ip) => ({
        family: family.inet,
        destination: inetAddress(ip, port),
        sending: [[ipLevel, ipOption.tos, int32(lowDelay)], socket("reusePort")],
        receiving: [socket("reuseAddress"), socket("reusePort")],
        receiveAt: inetAddress(anyAddress, port),
        joining: [],
      }));
    case "mcast":
      return withIpv4(config, config.group, (group) => ({
        family: family.inet,
        destination: inetAddress(group, port),
        sending: [
          [ipLevel, ipOption.multicastInterface, multicastRequest(anyAddress, ifindex)],
          [ipLevel, ipOption.multicastTtl, int32(config.ttl)],
          [ipLevel, ipOption.multicastLoop, int32(config.loop ? 1 : 0)],
        ],
        receiving: [socket("reuseAddress")],
        receiveAt: inetAddress(group, port),
        joining: [[ipLevel, ipOption.addMembership, multicastRequest(group, ifindex)]],
      }));
    case "ucast6":
      return withIpv6(config, config.address, (ip) => ({
        family: family.inet6,
        destination: inet6Address(ip, port, ifindex),
        sending: [socket("reusePort")],
        receiving: [sixOnly, socket("reuseAddress"), socket("reusePort")],
        receiveAt: inet6Address(anyAddress6, port, 0),
        joining: [],
      }));
    case "mcast6":
      return withIpv6(config, config.group, (group) => ({
        family: family.inet6,
        destination: inet6Address(group, port, ifindex),
        sending: [
          [ip6Level, ip6Option.multicastInterface, int32(ifindex)],
          [ip6Level, ip6Option.multicastHops, int32(config.hops)],
          [ip6Level, ip6Option.multicastLoop, int32(config.loop ? 1 : 0)],
        ],
        receiving: [sixOnly, socket("reuseAddress")],
        receiveAt: inet6Address(group, port, ifindex),
        joining: [[ip6Level, ip6Option.joinGroup, multicastRequest6(group, ifindex)]],
      }));
    default:
      return unreachable(config);
  }
}

function withIpv4(
  config: UdpConfig,
  text: string | undefined,
  plan: (ip: Uint8Array) => SocketPlan,
): Result<SocketPlan, Fault> {
  if (text === undefined)
    return failed({
      code: "no-address",
      says: `interface ${config.device} has no IPv4 address, so nothing to broadcast to`,
      advice: `give it one (ip address add ADDRESS/PREFIX dev ${config.device}) or use mcast`,
    });
  const ip = ipv4Bytes(text);
  return ip === undefined ? failed(badAddress(config, text)) : ok(plan(ip));
}

/** A link-local address may name its interface behind a `%`; the line does already. */
function withIpv6(config: UdpConfig, text: string, plan: (ip: Uint8Array) => SocketPlan): Result<SocketPlan, Fault> {
  const ip = ipv6Bytes(text.split("%")[0] ?? "");
  return ip === undefined ? failed(badAddress(config, text)) : ok(plan(ip));
}

const badAddress = ({ kind, device }: UdpConfig, text: string): Fault => ({
  code: "bad-address",
  says: `${kind} ${device}: ${text} is not an address for it`,
});
