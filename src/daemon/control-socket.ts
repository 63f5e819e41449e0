/**
 * The daemon's answer to `heartbeat status` and to orders: a Unix socket for root only. A program sends the line `view` and gets the
 * node's picture of the cluster, the line `record` and gets the last inputs, or an order as one line of JSON and gets what becomes of it; the answer is one line of JSON, then the
 * connection ends.
 *
 * The loop must not be held up from here: few connections at a time, short requests, and who dawdles is cut off.
 */
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { ConfirmOrder } from "../core/input.ts";
import type { OperatorAnswer, OperatorOrder } from "../core/takeover/language.ts";
import { readOrder } from "./order-desk.ts";

const connectionsMax = 8;
/** In bytes. The longest request names a group and a node. */
const requestMax = 4096;
/** In milliseconds. */
const patience = 5000;

export interface ControlSocket {
  close(): void;
}

/** What is asked of the daemon. */
export interface ControlAnswers {
  readonly view: () => unknown;
  readonly obey: (order: OperatorOrder | ConfirmOrder) => OperatorAnswer;
  /** The last inputs, one JSON object a line. */
  readonly record: () => string;
}

/** `onFault` gets what goes wrong with the socket as a whole; the daemon works without it. */
export function openControlSocket(
  path: string,
  answers: ControlAnswers,
  onFault: (says: string) => void,
): ControlSocket {
  const server = createServer((socket) => serve(socket, answers));
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

function serve(socket: Socket, answers: ControlAnswers): void {
  let request = "";
  socket.setEncoding("utf8");
  socket.setTimeout(patience, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    request += text;
    const end = request.indexOf("\n");
    if (end < 0 && request.length <= requestMax) return;
    socket.removeAllListeners("data");
    const line = request.slice(0, Math.max(0, end));
    socket.end(line === "record" ? answers.record() : `${JSON.stringify(answer(line, answers))}\n`);
  });
}

function answer(request: string, { view, obey }: ControlAnswers): unknown {
  if (request === "view") return view();
  const order = readOrder(request);
  return order === undefined ? { error: "unknown request" } : obey(order);
}
