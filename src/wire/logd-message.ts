/**
 * What programs send to the logging daemon: one C structure per line of log, in the frame of the client sockets.
 *
 * The daemon answers nothing; a sender that cannot connect knows that it is away.
 *
 * Source: docs/reference/files-and-cli.md, section 6. Numbers are in native byte order there; little endian is what is written here,
 * as in ipc-frame.ts.
 */
const headLength = 96;
const entityOffset = 24;
const entityMax = 63;
const timeOffset = 88;
const lineOfLog = 2;

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
