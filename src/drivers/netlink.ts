/**
 * The kernel's routing socket: which interfaces, addresses and routes there are, and changes to addresses.
 *
 * Requests are synchronous. The kernel carries one out while it is handed over, so that the answer waits on the socket before
 * `send` returns; reading it takes some ten microseconds and needs no promise. A time limit on the socket keeps a lost answer
 * from holding up the loop.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { type IpVersion, versionOf } from "../wire/packets/ip-address.ts";
import * as packet from "../wire/packets/netlink.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { family, netlinkAddress, socketLevel, socketOption, socketType } from "./sys/socket.ts";
import { int32, loadSystem, ready, type System } from "./sys/system.ts";

/** The longest wait for an answer that is there already, in microseconds. */
const answerLimit = 200_000;
/** The kernel fills dumps in parts of at most 32 KiB. */
const bufferSize = 65_536;
/** A host with more interfaces, addresses or routes than this many parts is not one we can serve. */
const partsMax = 4096;

/** Datagrams of changes that are read in one turn of the loop. */
const changesPerTurn = 16;

const netlinkLevel = 270; // SOL_NETLINK
const capAck = 10; // NETLINK_CAP_ACK: do not echo our request
const extendedAck = 11; // NETLINK_EXT_ACK: explain errors in words

/** How a change ended: zero or a negative errno, and the kernel's explanation where it gives one. */
export interface Answer {
  readonly errno: number;
  readonly says: string | undefined;
}

/** The text of a failed answer. */
export const answerText = (answer: Answer): string =>
  answer.says === undefined ? errnoText(answer.errno) : `${answer.says}: ${errnoText(answer.errno)}`;

export class Netlink {
  readonly #system: System;
  #fd: number;
  readonly #buffer = new Uint8Array(bufferSize);
  #sequence = 0;

  private constructor(system: System, fd: number) {
    this.#system = system;
    this.#fd = fd;
  }

  static open(): Result<Netlink, Fault> {
    const system = loadSystem();
    if (!system.ok) return system;
    const fd = system.value.socket(family.netlink, socketType.raw | socketType.closeOnExec, 0);
    if (fd < 0) return failed({ code: "netlink-failed", says: `no routing socket: ${errnoText(fd)}` });
    const limit = new Uint8Array(16); // struct timeval
    new DataView(limit.buffer).setBigInt64(8, BigInt(answerLimit), true);
    system.value.setOption(fd, socketLevel, socketOption.receiveTimeout, limit);
    system.value.setOption(fd, netlinkLevel, capAck, int32(1)); // kernels without these two only say less
    system.value.setOption(fd, netlinkLevel, extendedAck, int32(1));
    return ok(new Netlink(system.value, fd));
  }

  links(): Result<packet.Link[], Fault> {
    return this.#dump(packet.dumpLinks, (message) => (message.kind === "link" ? message.link : undefined));
  }

