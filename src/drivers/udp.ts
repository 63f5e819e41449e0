/**
 * Carries datagrams over the UDP media: broadcast, unicast, multicast. Each has a socket to send from and one to receive on, both
 * bound to the interface, so that a link that is cut is seen to be cut even when another interface reaches the same peer.
 *
 * Sending is one system call and never waits: whether a heartbeat goes out on time must not depend on a promise. Receiving takes
 * what has arrived in batches, so that a flood cannot keep the loop from its timers. Interfaces come and go under a running
 * daemon; the kernel tells (a routing socket), and before the next datagram the sockets are made anew where that is needed.
 *
 * Source: docs/reference/wire-protocol.md, sections 11.1 to 11.3.
 * Deviations: mcast is bound to its interface (the original is not, and therefore never reports a cut link dead); a broadcast
 * address that changes is picked up.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { MediumConfig } from "../media/medium.ts";
import { type InterfaceFacts, lookUpInterface } from "./interfaces.ts";
import { type InterfaceChange, watchInterfaces } from "./netlink.ts";
import { errno, errnoText } from "./sys/errno.ts";
import {
  family,
  inetAddress,
  ipLevel,
  ipOption,
  ipv4Bytes,
  multicastRequest,
  socketLevel,
  socketOption,
  socketType,
} from "./sys/socket.ts";
import { int32, loadSystem, ready, type System } from "./sys/system.ts";

/** An open medium. */
export interface MediumDriver {
  readonly name: string;
  /** Hands one datagram to the kernel, now. It may fail at any time and work again later; counting is the caller's. */
  send(bytes: Uint8Array): Fault | undefined;
  /** May be called more than once. */
  close(): void;
}

export type UdpConfig = Extract<MediumConfig, { readonly kind: "bcast" | "ucast" | "mcast" }>;

/** Datagrams taken per turn of the loop: enough for a cluster's burst, little enough to keep timers punctual (some 0.3 ms). */
const batch = 64;
/** The largest UDP datagram. */
const datagramMax = 65_535;
/** How long a medium that could not be opened again is left alone, in milliseconds, unless the kernel reports a change. */
const retryAfter = 1000;
/** IPTOS_LOWDELAY, which the original sets on ucast. */
const lowDelay = 0x10;

const reuse = {
  bcast: [socketOption.reuseAddress],
  mcast: [socketOption.reuseAddress],
  ucast: [socketOption.reuseAddress, socketOption.reusePort],
} as const;

interface Sockets {
  readonly ifindex: number;
  readonly destination: Uint8Array;
  readonly sending: number;
  readonly receiving: number;
  readonly watching: number;
}

/** Opens a UDP medium; other kinds have drivers of their own. `onDatagram` gets bytes that are its to keep. */
export function openMedium(config: MediumConfig, onDatagram: (bytes: Uint8Array) => void): Result<MediumDriver, Fault> {
  switch (config.kind) {
    case "bcast":
    case "ucast":
    case "mcast":
      return UdpMedium.open(config, onDatagram);
    default:
      return failed({ code: "medium-unsupported", says: `medium ${config.kind} cannot be opened yet` });
  }
}

class UdpMedium implements MediumDriver {
  readonly name: string;
  readonly #config: UdpConfig;
  readonly #system: System;
  readonly #onDatagram: (bytes: Uint8Array) => void;
  readonly #buffer = new Uint8Array(datagramMax);
  #sockets: Sockets | undefined;
  #endWatch: (() => void) | undefined;
  /** Something about an interface changed since we last looked. */
  #stale = false;
  #triedAt = 0;
  #closed = false;

  static open(config: UdpConfig, onDatagram: (bytes: Uint8Array) => void): Result<MediumDriver, Fault> {
    const system = loadSystem();
    if (!system.ok) return system;
    const medium = new UdpMedium(config, system.value, onDatagram);
    const fault = medium.#reopen() ?? medium.#followInterfaces();
    if (fault === undefined) return ok(medium);
    medium.close();
    return failed(fault);
  }

