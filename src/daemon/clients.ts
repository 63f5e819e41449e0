/** The client API's socket, which opens only when the core says that communication is up. */

import { faultText } from "../base/fault.ts";
import type { LogId } from "../base/log-lines/index.ts";
import type { LogLevel } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { openUnixServer, type UnixServer } from "../drivers/unix-server.ts";
import type { Drivers } from "./perform.ts";

/** Whoever may enter the directory may connect; what they may ask is the core's business (`apiauth`). */
const socketMode = 0o777;

export class Clients {
  readonly #path: string;
  readonly #feed: (input: Input) => void;
  readonly #log: (id: LogId, level: LogLevel, text: string) => void;
  #server: UnixServer | undefined;

  constructor(path: string, feed: (input: Input) => void, log: (id: LogId, level: LogLevel, text: string) => void) {
    this.#path = path;
    this.#feed = feed;
    this.#log = log;
  }

  get hands(): Drivers["clients"] {
    return {
      open: () => this.#open(),
      send: (client, body, queueLimit) => this.#server?.send(client, body, queueLimit),
      close: (client) => this.#server?.close(client),
      pause: (paused) => this.#server?.pause(paused),
    };
  }

  stop(): void {
    this.#server?.stop();
    this.#server = undefined;
  }

  #open(): void {
    if (this.#server !== undefined) return;
    const opened = openUnixServer(this.#path, socketMode, {
      onConnect: (client, peer) => this.#feed({ on: "client-connected", client, peer }),
      onFrame: (client, body) => this.#feed({ on: "client-frame", client, body }),
      onClose: (client, reason) => this.#feed({ on: "client-closed", client, reason }),
    });
    if (opened.ok) this.#server = opened.value;
    else this.#log("clients-closed", "error", `Programs cannot connect: ${faultText(opened.error)}`);
  }
}
