/**
 * Listens to who says that he has one of our service addresses: ARP frames with one of them as the sender's, and neighbour advertisements for
 * one, through packet sockets with filters, so that other traffic never reaches this process.
 *
 * Frames of our own interfaces are no claims; neither is one more within a tenth of a second, because whoever floods the network must not
 * keep this process busy.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { macText, readArpSender } from "../wire/packets/arp.ts";
import { type IpVersion, ipBytes, versionOf } from "../wire/packets/ip-address.ts";
import { readAdvertiser } from "../wire/packets/neighbour.ts";
import type { Link } from "../wire/packets/netlink.ts";
import { advertisedTargets, arpSenders } from "../wire/packets/socket-filter.ts";
import { Netlink } from "./netlink.ts";
import { errnoText } from "./sys/errno.ts";
import { family, packetAddress, socketType } from "./sys/socket.ts";
import { loadSystem, ready, type System } from "./sys/system.ts";

export interface Claim {
  readonly ip: string;
  readonly mac: string;
  readonly device: string;
}

/** How somebody says that he has an address. */
interface Claiming {
  readonly etherType: number;
  readonly filter: (ips: readonly Uint8Array[]) => Uint8Array;
  readonly read: (frame: Uint8Array) => { readonly ip: string; readonly mac: string } | undefined;
}

const claimings: Readonly<Record<IpVersion, Claiming>> = {
  4: { etherType: 0x0806, filter: arpSenders, read: readArpSender },
  6: { etherType: 0x86dd, filter: advertisedTargets, read: readAdvertiser },
};
/** Frames that are read in one turn of the loop. */
const batch = 16;
/** The next claim of the same address counts after this; milliseconds. */
const claimsEvery = 100;
/** What is known of the interfaces is asked anew after this. */
const linksFor = 1000;

/** Returns the function that ends it. */
export function watchClaims(ips: readonly string[], onClaim: (claim: Claim) => void): Result<() => void, Fault> {
  const loaded = loadSystem();
  if (!loaded.ok) return loaded;
  const system = loaded.value;
  const opened = Netlink.open();
  if (!opened.ok) return opened;
  const netlink = opened.value;
  const listener = new Listener(system, netlink, onClaim);
  const endings: (() => void)[] = [() => netlink.close()];
  const end = (): void => {
    for (const each of endings.splice(0).reverse()) each();
  };
  for (const version of [4, 6] as const) {
    const own = ips.filter((ip) => versionOf(ip) === version);
    if (own.length === 0) continue;
    const known = new Set(own);
    const listening = listen(system, own, claimings[version], (fd) => listener.read(fd, known, claimings[version]));
    if (typeof listening === "number") {
      end();
      return failed({ code: "packet-socket-failed", says: `no packet socket: ${errnoText(listening)}` });
    }
    endings.push(listening);
  }
  return ok(end);
}

/** Returns the function that ends it, or a negative errno. */
function listen(
  system: System,
  ips: readonly string[],
  claiming: Claiming,
  onReadable: (fd: number) => void,
): (() => void) | number {
  const fd = openFiltered(system, claiming.etherType, claiming.filter(ips.map(ipBytes)));
  if (fd < 0) return fd;
  const watching = system.watch(fd, ready.readable, () => onReadable(fd));
  if (watching < 0) {
    system.close(fd);
    return watching;
  }
  return () => {
    system.unwatch(watching);
    system.close(fd);
  };
}

/** Or a negative errno. Bound last: what came before the filter would stay in the queue. */
function openFiltered(system: System, etherType: number, filter: Uint8Array): number {
  const fd = system.socket(family.packet, socketType.raw | socketType.nonBlocking | socketType.closeOnExec, 0);
  if (fd < 0) return fd;
  const filtered = system.attachFilter(fd, filter);
  const bound = filtered < 0 ? filtered : system.bind(fd, packetAddress(0, etherType, new Uint8Array(0)));
  if (bound >= 0) return fd;
  system.close(fd);
  return bound;
}

class Listener {
  readonly #system: System;
  readonly #netlink: Netlink;
  readonly #onClaim: (claim: Claim) => void;
  readonly #frame = new Uint8Array(128);
  readonly #from = new Uint8Array(20); // struct sockaddr_ll
  readonly #toldAt = new Map<string, number>();
  #links: readonly Link[] = [];
  #linksAt = Number.NEGATIVE_INFINITY;

  constructor(system: System, netlink: Netlink, onClaim: (claim: Claim) => void) {
    this.#system = system;
    this.#netlink = netlink;
    this.#onClaim = onClaim;
  }

  read(fd: number, ips: ReadonlySet<string>, { read }: Claiming): void {
    for (let taken = 0; taken < batch; taken++) {
      const length = this.#system.receiveFrom(fd, this.#frame, this.#from);
      if (length < 0) return;
      const claim = read(this.#frame.subarray(0, length));
      if (claim !== undefined && ips.has(claim.ip)) this.#claimed(claim.ip, claim.mac);
    }
  }

  #claimed(ip: string, mac: string): void {
    const now = performance.now();
    if (now - (this.#toldAt.get(ip) ?? Number.NEGATIVE_INFINITY) < claimsEvery) return;
    if (now - this.#linksAt > linksFor) {
      const links = this.#netlink.links();
      if (links.ok) this.#links = links.value;
      this.#linksAt = now;
    }
    if (this.#links.some((link) => macText(link.mac) === mac)) return;
    const ifindex = new DataView(this.#from.buffer).getInt32(4, true);
    const device = this.#links.find((link) => link.ifindex === ifindex)?.name ?? `interface ${ifindex}`;
    this.#toldAt.set(ip, now);
    this.#onClaim({ ip, mac, device });
  }
}
