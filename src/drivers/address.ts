/**
 * Puts service addresses on interfaces and takes them off, without a process on the way: that is what a client waits for
 * when a node has died.
 *
 * Adding what is there and removing what is not are successes. An address counts as held wherever it is: one that stands on another
 * interface than the one written is left there when adding, and removed there when releasing, because a release must
 * leave nothing behind that could answer.
 */
import { writeFileSync } from "node:fs";
import type { AddressSpec } from "../agents/resource.ts";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { AddressAction } from "../core/effect.ts";
import type { AddressOutcome, HeldAddress } from "../core/input.ts";
import { type IpVersion, versionOf } from "../wire/packets/ip-address.ts";
import type { Address, AddressChange, Link, Route } from "../wire/packets/netlink.ts";
import { chooseAddress, type ResolvedAddress } from "./address-choice.ts";
import { broadcastOf } from "./interfaces.ts";
import { type Answer, answerText, Netlink } from "./netlink.ts";
import { PacketSocket } from "./packet.ts";
import { errno } from "./sys/errno.ts";

/** `Effect["do"] === "address"` and `announce`, as the daemon performs them. All synchronous. */
export interface AddressDriver {
  perform(action: AddressAction, spec: AddressSpec): AddressOutcome;
  /** One gratuitous ARP request and one reply, or one unsolicited neighbour advertisement. */
  announce(address: HeldAddress): Fault | undefined;
  close(): void;
}

export function openAddressDriver(): Result<AddressDriver, Fault> {
  const netlink = Netlink.open();
  if (!netlink.ok) return netlink;
  const packets = PacketSocket.open();
  if (packets.ok) return ok(new KernelAddresses(netlink.value, packets.value));
  netlink.value.close();
  return packets;
}

/** What the kernel has, of one version. */
interface Known {
  readonly version: IpVersion;
  /** Milliseconds of the process's own clock. */
  readonly until: number;
  readonly links: readonly Link[];
  addresses: Address[];
  /** Asked for with the first address that is added. */
  routes: readonly Route[] | undefined;
  /** We have added some: the kernel's own order is no longer known. */
  added: boolean;
}

/** Milliseconds. What others change meanwhile is told by the routing socket, and then looked at anew. */
const knownFor = 5;
/** Where a look takes longer, because there are hundreds of addresses, looking must not take more than a tenth of the time. */
const knownForLooks = 10;

const hostScope = 254; // RT_SCOPE_HOST: for an address on the loopback, which must not leave this host
const loopbackType = 772; // ARPHRD_LOOPBACK

/** The address part of the driver on a routing socket of its own, for programs that never announce (the runner). */
export class KernelAddresses implements AddressDriver {
  readonly #netlink: Netlink;
  readonly #packets: PacketSocket | undefined;
  /** What the kernel has: a take-over may move hundreds of addresses in one go, and each would list all of them. */
  readonly #known = new Map<IpVersion, Known>();
  #links: { readonly until: number; readonly links: readonly Link[] } | undefined;

  constructor(netlink: Netlink, packets?: PacketSocket) {
    this.#netlink = netlink;
    this.#packets = packets;
  }

  perform(action: AddressAction, spec: AddressSpec): AddressOutcome {
    const outcome = this.#perform(action, spec);
    return outcome.ok ? outcome.value : asFailure(outcome.error);
  }

  announce(address: HeldAddress): Fault | undefined {
    if (this.#packets === undefined) return undefined;
    const links = this.#lookAtLinks();
    if (!links.ok) return links.error;
    const link = links.value.find((each) => each.name === address.device);
    if (link === undefined) return { code: "no-such-interface", says: `interface ${address.device} is gone` };
    return this.#packets.announce(link, address.ip);
  }

  close(): void {
    this.#netlink.close();
    this.#packets?.close();
  }

  #perform(action: AddressAction, spec: AddressSpec): Result<AddressOutcome, Fault> {
    // The question comes when somebody else has changed something; and a release needs the kernel's own order of addresses.
    const version = versionOf(spec.ip);
    if (action === "status" || (action === "remove" && this.#known.get(version)?.added)) this.#known.delete(version);
    const before = this.#known.get(version);
    const known = this.#look(version);
    if (!known.ok) return known;
    const { links, addresses } = known.value;
    const held = addresses.filter((each) => each.ip === spec.ip); // wherever it is
    const there = held[0];
    switch (action) {
      case "status":
        return ok(there === undefined ? { result: "absent" } : present(asHeld(there, links)));
      case "add": {
        if (there !== undefined) return ok(present(asHeld(there, links)));
        const added = this.#add(spec, known.value);
        return added.ok || known.value !== before ? added : this.#addAnew(spec);
      }
      case "could-add":
        return there === undefined ? this.#couldAdd(spec, known.value) : ok(present(asHeld(there, links)));
      case "remove":
        keepOthers(held, addresses, links);
        return this.#remove(held, known.value);
    }
  }

  #look(version: IpVersion): Result<Known, Fault> {
    const began = performance.now();
    const last = this.#known.get(version);
    if (last !== undefined && began < last.until) return ok(last);
    const links = this.#lookAtLinks();
    if (!links.ok) return links;
    const addresses = this.#netlink.addresses(version);
    if (!addresses.ok) return addresses;
    const now = performance.now();
    const until = now + Math.max(knownFor, (now - began) * knownForLooks);
    const known = { version, until, links: links.value, addresses: addresses.value, routes: undefined, added: false };
    this.#known.set(version, known);
    return ok(known);
  }

  /** All that an announcement needs. */
  #lookAtLinks(): Result<readonly Link[], Fault> {
    const now = performance.now();
    if (this.#links !== undefined && now < this.#links.until) return ok(this.#links.links);
    const links = this.#netlink.links();
    if (links.ok) this.#links = { until: now + knownFor, links: links.value };
    return links;
  }

  #lookAtRoutes(known: Known): Result<readonly Route[], Fault> {
    if (known.routes !== undefined) return ok(known.routes);
    const routes = this.#netlink.routes(known.version);
    if (routes.ok) known.routes = routes.value;
    return routes;
  }

