/**
 * Orders for the daemon through its control FIFO: one message, one write.
 *
 * The FIFO is opened without waiting for a reader and only if it is one. The original's tools hang when the daemon is down, and
 * leave an ordinary file behind when there is no FIFO; a script that moves resources needs an answer instead (quirk 46).
 *
 * Source: docs/reference/files-and-cli.md, section 3, "FIFO reader".
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";

export const controlFifo = "/var/lib/heartbeat/fifo";

/** The original's reader splits longer lines and loses the message. */
const lineMax = 511;
/** The kernel writes as much in one piece (PIPE_BUF); more could mix with the message of another writer. */
const messageMax = 4096;

export type FifoFault = Fault<"not-running" | "not-permitted" | "not-a-fifo" | "too-long" | "bad-text" | "failed">;

export type FifoFields = readonly (readonly [name: string, value: string])[];

export function writeToFifo(fields: FifoFields, path = controlFifo): Result<void, FifoFault> {
  const message = fifoMessage(fields);
  if (!message.ok) return message;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    return failed(openFault(error, path));
  }
  try {
    if (!fstatSync(descriptor).isFIFO()) return failed({ code: "not-a-fifo", says: `${path} is not a FIFO` });
    writeSync(descriptor, message.value);
    return ok(undefined);
  } catch (error) {
    return failed({ code: "failed", says: `cannot write to ${path}: ${String(error)}` });
  } finally {
    closeSync(descriptor);
  }
}

/** The message as text, if it can be said in lines that every reader takes (quirk 47). */
export function fifoMessage(fields: FifoFields): Result<Uint8Array, FifoFault> {
  const lines = fields.map(([name, value]) => `${name}=${value}\n`);
  for (const [name, value] of fields)
    if (/[\n\0]/.test(value)) return failed({ code: "bad-text", says: `${name} must be one line of text` });
  const text = Buffer.from(`>>>\n${lines.join("")}<<<\n`, "utf8");
  if (lines.some((line) => Buffer.byteLength(line) > lineMax) || text.length > messageMax)
    return failed({ code: "too-long", says: "the list is too long for one message", advice: "name fewer at a time" });
  return ok(text);
}

function openFault(error: unknown, path: string): FifoFault {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENXIO" || code === "ENOENT")
    return { code: "not-running", says: `heartbeat is not running (nothing reads ${path})` };
  if (code === "EACCES" || code === "EPERM") return { code: "not-permitted", says: `${path}: only root may do this` };
  return { code: "failed", says: `cannot open ${path}: ${String(error)}` };
}
