/**
 * Tells the neighbourhood where an address lives now: gratuitous ARP frames through a packet socket that is opened once and kept,
 * because opening one takes the kernel some milliseconds (it waits for other processors) and sending does not.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { gratuitousArp } from "../wire/packets/arp.ts";
import type { Link } from "../wire/packets/netlink.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { family, packetAddress, socketType } from "./sys/socket.ts";
import { loadSystem, type System } from "./sys/system.ts";

const arpEtherType = 0x0806;
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

  /** A gratuitous request and a reply: some neighbours learn from one, some from the other. */
  announce(link: Link, ip: string): Fault | undefined {
    if (link.hardwareType !== ethernet || link.mac.length !== 6) return undefined; // nobody asks by ARP there
    for (const operation of ["request", "reply"] as const) {
      const frame = gratuitousArp({ mac: link.mac, ip, operation });
      const sent = this.#system.send(this.#fd, frame, packetAddress(link.ifindex, arpEtherType, everybody));
      if (sent < 0)
        return { code: "announce-failed", says: `cannot announce ${ip} on ${link.name}: ${errnoText(sent)}` };
    }
    return undefined;
  }

  close(): void {
    if (this.#fd >= 0) this.#system.close(this.#fd);
    this.#fd = -1;
  }
}
