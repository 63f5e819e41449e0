/**
 * The client API behind a real socket, without a daemon: our state machine, a loop-back for what it wants said, and a peer
 * node that answers as the test tells it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientId, instant } from "../../src/base/units.ts";
import { type ClientOutput, Clients } from "../../src/core/clients/clients.ts";
import type { ClientHost } from "../../src/core/clients/host.ts";
import type { Now } from "../../src/core/input.ts";
import { IpcFramer, ipcFrame } from "../../src/wire/ipc-frame.ts";
import { type Message, stringOf, text, withField } from "../../src/wire/message.ts";

export class ClientDaemon implements AsyncDisposable {
  readonly path: string;
  /** What was sent to the cluster, the header's `src` included. */
  readonly sent: Message[] = [];
  readonly #folder: string;
  readonly #clients: Clients;
  readonly #sockets = new Map<number, Socket>();
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #self: string;
  /** What the peer says to a message; nothing unless told. */
  readonly #peer: (message: Message) => readonly Message[];
  #next = 1;

  static async start(
    host: ClientHost,
    peer: (message: Message) => readonly Message[] = () => [],
  ): Promise<ClientDaemon> {
    const daemon = new ClientDaemon(host, peer);
    await new Promise<void>((resolve) => daemon.#server.listen(daemon.path, resolve));
    return daemon;
  }

  private constructor(host: ClientHost, peer: (message: Message) => readonly Message[]) {
    this.#folder = mkdtempSync(join(tmpdir(), "hb-client-"));
    this.path = join(this.#folder, "register");
    this.#clients = new Clients(host);
    this.#self = host.config.localNode;
    this.#peer = peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }

  /** Closes every connection, as a daemon that ends does. */
  hangUp(): void {
    for (const socket of this.#sockets.values()) socket.end();
  }

  /** A message from the cluster, or one of the node's own notices. */
  deliver(message: Message): void {
    this.#carryOut(this.#clients.deliver(message, "keep"));
  }

  #accept(socket: Socket): void {
    const client = clientId(this.#next++);
    const framer = new IpcFramer();
    this.#sockets.set(client, socket);
    // Node.js has no call for the kernel's credentials; here the other end is always this process.
    const peer = { pid: process.pid, uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
    this.#carryOut(this.#clients.step({ on: "client-connected", client, peer }, now()));
    socket.on("data", (bytes) => {
      const bodies = framer.push(bytes);
      for (const body of bodies.ok ? bodies.value : [])
        this.#carryOut(this.#clients.step({ on: "client-frame", client, body }, now()));
    });
    socket.on("error", () => {}); // a client that left in the middle: "close" follows
    socket.on("close", () => {
      this.#sockets.delete(client);
      this.#carryOut(this.#clients.step({ on: "client-closed", client, reason: "end" }, now()));
    });
  }

  #carryOut(outputs: readonly ClientOutput[]): void {
    for (const output of outputs) {
      if (output.is === "send") this.#loopBack(withField(output.body, text("src", this.#self)));
      else if (output.effect.do === "client-send")
        this.#sockets.get(output.effect.client)?.write(ipcFrame(output.effect.body));
      else if (output.effect.do === "client-close") this.#sockets.get(output.effect.client)?.end();
    }
  }

  #loopBack(message: Message): void {
    this.sent.push(message);
    this.deliver(message);
    if (stringOf(message, "dest") !== this.#self) for (const answer of this.#peer(message)) this.deliver(answer);
  }
}

const now = (): Now => ({ instant: instant(performance.now()), wallSeconds: 1_800_000_000, load: "n/a" });
