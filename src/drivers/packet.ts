/**
 * Tells the neighbourhood where an address lives now: gratuitous ARP frames, or unsolicited neighbour advertisements, through a packet socket that is opened once and kept,
 * because opening one takes the kernel some milliseconds (it waits for other processors) and sending does not.
 */
import { readFileSync } from "node:fs";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { gratuitousArp } from "../wire/packets/arp.ts";
import { versionOf } from "../wire/packets/ip-address.ts";
import { allNodesMac, unsolicitedAdvertisement } from "../wire/packets/neighbour.ts";
import type { Link } from "../wire/packets/netlink.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { family, packetAddress, socketType } from "./sys/socket.ts";
import { loadSystem, type System } from "./sys/system.ts";

const arpEtherType = 0x0806;
const ipv6EtherType = 0x86dd;
const ethernet = 1; // ARPHRD_ETHER
const everybody = new Uint8Array(6).fill(0xff);

export class PacketSocket {
  readonly #system: System;
  #fd: number;

  private constructor(system: System, fd: number) {
    this.#system = system;
    this.#fd = fd;
  }

  static open(): Result<PacketSocket, Fault> {
    const system = loadSystem();
    if (!system.ok) return system;
    // Protocol 0: it sends only. A protocol here would queue every frame of that kind for us.
    const fd = system.value.socket(family.packet, socketType.raw | socketType.nonBlocking | socketType.closeOnExec, 0);
    if (fd >= 0) return ok(new PacketSocket(system.value, fd));
    const advice = fd === errno.EPERM ? { advice: "announcing addresses needs root (CAP_NET_RAW)" } : {};
    return failed({ code: "packet-socket-failed", says: `no packet socket: ${errnoText(fd)}`, ...advice });
  }

  /** Of version 4 a gratuitous request and a reply: some neighbours learn from one, some from the other. */
  announce(link: Link, ip: string): Fault | undefined {
    const { mac, hardwareType, ifindex } = link;
    if (hardwareType !== ethernet || mac.length !== 6) return undefined; // nobody asks for hardware addresses there
    if (versionOf(ip) === 6) {
      const frame = unsolicitedAdvertisement({ mac, ip, router: forwards(link.name) });
      return this.#send(link, ip, frame, packetAddress(ifindex, ipv6EtherType, allNodesMac));
    }
    for (const operation of ["request", "reply"] as const) {
      const frame = gratuitousArp({ mac, ip, operation });
      const fault = this.#send(link, ip, frame, packetAddress(ifindex, arpEtherType, everybody));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #send(link: Link, ip: string, frame: Uint8Array, to: Uint8Array): Fault | undefined {
    const sent = this.#system.send(this.#fd, frame, to);
    if (sent >= 0) return undefined;
    return { code: "announce-failed", says: `cannot announce ${ip} on ${link.name}: ${errnoText(sent)}` };
  }

  close(): void {
    if (this.#fd >= 0) this.#system.close(this.#fd);
    this.#fd = -1;
  }
}

/** Whether this machine is a router for its neighbours on that interface. No disk is asked: the file is the kernel's. */
function forwards(device: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${device}/forwarding`, "latin1").startsWith("1");
  } catch {
    return false; // the interface has gone meanwhile
  }
}
