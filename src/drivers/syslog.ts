/**
 * The local syslog: one datagram per line to /dev/log. A daemon that is slow or gone must cost us nothing: what it does not take is
 * dropped, counted, and told when it takes something again.
 *
 * Source: docs/reference/files-and-cli.md, section 6; RFC 3164.
 */
import { errno } from "./sys/errno.ts";
import { family, socketType, unixAddress } from "./sys/socket.ts";
import { loadSystem, type System } from "./sys/system.ts";

/** How long a syslog that is gone is left alone, in milliseconds. */
const retryAfter = 1000;

export class Syslog {
  readonly #path: string;
  readonly #system: System | undefined;
  #fd = -1;
  #triedAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  /** Without the native addon every line counts as dropped. */
  constructor(path = "/dev/log") {
    this.#path = path;
    const system = loadSystem();
    this.#system = system.ok ? system.value : undefined;
  }

  /** Lines lost since the last one that was taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** False: dropped. */
  send(datagram: string | Uint8Array): boolean {
    const taken = this.#send(typeof datagram === "string" ? Buffer.from(datagram, "utf8") : datagram);
    this.#dropped = taken ? 0 : this.#dropped + 1;
    return taken;
  }

  close(): void {
    if (this.#fd >= 0) this.#system?.close(this.#fd);
    this.#fd = -1;
  }

  #send(bytes: Uint8Array): boolean {
    if (this.#system === undefined || !this.#connect(this.#system)) return false;
    const sent = this.#system.send(this.#fd, bytes, null);
    if (sent === errno.ECONNREFUSED || sent === errno.ENOTCONN) {
      this.close(); // it was restarted: its socket is another one now
      return this.#connect(this.#system) && this.#system.send(this.#fd, bytes, null) >= 0;
    }
    return sent >= 0;
  }

  #connect(system: System): boolean {
    if (this.#fd >= 0) return true;
    const address = unixAddress(this.#path);
    const now = performance.now();
    if (address === undefined || now - this.#triedAt < retryAfter) return false;
    const type = socketType.datagram | socketType.nonBlocking | socketType.closeOnExec;
    this.#fd = system.socket(family.unix, type, 0);
    if (this.#fd >= 0 && system.connect(this.#fd, address) >= 0) return true;
    this.#triedAt = now;
    this.close();
    return false;
  }
}
