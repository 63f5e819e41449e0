/**
 * Carries datagrams over the UDP media: broadcast, unicast, multicast. Each has a socket to send from and one to receive on, both
 * bound to the interface, so that a link that is cut is seen to be cut even when another interface reaches the same peer.
 *
 * Sending is one system call and never waits: whether a heartbeat goes out on time must not depend on a promise. Receiving takes
 * what has arrived in batches, so that a flood cannot keep the loop from its timers. Interfaces come and go under a running
 * daemon; the kernel tells (a routing socket), and before the next datagram the sockets are made anew where that is needed.
 *
 * Source: docs/reference/wire-protocol.md, sections 11.1 to 11.4; what differs between the kinds stands in udp-kinds.ts.
 * Deviation: a broadcast address that changes is picked up.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { lookUpInterface } from "./interfaces.ts";
import type { MediumDriver } from "./medium.ts";
import { monotonic } from "./monotonic.ts";
import { type InterfaceChange, watchInterfaces } from "./netlink.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { socketLevel, socketOption, socketType } from "./sys/socket.ts";
import { int32, loadSystem, ready, type System } from "./sys/system.ts";
import { type Option, planOf, type SocketPlan, type UdpConfig } from "./udp-kinds.ts";

/** Datagrams taken per turn of the loop: enough for a cluster's burst, little enough to keep timers punctual (some 0.3 ms) ... */
const batch = 64;
/** ... and no further one after so many milliseconds: some take longer, and a busy machine stretches all of them. */
const batchTime = 2;
/** The largest UDP datagram. */
const datagramMax = 65_535;
/**
 * Bytes that the kernel keeps for us, its own overhead of two thirds included: some five seconds of sixteen nodes that beat ten times a second. What is
 * lost is asked for by every node that misses it, which is the last thing that those who are behind can bear; the usual 208 KiB hold one second.
 */
const receiveBuffer = 1024 * 1024;
/** How long a medium that could not be opened again is left alone, in milliseconds, unless the kernel reports a change. */
const retryAfter = 1000;
/** Between two complaints that the cable is out, in milliseconds. */
const complainAfter = 60_000;

interface Sockets {
  readonly ifindex: number;
  readonly destination: Uint8Array;
  readonly sending: number;
  readonly receiving: number;
  readonly watching: number;
}

/** Opens a UDP medium. `warn`: a cable that is out, and in again. `onDatagram` gets bytes that are its to keep. */
export const openUdp = (
  config: UdpConfig,
  onDatagram: (bytes: Uint8Array) => void,
  warn: (text: string) => void = () => {},
): Result<MediumDriver, Fault> => UdpMedium.open(config, onDatagram, warn);

class UdpMedium implements MediumDriver {
  readonly name: string;
  readonly #config: UdpConfig;
  readonly #system: System;
  readonly #onDatagram: (bytes: Uint8Array) => void;
  readonly #warn: (text: string) => void;
  readonly #buffer = new Uint8Array(datagramMax);
  #sockets: Sockets | undefined;
  #endWatch: (() => void) | undefined;
  /** Something about an interface changed since we last looked. */
  #stale = false;
  #triedAt = 0;
  #carrier = true;
  /** When we last said that the cable is out, and whether that stands. */
  #complainedAt: number | undefined;
  #complained = false;
  #closed = false;

  static open(
    config: UdpConfig,
    onDatagram: (bytes: Uint8Array) => void,
    warn: (text: string) => void,
  ): Result<MediumDriver, Fault> {
    const system = loadSystem();
    if (!system.ok) return system;
    const medium = new UdpMedium(config, system.value, onDatagram, warn);
    const fault = medium.#reopen() ?? medium.#followInterfaces();
    if (fault === undefined) return ok(medium);
    medium.close();
    return failed(fault);
  }

  private constructor(
    config: UdpConfig,
    system: System,
    onDatagram: (bytes: Uint8Array) => void,
    warn: (text: string) => void,
  ) {
    this.#warn = warn;
    this.name = config.name;
    this.#config = config;
    this.#system = system;
    this.#onDatagram = onDatagram;
  }