  private constructor(config: UdpConfig, system: System, onDatagram: (bytes: Uint8Array) => void) {
    this.name = config.name;
    this.#config = config;
    this.#system = system;
    this.#onDatagram = onDatagram;
  }

  send(bytes: Uint8Array): Fault | undefined {
    if (this.#closed) return { code: "medium-closed", says: `${this.name} is closed` };
    if (this.#stale || (this.#sockets === undefined && performance.now() - this.#triedAt >= retryAfter)) {
      const fault = this.#reopen();
      if (fault !== undefined) return fault;
    }
    if (this.#sockets === undefined) return { code: "no-such-interface", says: `${this.#config.device} is not usable` };
    const sent = this.#system.send(this.#sockets.sending, bytes, this.#sockets.destination);
    if (sent >= 0) return undefined;
    return { code: "send-failed", says: `cannot send on ${this.#config.kind} ${this.name}: ${errnoText(sent)}` };
  }

  close(): void {
    this.#closed = true;
    this.#endWatch?.();
    this.#endWatch = undefined;
    this.#closeSockets();
  }

  #followInterfaces(): Fault | undefined {
    const watching = watchInterfaces((change) => {
      if (this.#concerns(change)) this.#stale = true;
    });
    if (!watching.ok) return watching.error;
    this.#endWatch = watching.value;
    return undefined;
  }

  /** Looking an interface up takes a lock in the kernel that others may hold for long: it is not done for what others' interfaces do. */
  #concerns(change: InterfaceChange): boolean {
    if (change === "lost") return true;
    if (change.kind === "address") return change.address.ifindex === this.#sockets?.ifindex;
    return change.link.name === this.#config.device || change.link.ifindex === this.#sockets?.ifindex;
  }

  /** Opens the sockets, or opens them anew if the interface is another one or its broadcast address changed. */
  #reopen(): Fault | undefined {
    this.#stale = false;
    this.#triedAt = performance.now();
    const facts = lookUpInterface(this.#config.device);
    if (!facts.ok) {
      this.#closeSockets();
      return facts.error;
    }
    const destination = destinationOf(this.#config, facts.value);
    if (!destination.ok) {
      this.#closeSockets();
      return destination.error;
    }
    const known = this.#sockets;
    if (known?.ifindex === facts.value.ifindex) {
      this.#sockets = { ...known, destination: destination.value };
      return undefined;
    }
    this.#closeSockets();
    const sending = this.#openSocket((fd) => this.#prepareSending(fd, facts.value.ifindex));
    if (!sending.ok) return sending.error;
    const receiving = this.#openSocket((fd) => this.#prepareReceiving(fd, facts.value.ifindex));
    if (!receiving.ok) {
      this.#system.close(sending.value);
      return receiving.error;
    }
    const watching = this.#system.watch(receiving.value, ready.readable, () => this.#receive(receiving.value));
    if (watching < 0) {
      this.#system.close(sending.value);
      this.#system.close(receiving.value);
      return { code: "medium-failed", says: `cannot receive on ${this.name}: ${errnoText(watching)}` };
    }
    this.#sockets = {
      ifindex: facts.value.ifindex,
      destination: destination.value,
      sending: sending.value,
      receiving: receiving.value,
      watching,
    };
    return undefined;
  }

  #closeSockets(): void {
    const sockets = this.#sockets;
    if (sockets === undefined) return;
    this.#sockets = undefined;
    this.#system.unwatch(sockets.watching);
    this.#system.close(sockets.receiving);
    this.#system.close(sockets.sending);
  }

