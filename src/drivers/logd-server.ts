/**
 * The socket of the logging daemon: takes lines from whoever connects, which is everybody on this machine, and answers nothing.
 *
 * Nobody can fill it: a frame has its longest, there are so many senders at a time, and one that is too fast is not read until the second is
 * over. Those who must not wait then drop lines themselves and tell how many, as they do for a daemon that is slow.
 *
 * Source: docs/reference/files-and-cli.md, section 6.
 */
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { IpcFramer } from "../wire/ipc-frame.ts";
import { type LogdMessage, readLogdBody } from "../wire/logd-message.ts";

const sendersMax = 256;
/** Lines of one sender within `window` milliseconds. */
const linesMax = 5000;
const window = 1000;

export interface LogdServerEvents {
  onMessage(message: LogdMessage): void;
  /** A sender was turned away, and why. */
  onTurnedAway(says: string): void;
}

export class LogdServer {
  readonly #events: LogdServerEvents;
  readonly #senders = new Set<Socket>();
  #server: Server | undefined;

  constructor(events: LogdServerEvents) {
    this.#events = events;
  }

  /** Takes the place of what lies at `path`; rejects if that cannot be. */
  async listen(path: string): Promise<void> {
    rmSync(path, { force: true });
    const server = createServer((socket) => this.#receive(socket));
    server.maxConnections = sendersMax;
    server.on("drop", () => this.#events.onTurnedAway(`more than ${sendersMax} senders at a time`));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const umask = process.umask(0); // for everybody, as the original's
      server.listen(path, resolve);
      process.umask(umask);
    });
    this.#server = server;
  }

  /** Nobody can connect any more; the socket's file goes, too. */
  stopListening(): void {
    this.#server?.close();
  }

  close(): void {
    this.stopListening();
    for (const socket of this.#senders) socket.destroy();
  }

  #receive(socket: Socket): void {
    const framer = new IpcFramer();
    const pace = new Pace(socket);
    this.#senders.add(socket);
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      this.#senders.delete(socket);
      pace.end();
    });
    socket.on("data", (bytes) => {
      const bodies = framer.push(bytes);
      if (!bodies.ok) return this.#turnAway(socket, `a frame with a ${bodies.error.replace("-", " ")}`);
      for (const body of bodies.value) {
        const message = readLogdBody(body);
        if (!message.ok) return this.#turnAway(socket, `a message ${message.error}`);
        this.#events.onMessage(message.value);
      }
      pace.count(bodies.value.length);
    });
  }

  #turnAway(socket: Socket, says: string): void {
    socket.destroy();
    this.#events.onTurnedAway(says);
  }
}

/** Leaves a socket unread for the rest of a second in which enough has come. */
class Pace {
  readonly #socket: Socket;
  /** The first line begins the first second. */
  #began = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  count(lines: number): void {
    const now = performance.now();
    if (now - this.#began >= window) {
      this.#began = now;
      this.#lines = 0;
    }
    this.#lines += lines;
    if (this.#lines < linesMax) return;
    this.#socket.pause();
    this.#timer = setTimeout(() => this.#socket.resume(), Math.max(0, this.#began + window - now));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
