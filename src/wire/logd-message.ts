/**
 * What programs send to the logging daemon: one C structure per line of log, in the frame of the client sockets.
 *
 * The daemon answers nothing; a sender that cannot connect knows that it is away.
 *
 * Source: docs/reference/files-and-cli.md, section 6. Numbers are in native byte order there; little endian is what is written here,
 * as in ipc-frame.ts.
 */
import { failed, ok, type Result } from "../base/result.ts";

const headLength = 96;
const entityOffset = 24;
const entityMax = 63;
const timeOffset = 88;
const lineOfLog = 2;
const severityMax = 7;

export interface LogdMessage {
  /** Already shifted by the three bits of the severity; the daemon uses its own instead. */
  readonly facility: number;
  /** Severity, 0 to 7. */
  readonly priority: number;
  /** Put the word for the priority before the text. */
  readonly sayPriority: boolean;
  readonly pid: number;
  /** The program's name; cut after 63 bytes. */
  readonly entity: string;
  /** Since 1970. */
  readonly seconds: number;
  readonly text: Uint8Array;
}

/** What is wrong with a body, for a person. */
export type LogdFault = "too short" | "of another type" | "of a length that is not its own";

/** Reads a body. Whoever sends may be broken: what is out of bounds is a fault, and a priority out of its range the nearest in it. */
export function readLogdBody(body: Uint8Array): Result<LogdMessage, LogdFault> {
  if (body.length <= headLength) return failed("too short");
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  if (view.getInt32(0, true) !== lineOfLog) return failed("of another type");
  if (view.getInt32(12, true) !== body.length - headLength) return failed("of a length that is not its own");
  const entity = untilNul(body.subarray(entityOffset, entityOffset + entityMax));
  return ok({
    facility: view.getInt32(4, true),
    priority: Math.min(severityMax, Math.max(0, view.getInt32(8, true))),
    sayPriority: view.getInt32(16, true) !== 0,
    pid: view.getInt32(20, true),
    entity: Buffer.from(entity).toString("latin1"),
    seconds: Number(view.getBigInt64(timeOffset, true)),
    text: untilNul(body.subarray(headLength)),
  });
}

const untilNul = (bytes: Uint8Array): Uint8Array => {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
};

/** The body of one frame. */
export function logdBody(message: LogdMessage): Uint8Array {
  const { text } = message;
  const body = new Uint8Array(headLength + text.length + 1);
  const view = new DataView(body.buffer);
  view.setInt32(0, lineOfLog, true);
  view.setInt32(4, message.facility, true);
  view.setInt32(8, message.priority, true);
  view.setInt32(12, text.length + 1, true);
  view.setInt32(16, message.sayPriority ? 1 : 0, true);
  view.setInt32(20, message.pid, true);
  new TextEncoder().encodeInto(message.entity, body.subarray(entityOffset, entityOffset + entityMax));
  view.setBigInt64(timeOffset, BigInt(message.seconds), true);
  body.set(text, headLength);
  return body;
}
