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
const conversationMax = 262_144;

/** What the server says of itself, for a line of the log. */
export const quoted = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 200);

export const wrong = (says: string): Turn => ({ is: "wrong", says });
export const talking = (...pieces: readonly Uint8Array[]): Turn => ({ is: "talking", send: Buffer.concat(pieces) });

/** How a protocol cuts its stream into messages. */
export interface Cut {
  /** For what is said of a stream that is none. */
  readonly protocol: string;
  readonly headSize: number;
  /** What follows the head, in bytes; below zero: no such message. */
  readonly bodyLength: (head: Buffer) => number;
  readonly bodyMax: number;
}

/** Gathers what was heard and hands it on message by message. */
export class Incoming {
  readonly #cut: Cut;
  #buffer: Buffer = Buffer.alloc(0);
  #heard = 0;

  constructor(cut: Cut) {
    this.#cut = cut;
  }

  /** What is to be said to all messages that are complete now. */
  hear(bytes: Uint8Array, answer: (head: Buffer, body: Buffer) => Turn): Turn {
    const { protocol, headSize, bodyLength, bodyMax } = this.#cut;
    this.#heard += bytes.length;
    if (this.#heard > conversationMax) return wrong("answers without end");
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const said: Uint8Array[] = [];
    while (this.#buffer.length >= headSize) {
      const head = this.#buffer.subarray(0, headSize);
      const length = bodyLength(head);
      if (length < 0 || length > bodyMax) return wrong(`this is not ${protocol}`);
      const end = headSize + length;
      if (this.#buffer.length < end) break;
      const body = this.#buffer.subarray(headSize, end);
      this.#buffer = this.#buffer.subarray(end);
      const turn = answer(head, body);
      if (turn.is !== "talking") return turn;
      said.push(turn.send);
    }
    return talking(...said);
  }
}
