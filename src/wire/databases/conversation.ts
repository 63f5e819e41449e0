/**
 * One look at a database as bytes in and bytes out: its greeting, a log-in, `SELECT 1`, and the answer 1.
 *
 * A port that takes connections says little of a database: the kernel accepts for a process that is stopped, and a server in recovery
 * turns everybody away after the first byte. Whoever answers a query works.
 *
 * Everything that comes from the other side is bounded here, as its sender need not be a database.
 */
export interface Login {
  readonly user: string;
  /** Empty: none. */
  readonly password: string;
  /** Empty: the server's own choice. */
  readonly database: string;
  /** Over a local socket, where nobody can listen: the password may be said as it is. */
  readonly local: boolean;
}

export type Turn =
  | { readonly is: "talking"; readonly send: Uint8Array }
  | { readonly is: "well" }
  | { readonly is: "wrong"; readonly says: string };

export interface Conversation {
  /** What the client says first. */
  open(): Uint8Array;
  /** After `well` or `wrong` nothing more is to be told. */
  hear(bytes: Uint8Array): Turn;
}

/** Of one message, and of all together: a greeting, a log-in and one row take a few hundred bytes. */
export const messageMax = 65_536;
export const conversationMax = 262_144;

/** What the server says of itself, for a line of the log. */
export const quoted = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 200);

export const wrong = (says: string): Turn => ({ is: "wrong", says });
export const talking = (...pieces: readonly Uint8Array[]): Turn => ({ is: "talking", send: Buffer.concat(pieces) });
