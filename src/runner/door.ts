/**
 * Where the next core finds the runner of the last one: a Unix socket that only root can open.
 *
 * Whoever calls is told how things stand; a core that wants to take over says so on the same connection, which then is its own. Until then
 * it is known to be on its way, as long as the connection stands.
 */
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { Lines } from "../drivers/lines.ts";
import { type FromRunner, type RunnerSettings, readToRunner } from "../drivers/runner-protocol.ts";

const callersMax = 8;

export interface DoorEvents {
  greeting(): FromRunner;
  /** False: too late. Else the socket is the core's from now on. */
  onTake(socket: Socket, settings: RunnerSettings): boolean;
  /** A core is on its way, or is not any more. */
  onCallers(): void;
  /** The core that comes next cannot use what we have. */
  onDecline(): void;
  onFault(says: string): void;
}

export class Door {
  readonly #events: DoorEvents;
  #server: Server | undefined;
  #path = "";
  readonly #coming = new Set<Socket>();

  constructor(events: DoorEvents) {
    this.#events = events;
  }

  /** The next core is getting ready. */
  get called(): boolean {
    return this.#coming.size > 0;
  }

  /** Again with the same path: nothing happens. */
  open(path: string): void {
    if (path === this.#path) return;
    this.close();
    this.#path = path;
    this.#server = createServer((socket) => this.#receive(socket));
    this.#server.maxConnections = callersMax;
    this.#server.on("error", (error) => this.#events.onFault(`cannot listen on ${path}: ${error.message}`));
    rmSync(path, { force: true });
    // No chmod: there is no moment in which others could connect, or put a link in its place.
    const umask = process.umask(0o177);
    this.#server.listen(path);
    process.umask(umask);
  }

  close(): void {
    this.#server?.close(); // removes the file, too
    this.#server = undefined;
    this.#path = "";
  }

  #receive(socket: Socket): void {
    const lines = new Lines();
    const hear = (bytes: Uint8Array): void => {
      for (const line of lines.push(bytes)) {
        const said = readToRunner(line);
        if (said?.say === "coming") this.#come(socket);
        if (said?.say === "decline") this.#events.onDecline();
        if (said?.say !== "take") continue;
        socket.removeListener("data", hear);
        this.#coming.delete(socket);
        if (!this.#events.onTake(socket, said.settings)) socket.destroy();
        return;
      }
    };
    socket.on("error", () => {}); // it is gone
    socket.on("data", hear);
    socket.write(`${JSON.stringify(this.#events.greeting())}\n`);
  }

  #come(socket: Socket): void {
    this.#coming.add(socket);
    socket.on("close", () => {
      if (this.#coming.delete(socket)) this.#events.onCallers();
    });
    this.#events.onCallers();
  }
}