  /** Addresses of all interfaces, in the kernel's order: of version 4 each interface's first address first. */
  addresses(version: IpVersion = 4): Result<packet.Address[], Fault> {
    return this.#dump(
      (sequence) => packet.dumpAddresses(sequence, version),
      (message) => (message.kind === "address" && ofVersion(message.address.ip, version) ? message.address : undefined),
    );
  }

  /** Usable unicast routes of the main table. */
  routes(version: IpVersion = 4): Result<packet.Route[], Fault> {
    return this.#dump(
      (sequence) => packet.dumpRoutes(sequence, version),
      (message) =>
        message.kind === "route" && ofVersion(message.route.destination, version) ? message.route : undefined,
    );
  }

  addAddress(change: packet.AddressChange): Answer {
    return this.#change((sequence) => packet.addAddress(sequence, change));
  }

  deleteAddress(change: packet.AddressChange): Answer {
    return this.#change((sequence) => packet.deleteAddress(sequence, change));
  }

  setLinkUp(ifindex: number): Answer {
    return this.#change((sequence) => packet.setLinkUp(sequence, ifindex));
  }

  close(): void {
    if (this.#fd >= 0) this.#system.close(this.#fd);
    this.#fd = -1;
  }

  #change(build: (sequence: number) => Uint8Array): Answer {
    const sequence = this.#next();
    const sent = this.#system.send(this.#fd, build(sequence), null);
    if (sent < 0) return { errno: sent, says: undefined };
    for (let part = 0; part < partsMax; part++) {
      const messages = this.#receive();
      if (typeof messages === "number") return { errno: messages, says: undefined };
      for (const message of messages)
        if (message.sequence === sequence && message.kind === "ack")
          return { errno: message.errno, says: message.says };
    }
    return { errno: errno.ENOBUFS, says: undefined };
  }

  #dump<T>(
    build: (sequence: number) => Uint8Array,
    pick: (message: packet.NetlinkMessage) => T | undefined,
  ): Result<T[], Fault> {
    const sequence = this.#next();
    const found: T[] = [];
    const sent = this.#system.send(this.#fd, build(sequence), null);
    if (sent < 0) return failed(dumpFault(sent));
    for (let part = 0; part < partsMax; part++) {
      const messages = this.#receive();
      if (typeof messages === "number") return failed(dumpFault(messages));
      for (const message of messages) {
        if (message.sequence !== sequence) continue; // the late answer to a request that was given up
        if (message.kind === "done") return ok(found);
        if (message.kind === "ack" && message.errno < 0) return failed(dumpFault(message.errno));
        const wanted = pick(message);
        if (wanted !== undefined) found.push(wanted);
      }
    }
    return failed(dumpFault(errno.ENOBUFS));
  }

  #receive(): packet.NetlinkMessage[] | number {
    const length = this.#system.receive(this.#fd, this.#buffer);
    return length < 0 ? length : packet.readNetlink(this.#buffer.subarray(0, length));
  }

  #next(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }
}

/** A kernel without IPv6 answers such a question with what it has of everything else. */
const ofVersion = (ip: string, version: IpVersion): boolean => versionOf(ip) === version;

const dumpFault = (code: number): Fault => ({
  code: "netlink-failed",
  says: `the kernel does not list its interfaces, addresses or routes: ${errnoText(code)}`,
});

/** One change; `lost`: there were more than the socket could hold, so that anything may have changed. */
export type InterfaceChange = Extract<packet.NetlinkMessage, { readonly kind: "link" | "address" }> | "lost";

/** Calls back for every change of an interface or an address of these versions. Returns the function that ends it. */
export function watchInterfaces(
  onChange: (change: InterfaceChange) => void,
  versions: readonly IpVersion[] = [4],
): Result<() => void, Fault> {
  const loaded = loadSystem();
  if (!loaded.ok) return loaded;
  const system = loaded.value;
  const flags = socketType.raw | socketType.closeOnExec | socketType.nonBlocking;
  const fd = system.socket(family.netlink, flags, 0);
  if (fd < 0) return failed({ code: "netlink-failed", says: `no routing socket: ${errnoText(fd)}` });
  const { link, ipv4Address, ipv6Address } = packet.netlinkGroup;
  const groups = versions.map((version) => (version === 4 ? ipv4Address : ipv6Address));
  const bound = system.bind(fd, netlinkAddress(groups.reduce<number>((all, group) => all | group, link)));
  const buffer = new Uint8Array(bufferSize);
  const read = (): void => {
    for (let taken = 0; taken < changesPerTurn; taken++) {
      const length = system.receive(fd, buffer);
      if (length === errno.ENOBUFS) onChange("lost");
      if (length < 0) return;
      for (const message of packet.readNetlink(buffer.subarray(0, length)))
        if (message.kind === "link" || message.kind === "address") onChange(message);
    }
  };
  let closed = false;
  const watch = (): number =>
    system.watch(fd, ready.readable, (_, status) => {
      read();
      if (status >= 0 || closed) return;
      // The socket had an error (it overflowed), upon which libuv watches it no more.
      system.unwatch(watching);
      watching = watch();
    });
  let watching = bound < 0 ? bound : watch();
  if (watching < 0) {
    system.close(fd);
    return failed({ code: "netlink-failed", says: `cannot listen to the routing socket: ${errnoText(watching)}` });
  }
  return ok(() => {
    closed = true;
    system.unwatch(watching);
    system.close(fd);
  });
}