  #add(spec: AddressSpec, known: Known): Result<AddressOutcome, Fault> {
    const { links } = known;
    const routes = this.#lookAtRoutes(known);
    if (!routes.ok) return routes;
    const chosen = chooseAddress(spec, links, routes.value);
    if (!chosen.ok) return chosen;
    const address = chosen.value;
    const link = links.find((each) => each.ifindex === address.ifindex);
    if (link?.up === false) this.#netlink.setLinkUp(address.ifindex); // should that fail, the address is there all the same
    const answer = this.#netlink.addAddress(change(address, link));
    if (answer.errno !== 0 && answer.errno !== errno.EEXIST)
      return failed(changeFault(`cannot add ${address.ip}/${address.prefix} to ${address.device}`, answer));
    const { ip, prefix, device, broadcast, ifindex } = address;
    known.addresses.push({ ip, prefix, ifindex, broadcast, secondary: false });
    known.added = true;
    return ok(present({ ip, prefix, device, ...(broadcast === undefined ? {} : { broadcast }) }));
  }

  #couldAdd(spec: AddressSpec, known: Known): Result<AddressOutcome, Fault> {
    const routes = this.#lookAtRoutes(known);
    if (!routes.ok) return routes;
    const chosen = chooseAddress(spec, known.links, routes.value);
    return chosen.ok ? ok({ result: "absent" }) : chosen;
  }

  /** Its interface, or the route that names it, may have come since we looked. */
  #addAnew(spec: AddressSpec): Result<AddressOutcome, Fault> {
    this.#known.delete(versionOf(spec.ip));
    this.#links = undefined;
    return this.#perform("add", spec);
  }

  #remove(held: readonly Address[], known: Known): Result<AddressOutcome, Fault> {
    known.addresses = known.addresses.filter((each) => !held.includes(each));
    for (const { ip, prefix, ifindex } of held) {
      const answer = this.#netlink.deleteAddress({ ip, prefix, ifindex });
      // Gone meanwhile, or its interface is: what we wanted.
      if (answer.errno === 0 || answer.errno === errno.EADDRNOTAVAIL || answer.errno === errno.ENODEV) continue;
      this.#known.delete(known.version);
      return failed(changeFault(`cannot remove ${ip}/${prefix}`, answer));
    }
    return ok({ result: "absent" });
  }
}

/**
 * Removing the first address of a subnet takes the others of that subnet with it, other groups' among them, unless the kernel is
 * told to promote them. Where it cannot be told (/proc/sys is read-only in some containers) it does as it was set up.
 *
 * Source: Linux, Documentation/networking/ip-sysctl.rst, promote_secondaries.
 */
function keepOthers(leaving: readonly Address[], all: readonly Address[], links: readonly Link[]): void {
  for (const { ifindex, secondary } of leaving) {
    if (secondary || !all.some((each) => each.ifindex === ifindex && each.secondary)) continue;
    const device = links.find((link) => link.ifindex === ifindex)?.name;
    try {
      writeFileSync(`/proc/sys/net/ipv4/conf/${device}/promote_secondaries`, "1\n");
    } catch {
      // As described.
    }
  }
}

const present = (address: HeldAddress): AddressOutcome => ({ result: "present", address });

function asHeld({ ip, prefix, ifindex, broadcast }: Address, links: readonly Link[]): HeldAddress {
  const device = links.find((link) => link.ifindex === ifindex)?.name ?? `interface ${ifindex}`;
  if (versionOf(ip) === 6) return { ip, prefix, device };
  return { ip, prefix, device, broadcast: broadcast ?? (prefix >= 31 ? ip : broadcastOf(ip, prefix)) };
}

function change({ ip, prefix, broadcast, ifindex, label }: ResolvedAddress, link: Link | undefined): AddressChange {
  return {
    ip,
    prefix,
    ifindex,
    ...(prefix < 31 && broadcast !== undefined ? { broadcast } : {}),
    ...(link?.hardwareType === loopbackType ? { scope: hostScope } : {}),
    ...(label === undefined ? {} : { label }),
  };
}

function changeFault(what: string, answer: Answer): Fault {
  const fault = { code: "address-failed", says: `${what}: ${answerText(answer)}` };
  const denied = answer.errno === errno.EPERM || answer.errno === errno.EACCES;
  return denied ? { ...fault, advice: "changing addresses needs root (CAP_NET_ADMIN)" } : fault;
}

function asFailure(fault: Fault): AddressOutcome {
  const { says, advice } = fault;
  return { result: "failed", says, ...(advice === undefined ? {} : { advice }) };
}