  /** A socket on which all steps of `prepare` succeeded; each returns a negative errno or nothing. */
  #openSocket(prepare: (fd: number) => number): Result<number, Fault> {
    const type = socketType.datagram | socketType.nonBlocking | socketType.closeOnExec;
    const fd = this.#system.socket(family.inet, type, 0);
    const failure = fd < 0 ? fd : prepare(fd);
    if (failure >= 0) return ok(fd);
    if (fd >= 0) this.#system.close(fd);
    return failed(openFault(this.#config, failure));
  }

  #prepareSending(fd: number, ifindex: number): number {
    const config = this.#config;
    const on = int32(1);
    const common = () => this.#bindToDevice(fd);
    switch (config.kind) {
      case "bcast":
        return firstFailure(
          () => this.#system.setOption(fd, socketLevel, socketOption.broadcast, on),
          () => this.#system.setOption(fd, socketLevel, socketOption.dontRoute, on),
          common,
        );
      case "ucast":
        return firstFailure(
          () => this.#system.setOption(fd, ipLevel, ipOption.tos, int32(lowDelay)),
          () => this.#system.setOption(fd, socketLevel, socketOption.reusePort, on),
          common,
        );
      case "mcast":
        return firstFailure(
          () => this.#system.setOption(fd, ipLevel, ipOption.multicastInterface, multicastRequest(anyAddress, ifindex)),
          () => this.#system.setOption(fd, ipLevel, ipOption.multicastTtl, int32(config.ttl)),
          () => this.#system.setOption(fd, ipLevel, ipOption.multicastLoop, int32(config.loop ? 1 : 0)),
          common,
        );
    }
  }

  #prepareReceiving(fd: number, ifindex: number): number {
    const config = this.#config;
    const group = config.kind === "mcast" ? ipv4Bytes(config.group) : undefined;
    return firstFailure(
      ...reuse[config.kind].map((option) => () => this.#system.setOption(fd, socketLevel, option, int32(1))),
      () => this.#bindToDevice(fd),
      () => this.#system.bind(fd, inetAddress(group ?? anyAddress, config.port)),
      () =>
        group === undefined
          ? 0
          : this.#system.setOption(fd, ipLevel, ipOption.addMembership, multicastRequest(group, ifindex)),
    );
  }

  #bindToDevice(fd: number): number {
    return this.#system.setOption(fd, socketLevel, socketOption.bindToDevice, Buffer.from(`${this.#config.device}\0`));
  }

  #receive(fd: number): void {
    // The callback may close the medium; the descriptor may then belong to somebody else.
    for (let taken = 0; taken < batch && this.#sockets?.receiving === fd; taken++) {
      const length = this.#system.receive(fd, this.#buffer);
      if (length < 0) return; // EAGAIN: all taken; anything else concerns one datagram, and the next turn looks again
      this.#onDatagram(this.#buffer.slice(0, length));
    }
  }
}

const anyAddress = new Uint8Array(4);

/** Takes the steps in order up to the first that fails. */
function firstFailure(...steps: readonly (() => number)[]): number {
  for (const step of steps) {
    const answer = step();
    if (answer < 0) return answer;
  }
  return 0;
}

function destinationOf(config: UdpConfig, facts: InterfaceFacts): Result<Uint8Array, Fault> {
  const text = config.kind === "bcast" ? facts.broadcast : config.kind === "mcast" ? config.group : config.address;
  if (text === undefined)
    return failed({
      code: "no-address",
      says: `interface ${config.device} has no IPv4 address, so nothing to broadcast to`,
      advice: `give it one (ip address add ADDRESS/PREFIX dev ${config.device}) or use mcast`,
    });
  const ip = ipv4Bytes(text);
  if (ip === undefined)
    return failed({ code: "bad-address", says: `${config.kind} ${config.device}: ${text} is not an IPv4 address` });
  return ok(inetAddress(ip, config.port));
}

function openFault(config: UdpConfig, code: number): Fault {
  const what = `${config.kind} ${config.device}, port ${config.port}`;
  switch (code) {
    case errno.EADDRINUSE:
      return {
        code: "port-in-use",
        says: `${what}: the port is in use`,
        advice: `see who has it: ss -ulpn sport = :${config.port}`,
      };
    case errno.EACCES:
    case errno.EPERM:
      return {
        code: "not-permitted",
        says: `${what}: not permitted`,
        advice: "start as root: ports below 1024 and binding to an interface need it",
      };
    case errno.ENODEV:
      return { code: "no-such-interface", says: `there is no network interface ${config.device}` };
    default:
      return { code: "medium-failed", says: `${what}: ${errnoText(code)}` };
  }
}
