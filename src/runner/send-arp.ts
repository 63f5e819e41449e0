/**
 * Announces an address again and again while its resource runs: at once, and then ever more seldom, as the daemon announces its own.
 *
 * Nobody waits for it. The sockets are opened for each round of announcements and closed at its end.
 */
import type { SendArp } from "../agents/built-in.ts";
import { chooseAddress } from "../drivers/address-choice.ts";
import { Netlink } from "../drivers/netlink.ts";
import { PacketSocket } from "../drivers/packet.ts";
import { announceAfter } from "../wire/packets/arp.ts";

export class Announcements {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #announce: (what: SendArp) => string | undefined;

  constructor(announce: (what: SendArp) => string | undefined = announceOnce) {
    this.#announce = announce;
  }

  /** What is wrong; undefined: it was announced, and will be some times more. A fault later on is told to `remark`, and ends it. */
  begin(key: string, what: SendArp, remark: (text: string) => void): string | undefined {
    this.end(key);
    const wrong = this.#announce(what);
    if (wrong === undefined) this.#goOn(key, what, announceAfter, remark);
    return wrong;
  }

  end(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  #goOn(key: string, what: SendArp, [wait, ...waits]: readonly number[], remark: (text: string) => void): void {
    this.#timers.delete(key);
    if (wait === undefined) return;
    const next = (): void => {
      const wrong = this.#announce(what);
      if (wrong === undefined) return this.#goOn(key, what, waits, remark);
      this.#timers.delete(key);
      remark(wrong);
    };
    this.#timers.set(key, setTimeout(next, wait));
  }
}

function announceOnce({ ip, device }: SendArp): string | undefined {
  const netlink = Netlink.open();
  if (!netlink.ok) return netlink.error.says;
  const socket = PacketSocket.open();
  try {
    if (!socket.ok) return socket.error.says;
    const links = netlink.value.links();
    if (!links.ok) return links.error.says;
    const routes = netlink.value.routes();
    if (!routes.ok) return routes.error.says;
    const spec = { ip, prefix: 32, ...(device === undefined ? {} : { device }) };
    const chosen = chooseAddress(spec, links.value, routes.value);
    if (!chosen.ok) return chosen.error.says;
    const link = links.value.find(({ ifindex }) => ifindex === chosen.value.ifindex);
    return link === undefined ? `${chosen.value.device} has gone` : socket.value.announce(link, ip)?.says;
  } finally {
    netlink.value.close();
    if (socket.ok) socket.value.close();
  }
}
