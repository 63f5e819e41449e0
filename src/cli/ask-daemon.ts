/** One question to the running daemon over its control socket, which only root may open: a line out, a line of JSON back. */
import { createConnection } from "node:net";
import { failed, ok, type Result } from "../base/result.ts";
import { systemCode, systemText } from "./system-text.ts";

export interface NoAnswer {
  readonly code: "not-running" | "not-permitted" | "unknown";
  readonly says: string;
}

/** A view of a hundred nodes takes some tens of kilobytes. */
const answerMax = 4 * 1024 * 1024;

/** `within` in milliseconds: the daemon answers between two heartbeats; one that takes longer has another problem. */
export function askDaemon(path: string, request: string, within = 3000): Promise<Result<unknown, NoAnswer>> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let text = "";
    const end = (result: Result<unknown, NoAnswer>) => {
      socket.destroy();
      resolve(result);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(within, () => end(failed({ code: "unknown", says: "heartbeat runs, but does not answer" })));
    socket.on("error", (error) => end(failed(connectFault(error, path))));
    socket.on("connect", () => socket.write(`${request}\n`));
    socket.on("data", (piece: string) => {
      text += piece;
      if (text.length > answerMax) end(failed({ code: "unknown", says: "heartbeat's answer is too long" }));
    });
    socket.on("end", () => end(read(text)));
  });
}

export const noSense: NoAnswer = {
  code: "unknown",
  says: "heartbeat's answer makes no sense; is it of another version?",
};

function connectFault(error: Error, path: string): NoAnswer {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ECONNREFUSED") return { code: "not-running", says: "heartbeat is not running" };
  if (code === "EACCES") return { code: "not-permitted", says: `${path}: only root may ask` };
  return { code: "unknown", says: `cannot ask heartbeat: ${systemText(error)}` };
}

function read(text: string): Result<unknown, NoAnswer> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return failed(noSense);
  }
}
