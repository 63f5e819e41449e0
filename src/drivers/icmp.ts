/**
 * Asks hosts outside the cluster for an echo: the media ping, ping6 and ping_group.
 *
 * A raw socket sends echo requests whose data is a message, and passes on the data of the replies to our own requests: those with our
 * identifier, from a host that we asked, with the data of a request of the last 128 that had no answer yet. So one answer of any
 * host of a group counts, and a second one, or an old one played back, does not; nor does what another medium of this process,
 * with the same identifier and maybe the same host, asked for. Whether the data is authentic is for the core to judge.
 *
 * Source: docs/reference/wire-protocol.md, sections 11.5 and 11.6.
 * Deviations: source, sequence and data are looked at for all three kinds (quirk 90); the first request of a group counts.
 */
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { MediumConfig } from "../media/medium.ts";
import { echoRequest, type IcmpVersion, readEchoReply, replyType } from "../wire/packets/icmp.ts";
import type { MediumDriver } from "./medium.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { family, inet6Address, inetAddress, ipv4Bytes, ipv6Bytes, socketType } from "./sys/socket.ts";
import { loadSystem, ready, type System } from "./sys/system.ts";

export type PingConfig = Extract<MediumConfig, { readonly kind: "ping" | "ping6" | "ping_group" }>;

/** Unanswered requests remembered (section 11.6). */
const remembered = 128;
/** Replies taken per turn of the loop. */
const batch = 64;
/** The largest IP packet. */
const packetMax = 65_535;

const protocol = { 4: 1, 6: 58 } as const; // IPPROTO_ICMP, IPPROTO_ICMPV6
/** Offset and length of the address in `struct sockaddr_in` and `sockaddr_in6`. */
const addressPart = { 4: [4, 4], 6: [8, 16] } as const;

interface Request {
  readonly sequence: number;
  readonly data: Uint8Array;
}

interface Host {
  /** As a socket address. */
  readonly address: Uint8Array;
  /** As text, to compare. */
  readonly key: string;
}

/** Opens a ping medium. `onMessage` gets the data of answers; the bytes are its to keep. */
export function openIcmp(config: PingConfig, onMessage: (bytes: Uint8Array) => void): Result<MediumDriver, Fault> {
  const version: IcmpVersion = config.kind === "ping6" ? 6 : 4;
  const hosts = (config.kind === "ping_group" ? config.hosts : [config.host]).flatMap((text): Host[] => {
    const ip = version === 6 ? ipv6Bytes(text) : ipv4Bytes(text);
    if (ip === undefined) return [];
    return [{ address: version === 6 ? inet6Address(ip, 0, 0) : inetAddress(ip, 0), key: keyOf(ip) }];
  });
  const system = loadSystem();
  if (!system.ok) return system;
  const fd = openRaw(system.value, version);
  if (fd < 0) return failed(openFault(config, fd));
  const medium = new PingMedium(config, version, hosts, system.value, fd, onMessage);
  const watching = system.value.watch(fd, ready.readable, () => medium.receive());
  if (watching < 0) {
    system.value.close(fd);
    return failed(openFault(config, watching));
  }
  medium.watching = watching;
  return ok(medium);
}

class PingMedium implements MediumDriver {
  readonly name: string;
  watching: number | undefined;
  readonly #kind: PingConfig["kind"];
  readonly #version: IcmpVersion;
  readonly #hosts: readonly Host[];
  readonly #system: System;
  readonly #fd: number;
  readonly #onMessage: (bytes: Uint8Array) => void;
  readonly #identifier = process.pid & 0xffff;
  readonly #buffer = new Uint8Array(packetMax);
  readonly #from = new Uint8Array(28); // struct sockaddr_in6, the larger of the two
  readonly #unanswered = new Array<Request | undefined>(remembered);
  #sequence = 0;
  #closed = false;

  constructor(
    { name, kind }: PingConfig,
    version: IcmpVersion,
    hosts: readonly Host[],
    system: System,
    fd: number,
    onMessage: (bytes: Uint8Array) => void,
  ) {
    this.name = name;
    this.#kind = kind;
    this.#version = version;
    this.#hosts = hosts;
    this.#system = system;
    this.#fd = fd;
    this.#onMessage = onMessage;
  }

  /** Asks every host; a fault only if none could be asked. */
  send(bytes: Uint8Array): Fault | undefined {
    if (this.#closed) return { code: "medium-closed", says: `${this.name} is closed` };
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    this.#unanswered[sequence % remembered] = { sequence, data: bytes };
    const packet = echoRequest(this.#version, { identifier: this.#identifier, sequence, data: bytes });
    let failure = 0;
    let asked = 0;
    for (const { address } of this.#hosts) {
      const sent = this.#system.send(this.#fd, packet, address);
      if (sent >= 0) asked++;
      else failure = sent;
    }
    if (asked > 0 || failure === 0) return undefined;
    return { code: "send-failed", says: `cannot ask ${this.#kind} ${this.name}: ${errnoText(failure)}` };
  }

  receive(): void {
    for (let taken = 0; taken < batch && !this.#closed; taken++) {
      const length = this.#system.receiveFrom(this.#fd, this.#buffer, this.#from);
      if (length < 0) return; // EAGAIN: all taken; anything else concerns one packet, and the next turn looks again
      const reply = readEchoReply(this.#version, this.#buffer.subarray(0, length));
      if (reply?.identifier !== this.#identifier) continue;
      const [start, size] = addressPart[this.#version];
      const from = keyOf(this.#from.subarray(start, start + size));
      const slot = reply.sequence % remembered;
      const request = this.#unanswered[slot];
      if (request?.sequence !== reply.sequence || Buffer.compare(request.data, reply.data) !== 0) continue;
      if (!this.#hosts.some(({ key }) => key === from)) continue;
      this.#unanswered[slot] = undefined;
      this.#onMessage(reply.data.slice());
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.watching !== undefined) this.#system.unwatch(this.watching);
    this.#system.close(this.#fd);
  }
}

const keyOf = (ip: Uint8Array): string => ip.join(".");

/** A raw socket that lets echo replies through and nothing else; or a negative errno. */
function openRaw(system: System, version: IcmpVersion): number {
  const type = socketType.raw | socketType.nonBlocking | socketType.closeOnExec;
  const fd = system.socket(version === 6 ? family.inet6 : family.inet, type, protocol[version]);
  if (fd < 0) return fd;
  // A set bit keeps a type out: ICMP_FILTER at SOL_RAW has 32 of them, ICMP6_FILTER at IPPROTO_ICMPV6 256.
  const filter = new Uint8Array(version === 6 ? 32 : 4).fill(0xff);
  const reply = replyType[version];
  filter[reply >> 3] = 0xff & ~(1 << (reply & 7));
  const filtered = system.setOption(fd, version === 6 ? protocol[6] : 255, 1, filter);
  if (filtered >= 0) return fd;
  system.close(fd);
  return filtered;
}

function openFault({ kind, name }: PingConfig, code: number): Fault {
  if (code !== errno.EPERM && code !== errno.EACCES)
    return { code: "medium-failed", says: `${kind} ${name}: ${errnoText(code)}` };
  return {
    code: "not-permitted",
    says: `${kind} ${name}: raw sockets are not permitted`,
    advice: "start as root, or with the capability CAP_NET_RAW",
  };
}
