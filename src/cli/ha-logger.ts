/**
 * ha_logger: a line for the cluster's log, from a shell script. Resource scripts log through it.
 *
 * Each argument is one line; without arguments every line of standard input is.
 *
 * Source: docs/reference/files-and-cli.md, section 6.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { ipcFrame } from "../wire/ipc-frame.ts";
import { logdBody } from "../wire/logd-message.ts";
import { getopt } from "./getopt.ts";
import type { Program } from "./program.ts";

const logDaemon = "/var/lib/heartbeat/log_daemon";
/** `-D`: which log, and with that which priority. */
const priorities = new Map([
  ["ha-log", 6],
  ["ha-debug", 7],
]);
const defaultLog = "ha-log";
const defaultEntity = "cluster";
/** The original reads lines into a buffer of 1024 bytes and cuts arguments likewise. */
const textMax = 1023;
const facilityUser = 8;

const usage = "ha_logger [-t tag] [-D <ha-log/ha-debug>] [message]";

export const haLogger: Program = haLoggerAt(logDaemon, () => process.stdin);

export function haLoggerAt(socketPath: string, input: () => Readable): Program {
  return {
    name: "ha_logger",
    summary: "Write lines to the cluster's log, through the logging daemon.",
    usage,
    async run(argv, io) {
      const { given, parameters, errors } = getopt(argv, "t:D:h");
      const [complaint] = errors;
      if (complaint !== undefined) io.err(`ha_logger: ${complaint}\n`);
      if (complaint !== undefined || given.has("h")) {
        io.out(`usage: ${usage}\n`);
        return 1;
      }
      const socket = await connect(socketPath);
      if (socket === undefined) {
        io.err("logd is not running"); // no line end, as in the original
        return 1;
      }
      const priority = priorities.get(given.get("D") ?? defaultLog);
      if (priority === undefined) {
        socket.destroy();
        io.out(`usage: ${usage}\n`);
        return 1;
      }
      const lines = parameters.length > 0 ? ofArguments(parameters) : linesOf(input());
      return await sendAll(socket, lines, priority, given.get("t") || defaultEntity);
    },
  };
}

function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket));
    socket.on("error", () => resolve(undefined)); // stays: an error later must not end the process
  });
}

/** 0: the daemon has everything; 1: it went away meanwhile. */
async function sendAll(
  socket: Socket,
  lines: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  priority: number,
  entity: string,
): Promise<number> {
  const closed = once(socket, "close");
  for await (const text of lines) {
    const seconds = Math.floor(Date.now() / 1000);
    const body = logdBody({
      facility: facilityUser,
      priority,
      sayPriority: false,
      pid: process.pid,
      entity,
      seconds,
      text,
    });
    if (socket.destroyed) return 1;
    if (!socket.write(ipcFrame(body))) await Promise.race([once(socket, "drain").catch(() => undefined), closed]);
  }
  if (socket.destroyed) return 1;
  const flushed = new Promise<number>((resolve) => socket.end(() => resolve(0)));
  return await Promise.race([flushed, closed.then(() => 1)]);
}

function* ofArguments(texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield* pieces(Buffer.from(text, "utf8"));
}

/** Lines without their ends; what follows a NUL in a line is lost, as in the original. Bounded: a long line comes in pieces. */
async function* linesOf(input: Readable): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  for await (const chunk of input) {
    held = Buffer.concat([held, Buffer.from(chunk)]);
    for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n")) {
      yield* pieces(untilNul(held.subarray(0, end)));
      held = held.subarray(end + 1);
    }
    while (held.length > textMax) {
      yield untilNul(held.subarray(0, textMax));
      held = held.subarray(textMax);
    }
  }
  if (held.length > 0) yield* pieces(untilNul(held));
}

function* pieces(text: Uint8Array): Generator<Uint8Array> {
  if (text.length === 0) yield text;
  for (let at = 0; at < text.length; at += textMax) yield text.subarray(at, at + textMax);
}

const untilNul = (line: Buffer): Buffer => {
  const nul = line.indexOf(0);
  return nul < 0 ? line : line.subarray(0, nul);
};
