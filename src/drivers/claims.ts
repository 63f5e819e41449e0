/**
 * Listens to who says that he has one of our service addresses: ARP frames with one of them as the sender's, through a packet socket with a filter, so
 * that other traffic never reaches this process.
 *
 * Frames of our own interfaces are no claims; neither is one more within a tenth of a second, because whoever floods the network must not
 * keep this process busy.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { macText, readArpSender } from "../wire/packets/arp.ts";
import type { Link } from "../wire/packets/netlink.ts";
import { arpSenders } from "../wire/packets/socket-filter.ts";
import { Netlink } from "./netlink.ts";
import { errnoText } from "./sys/errno.ts";
import { family, ipv4Bytes, packetAddress, socketType } from "./sys/socket.ts";
import { loadSystem, ready, type System } from "./sys/system.ts";

export interface Claim {
  readonly ip: string;
  readonly mac: string;
  readonly device: string;
}

const arpEtherType = 0x0806;
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
  const netlink = Netlink.open();
  if (!netlink.ok) return netlink;
  const system = loaded.value;
  const fd = openFiltered(system, ips);
  const listener = new Listener(system, fd, netlink.value, new Set(ips), onClaim);
  const watching = fd < 0 ? fd : system.watch(fd, ready.readable, () => listener.read());
  if (watching < 0) {
    if (fd >= 0) system.close(fd);
    netlink.value.close();
    return failed({ code: "packet-socket-failed", says: `no packet socket: ${errnoText(watching)}` });
  }
  return ok(() => {
    system.unwatch(watching);
    system.close(fd);
    netlink.value.close();
  });
}

/** Or a negative errno. Bound last: what came before the filter would stay in the queue. */
function openFiltered(system: System, ips: readonly string[]): number {
  const fd = system.socket(family.packet, socketType.raw | socketType.nonBlocking | socketType.closeOnExec, 0);
  if (fd < 0) return fd;
  const filtered = system.attachFilter(fd, arpSenders(ips.flatMap((ip) => ipv4Bytes(ip) ?? ([] as Uint8Array[]))));
  const bound = filtered < 0 ? filtered : system.bind(fd, packetAddress(0, arpEtherType, new Uint8Array(0)));
  if (bound >= 0) return fd;
  system.close(fd);
  return bound;
}

class Listener {
  readonly #system: System;
  readonly #fd: number;
  readonly #netlink: Netlink;
  readonly #ips: ReadonlySet<string>;
  readonly #onClaim: (claim: Claim) => void;
  readonly #frame = new Uint8Array(128);
  readonly #from = new Uint8Array(20); // struct sockaddr_ll
  readonly #toldAt = new Map<string, number>();
  #links: readonly Link[] = [];
  #linksAt = Number.NEGATIVE_INFINITY;

  constructor(system: System, fd: number, netlink: Netlink, ips: ReadonlySet<string>, onClaim: (claim: Claim) => void) {
    this.#system = system;
    this.#fd = fd;
    this.#netlink = netlink;
    this.#ips = ips;
    this.#onClaim = onClaim;
  }

  read(): void {
    for (let taken = 0; taken < batch; taken++) {
      const length = this.#system.receiveFrom(this.#fd, this.#frame, this.#from);
      if (length < 0) return;
      const claim = readArpSender(this.#frame.subarray(0, length));
      if (claim !== undefined && this.#ips.has(claim.ip)) this.#claimed(claim.ip, claim.mac);
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