  send(bytes: Uint8Array): Fault | undefined {
    if (this.#closed) return { code: "medium-closed", says: `${this.name} is closed` };
    if (this.#stale || (this.#sockets === undefined && monotonic() - this.#triedAt >= retryAfter)) {
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
      if (change !== "lost" && change.kind === "link" && change.link.name === this.#config.device && !change.gone)
        this.#judgeCarrier(change.link.up && change.link.carrier);
    });
    if (!watching.ok) return watching.error;
    this.#endWatch = watching.value;
    return undefined;
  }

  /** What is sent without a carrier vanishes without an error. A loose plug makes one line a minute. */
  #judgeCarrier(carrier: boolean): void {
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    const { kind, device } = this.#config;
    if (carrier) {
      if (this.#complained) this.#warn(`${kind} ${device}: the link is back.`);
      this.#complained = false;
      return;
    }
    const now = monotonic();
    if (this.#complainedAt !== undefined && now - this.#complainedAt < complainAfter) return;
    this.#complainedAt = now;
    this.#complained = true;
    this.#warn(
      `${kind} ${device}: no carrier, heartbeats get lost there: look at the cable, the switch and ip link show ${device}`,
    );
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
    this.#triedAt = monotonic();
    const facts = lookUpInterface(this.#config.device);
    if (!facts.ok) {
      this.#closeSockets();
      return facts.error;
    }
    this.#judgeCarrier(facts.value.carrier);
    const planned = planOf(this.#config, facts.value);
    if (!planned.ok) {
      this.#closeSockets();
      return planned.error;
    }
    const plan = planned.value;
    const known = this.#sockets;
    if (known?.ifindex === facts.value.ifindex) {
      this.#sockets = { ...known, destination: plan.destination };
      return undefined;
    }
    this.#closeSockets();
    const sending = this.#openSocket(plan.family, (fd) => this.#prepareSending(fd, plan));
    if (!sending.ok) return sending.error;
    const receiving = this.#openSocket(plan.family, (fd) => this.#prepareReceiving(fd, plan));
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
      destination: plan.destination,
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
  #openSocket(family: number, prepare: (fd: number) => number): Result<number, Fault> {
    const type = socketType.datagram | socketType.nonBlocking | socketType.closeOnExec;
    const fd = this.#system.socket(family, type, 0);
    const failure = fd < 0 ? fd : prepare(fd);
    if (failure >= 0) return ok(fd);
    if (fd >= 0) this.#system.close(fd);
    return failed(openFault(this.#config, failure));
  }

  #prepareSending(fd: number, plan: SocketPlan): number {
    return firstFailure(...this.#options(fd, plan.sending), () => this.#bindToDevice(fd));
  }

  #prepareReceiving(fd: number, plan: SocketPlan): number {
    // In a container root may not: then it is as large as everybody's.
    this.#system.setOption(fd, socketLevel, socketOption.receiveBufferForce, int32(receiveBuffer));
    return firstFailure(
      ...this.#options(fd, plan.receiving),
      () => this.#bindToDevice(fd),
      () => this.#system.bind(fd, plan.receiveAt),
      ...this.#options(fd, plan.joining),
    );
  }

  #options(fd: number, options: readonly Option[]): (() => number)[] {
    return options.map((option) => () => this.#system.setOption(fd, ...option));
  }

  #bindToDevice(fd: number): number {
    return this.#system.setOption(fd, socketLevel, socketOption.bindToDevice, Buffer.from(`${this.#config.device}\0`));
  }

  #receive(fd: number): void {
    // The callback may close the medium; the descriptor may then belong to somebody else.
    const end = monotonic() + batchTime;
    for (let taken = 0; taken < batch && this.#sockets?.receiving === fd; taken++) {
      const length = this.#system.receive(fd, this.#buffer);
      if (length < 0) return; // EAGAIN: all taken; anything else concerns one datagram, and the next turn looks again
      this.#onDatagram(this.#buffer.slice(0, length));
      if (monotonic() > end) return; // the rest waits in the kernel, behind the timers
    }
  }
}

/** Takes the steps in order up to the first that fails. */
function firstFailure(...steps: readonly (() => number)[]): number {
  for (const step of steps) {
    const answer = step();
    if (answer < 0) return answer;
  }
  return 0;
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
