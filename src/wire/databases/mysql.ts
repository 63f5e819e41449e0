/**
 * The client side of the MySQL protocol as far as `SELECT 1`: MariaDB and MySQL alike.
 *
 * Source: the published protocol documentation of MySQL (connection phase, text protocol) and of MariaDB.
 * Deviations: no TLS. A password is said as it is only over a local socket, where `caching_sha2_password` may ask for it; over TCP its full
 * exchange is refused, since it would need the server's key, which nobody here could check.
 */
import { createHash } from "node:crypto";
import {
  type Conversation,
  type Cut,
  Incoming,
  type Login,
  messageMax,
  quoted,
  type Turn,
  talking,
  wrong,
} from "./conversation.ts";
import { signByPassword } from "./ed25519.ts";

/** Long passwords, connect with database, protocol 4.1, transactions, secure connection, plugins. */
const capability = {
  longPassword: 0x1,
  withDatabase: 0x8,
  protocol41: 0x200,
  secure: 0x8000,
  plugins: 0x80000,
} as const;
const utf8 = 33;
const comQuery = 3;
const header = { ok: 0, more: 1, eof: 0xfe, error: 0xff } as const;
/** Bytes of a challenge; a zero may follow, and be the last byte of a longer one. */
const challengeLength = 20;
const ed25519ChallengeLength = 32;
/** Of `caching_sha2_password`: the server knows the password's digest, or wants the password itself. */
const caching = { fastSuccess: 3, full: 4 } as const;

/** Length and sequence number, then the payload. */
const packets: Cut = {
  protocol: "the MySQL protocol",
  headSize: 4,
  bodyLength: (head) => head.readUIntLE(0, 3),
  bodyMax: messageMax,
};

type Stage = "greeting" | "login" | "count" | "columns" | "row" | "end";

export class MysqlConversation implements Conversation {
  readonly #login: Login;
  readonly #incoming = new Incoming(packets);
  #stage: Stage = "greeting";
  #plugin = "";
  #columnsLeft = 0;

  constructor(login: Login) {
    this.#login = login;
  }

  /** The server speaks first. */
  open(): Uint8Array {
    return Buffer.alloc(0);
  }

  hear(bytes: Uint8Array): Turn {
    return this.#incoming.hear(bytes, (head, payload) => this.#packet(payload, head.readUInt8(3)));
  }

  #packet(payload: Buffer, sequence: number): Turn {
    if (payload.length === 0) return wrong(`this is not ${packets.protocol}`);
    const first = payload.readUInt8(0);
    if (first === header.error) return wrong(errorText(payload));
    switch (this.#stage) {
      case "greeting":
        return this.#greeted(payload, sequence);
      case "login":
        return this.#loggingIn(first, payload, sequence);
      case "count":
        if (payload.length !== 1 || first < 1 || first > 16) return wrong("an answer to SELECT 1 that has no columns");
        this.#columnsLeft = first;
        this.#stage = "columns";
        return talking();
      case "columns":
        if (this.#columnsLeft > 0) this.#columnsLeft--;
        else if (first !== header.eof) return wrong("an answer to SELECT 1 that does not end its columns");
        else this.#stage = "row";
        return talking();
      case "row":
        if (!payload.equals(Buffer.from([1, 0x31]))) return wrong("an answer to SELECT 1 that is not 1");
        this.#stage = "end";
        return talking();
      case "end":
        return first === header.eof ? { is: "well" } : wrong("an answer to SELECT 1 of more than one row");
    }
  }

