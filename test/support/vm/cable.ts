/**
 * A cable between two virtual machines: each end is a Unix socket that qemu connects to, and what comes in at one leaves at the other,
 * unless the cable is cut. Nothing else tells a machine that it is.
 */
import { createServer, type Server, type Socket } from "node:net";
import { Frames } from "./frames.ts";

export class Cable {
  readonly #ends: { readonly server: Server; socket: Socket | undefined }[] = [];
  #cut = false;

  /** `paths`: one for each machine. A network loses whole frames, a serial line single bytes. */
  static async lay(paths: readonly [string, string], kind: "network" | "serial"): Promise<Cable> {
    const cable = new Cable();
    for (const [n, path] of paths.entries()) {
      const server = createServer((socket) => cable.#plug(n, socket, kind));
      cable.#ends.push({ server, socket: undefined });
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
    }
    return cable;
  }

  cut(): void {
    this.#cut = true;
  }

  heal(): void {
    this.#cut = false;
  }

  remove(): void {
    for (const { server, socket } of this.#ends) {
      socket?.destroy();
      server.close();
    }
  }

  #plug(n: number, socket: Socket, kind: "network" | "serial"): void {
    const end = this.#ends[n];
    const other = this.#ends[1 - n];
    if (end === undefined || other === undefined) return;
    end.socket = socket;
    const frames = new Frames();
    socket.on("error", () => {}); // the machine was switched off
    socket.on("data", (chunk: Buffer) => {
      const units = kind === "network" ? frames.push(chunk) : [chunk];
      if (!this.#cut) for (const unit of units) other.socket?.write(unit);
    });
  }
}
