/** What a program is told when the daemon cannot be reached, refuses, or does not answer. */
import type { Fault } from "../base/fault.ts";

export type ClientFaultCode =
  /** Nothing listens. */
  | "cannot-connect"
  /** We may not enter the directory of its socket: nobody knows whether it runs. */
  | "not-permitted"
  /** The daemon runs but does not let us sign on. */
  | "refused"
  /** The daemon answered `badreq`; `says` is its reason, which may be empty. */
  | "bad-request"
  /** Our own message has a field name or a value that cannot be written. */
  | "bad-message"
  | "no-answer"
  | "disconnected"
  /** What listens there is not a heartbeat. */
  | "not-heartbeat"
  /** Events came faster than they were read. */
  | "overflow";

export class HeartbeatError extends Error implements Fault<ClientFaultCode> {
  override readonly name = "HeartbeatError";
  readonly code: ClientFaultCode;
  readonly says: string;

  constructor(code: ClientFaultCode, says: string) {
    super(says);
    this.code = code;
    this.says = says;
  }
}