  #greeted(payload: Buffer, sequence: number): Turn {
    const versionEnd = payload.indexOf(0, 1);
    // Thread, 8 bytes of the challenge, a zero, capabilities, character set, status, capabilities, length, 10 unused.
    const rest = versionEnd < 0 ? Buffer.alloc(0) : payload.subarray(versionEnd + 1);
    if (payload.readUInt8(0) !== 10 || rest.length < 31) return wrong(`this is not ${packets.protocol}`);
    const offered = rest.readUInt16LE(13) + rest.readUInt16LE(18) * 0x10000;
    if ((offered & capability.plugins) === 0 || (offered & capability.secure) === 0)
      return wrong("a server that is too old for this probe");
    const length = Math.max(13, rest.readUInt8(20) - 8);
    const challenge = Buffer.concat([rest.subarray(4, 12), rest.subarray(31, 31 + length - 1)]);
    this.#plugin = untilZero(rest.subarray(31 + length));
    const answer = this.#answer(challenge) ?? Buffer.alloc(0); // another method is agreed on then
    const { user, database } = this.#login;
    const flags =
      capability.longPassword |
      capability.protocol41 |
      capability.secure |
      capability.plugins |
      (database === "" ? 0 : capability.withDatabase);
    const fixed = Buffer.alloc(32);
    fixed.writeUInt32LE(flags, 0);
    fixed.writeUInt32LE(messageMax, 4);
    fixed.writeUInt8(utf8, 8);
    this.#stage = "login";
    return packet(
      sequence + 1,
      fixed,
      zeroEnded(user),
      Buffer.from([answer.length]),
      answer,
      database === "" ? Buffer.alloc(0) : zeroEnded(database),
      zeroEnded(this.#plugin),
    );
  }

  #loggingIn(first: number, payload: Buffer, sequence: number): Turn {
    switch (first) {
      case header.ok:
        this.#stage = "count";
        return packet(0, Buffer.from([comQuery]), Buffer.from("SELECT 1", "latin1"));
      case header.eof: {
        this.#plugin = untilZero(payload.subarray(1));
        const challenge = payload.subarray(1 + this.#plugin.length + 1);
        const answer = this.#answer(challenge);
        if (answer === undefined) return wrong(`it asks for ${quoted(this.#plugin)}, which this probe does not know`);
        return packet(sequence + 1, answer);
      }
      case header.more: {
        if (payload.at(1) === caching.fastSuccess) return talking();
        if (payload.at(1) !== caching.full || this.#plugin !== "caching_sha2_password")
          return wrong("it asks for more than this probe knows");
        if (!this.#login.local)
          return wrong(
            "it asks for the password itself: let the probe use the local socket, or log in once by a client",
          );
        return packet(sequence + 1, zeroEnded(this.#login.password));
      }
      default:
        return wrong(`this is not ${packets.protocol}`);
    }
  }

  /** To the challenge, by the method in force; undefined: unknown. */
  #answer(bytes: Uint8Array): Buffer | undefined {
    const { password } = this.#login;
    const challenge = bytes.subarray(0, challengeLength);
    switch (this.#plugin) {
      case "mysql_native_password":
        return password === "" ? Buffer.alloc(0) : scrambled("sha1", password, challenge, "challenge-first");
      case "caching_sha2_password":
        return password === "" ? Buffer.alloc(0) : scrambled("sha256", password, challenge, "challenge-last");
      case "client_ed25519": {
        const long = bytes.subarray(0, ed25519ChallengeLength);
        // The greeting's own is too short: the server sends another.
        return long.length < ed25519ChallengeLength
          ? Buffer.alloc(0)
          : signByPassword(Buffer.from(password, "utf8"), long);
      }
      case "unix_socket":
      case "auth_socket": // who we are, the kernel tells
        return Buffer.alloc(0);
      default:
        return undefined;
    }
  }
}

/** A password proves itself without being said: its digest, hidden by a digest of the challenge and of its digest's digest. */
function scrambled(
  algorithm: "sha1" | "sha256",
  password: string,
  challenge: Uint8Array,
  order: "challenge-first" | "challenge-last",
): Buffer {
  const digest = (...parts: readonly Uint8Array[]): Buffer => {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const once = digest(Buffer.from(password, "utf8"));
  const twice = digest(once);
  const mask = order === "challenge-first" ? digest(challenge, twice) : digest(twice, challenge);
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

function packet(sequence: number, ...parts: readonly Uint8Array[]): Turn {
  const payload = Buffer.concat(parts);
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head.writeUInt8(sequence & 0xff, 3);
  return talking(head, payload);
}

/** Error number, perhaps `#` and a state of five letters, then words. */
function errorText(payload: Buffer): string {
  if (payload.length < 3) return "an error without a number";
  const text = payload.toString("latin1", 3).replace(/^#.{5}/s, "");
  return `error ${payload.readUInt16LE(1)} (${quoted(text)})`;
}

const zeroEnded = (text: string): Buffer => Buffer.from(`${text}\0`, "utf8");

function untilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}
