/** What the node remembers of one connection to the client socket. */
import type { ClientId, Instant } from "../../base/units.ts";
import type { PeerCredentials } from "../input.ts";

/** Bits of a client's filter mask: which treatment of a message lets it through (client-api.md, section 4). */
export const filterBits = {
  keep: 0x01,
  "no-change": 0x02,
  drop: 0x04,
  duplicate: 0x08,
  "api-call": 0x10,
  protocol: 0x20,
};

/** What the node did with a message that a client may see. */
export type Treatment = "keep" | "no-change" | "drop" | "duplicate" | "protocol";

/** What a client may set for itself. */
export interface Preferences {
  readonly mask: number;
  /** Sent to the client's process after each message; 0: none. */
  readonly signal: number;
  /** Messages that may wait for the client to read. */
  readonly queueLimit: number;
}

/** 64 messages wait at most, as in the original (section 1.3). */
export const defaultPreferences: Preferences = { mask: filterBits.keep, signal: 0, queueLimit: 64 };
/** `set_sendqlen` beyond this would let one client that does not read grow the daemon without bound. */
export const queueLimitMax = 4096;

/** A connection that has signed on. */
export interface Member {
  readonly id: string;
  readonly pid: number;
  readonly uid: number;
  /** Known by its pid only: may ask, may not speak to the cluster. */
  readonly casual: boolean;
  /** Counts sign-ons since the node started. */
  readonly generation: number;
  preferences: Preferences;
}

export interface Session {
  readonly client: ClientId;
  readonly peer: PeerCredentials;
  member: Member | undefined;
  /** Consecutive bodies that were no message. */
  rubbish: number;
  /** Complaints logged since `complaintsSince`. */
  complaints: number;
  complaintsSince: Instant;
}
