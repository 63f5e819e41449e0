/**
 * Looks for a short while at what arrives on any interface before a filter, a port or a socket's interface decides: a node that hears nothing
 * learns so whether it listens in the wrong place.
 *
 * Bounded in time, in what is taken from the kernel (a filter lets UDP through, cut to its first bytes) and in what is remembered.
 *
 * Source: Linux, packet(7). IPv4 only.
 */
import type { Sighting } from "../core/input.ts";
import { heartbeatPort } from "../wire/packets/udp.ts";
import { Netlink } from "./netlink.ts";
import { family, socketType } from "./sys/socket.ts";
import { loadSystem, ready } from "./sys/system.ts";

const ipEtherType = 0x0800;
const sightingsMax = 32;
/** Packets that are looked at in one turn of the loop. */
const batch = 64;
/** sll_pkttype: for somebody else, or our own on their way out. */
const foreign = 3;

/** `struct sock_filter`: load the protocol byte of the IP header; if it is UDP, the first 96 bytes, else nothing. */
const udpOnly = Uint8Array.from(
  [
    [0x30, 0x00, 0, 0, 9, 0, 0, 0], // ldb [9]
    [0x15, 0x00, 0, 1, 17, 0, 0, 0], // jeq #17, next, drop
    [0x06, 0x00, 0, 0, 96, 0, 0, 0], // ret #96
    [0x06, 0x00, 0, 0, 0, 0, 0, 0], // ret #0
  ].flat(),
);

/** `onEnd` is called once, after so many milliseconds, also when nothing could be looked at. */
export function lookAround(duration: number, onEnd: (sightings: readonly Sighting[]) => void): void {
  const seen = new Map<string, Sighting>();
  const close = listen((ifindex, port) => {
    if (seen.size < sightingsMax) seen.set(`${ifindex} ${port}`, { device: String(ifindex), port });
  });
  setTimeout(() => {
    close();
    const names = interfaceNames();
    onEnd([...seen.values()].map(({ device, port }) => ({ device: names.get(Number(device)) ?? device, port })));
  }, duration).unref();
}

/** Returns what ends it. */
function listen(onMessage: (ifindex: number, port: number) => void): () => void {
  const system = loadSystem();
  if (!system.ok) return () => {};
  const { value } = system;
  const swapped = ((ipEtherType & 0xff) << 8) | (ipEtherType >> 8); // network byte order
  const fd = value.socket(
    family.packet,
    socketType.datagram | socketType.nonBlocking | socketType.closeOnExec,
    swapped,
  );
  if (fd < 0) return () => {};
  value.attachFilter(fd, udpOnly);
  const buffer = new Uint8Array(96);
  const from = new Uint8Array(20); // struct sockaddr_ll
  const address = new DataView(from.buffer);
  const watching = value.watch(fd, ready.readable, () => {
    for (let taken = 0; taken < batch; taken++) {
      const length = value.receiveFrom(fd, buffer, from);
      if (length < 0) return;
      const port = (from[10] ?? foreign) >= foreign ? undefined : heartbeatPort(buffer.subarray(0, length));
      if (port !== undefined) onMessage(address.getInt32(4, true), port);
    }
  });
  return () => {
    if (watching >= 0) value.unwatch(watching);
    value.close(fd);
  };
}

function interfaceNames(): Map<number, string> {
  const netlink = Netlink.open();
  if (!netlink.ok) return new Map();
  const links = netlink.value.links();
  netlink.value.close();
  return new Map(links.ok ? links.value.map(({ ifindex, name }) => [ifindex, name]) : []);
}
