/**
 * The daemon's answer to `heartbeat status`: a Unix socket for root only. A program sends the line `view` and gets the node's
 * picture of the cluster as one line of JSON; then the connection ends.
 *
 * The loop must not be held up from here: few connections at a time, short requests, and who dawdles is cut off.
 */
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";

const connectionsMax = 8;
/** In bytes. The only request is five long. */
const requestMax = 64;
/** In milliseconds. */
const patience = 5000;

export interface ControlSocket {
  close(): void;
}

/** `onFault` gets what goes wrong with the socket as a whole; the daemon works without it. */
export function openControlSocket(path: string, view: () => unknown, onFault: (says: string) => void): ControlSocket {
  const server = createServer((socket) => serve(socket, view));
  server.maxConnections = connectionsMax;
  server.on("error", (error) => onFault(`Cannot serve ${path}: ${error.message}`));
  rmSync(path, { force: true });
  // No chmod: there is no moment in which others could connect, or put a link in its place (the directory is not root's alone).
  const umask = process.umask(0o177);
  server.listen(path);
  process.umask(umask);
  return {
    close: () => {
      server.close(); // removes the file, too
      rmSync(path, { force: true });
    },
  };
}

function serve(socket: Socket, view: () => unknown): void {
  let request = "";
  socket.setEncoding("latin1");
  socket.setTimeout(patience, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    request += text;
    const end = request.indexOf("\n");
    if (end < 0 && request.length <= requestMax) return;
    socket.removeAllListeners("data");
    socket.end(`${JSON.stringify(request.slice(0, end) === "view" ? view() : { error: "unknown request" })}\n`);
  });
}
