/**
 * The client side of PostgreSQL's protocol 3.0 as far as `SELECT 1`.
 *
 * Source: the protocol chapter of PostgreSQL's documentation; RFC 5802 and RFC 7677 for SCRAM-SHA-256.
 * Deviations: no TLS and so no channel binding. A password is said as it is only over a local socket. Passwords are compared in Unicode's
 * compatibility form (NFKC) without the tables of SASLprep, which differ for a few control characters only.
 */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
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

const protocol3 = 196_608;
const authentication = { ok: 0, clear: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;
/** A server may ask for as many rounds as it likes; its own default is 4096, and these take some 50 ms. */
const roundsMax = 100_000;

/** A letter, and a length that counts itself. */
const messages: Cut = {
  protocol: "PostgreSQL's protocol",
  headSize: 5,
  bodyLength: (head) => head.readUInt32BE(1) - 4,
  bodyMax: messageMax - 4,
};

/** Both sides' parts of SCRAM until the server has proved itself. */
interface Scram {
  readonly nonce: string;
  serverSignature: string | undefined;
}

export class PostgresConversation implements Conversation {
  readonly #login: Login;
  readonly #scram: Scram;
  readonly #incoming = new Incoming(messages);
  #loggedIn = false;
  #asked = false;
  #answer: string | undefined;

  /** `nonce`: 18 or more unpredictable printable characters without a comma, new each time. */
  constructor(login: Login, nonce: string) {
    this.#login = login;
    this.#scram = { nonce, serverSignature: undefined };
  }

  open(): Uint8Array {
    const { user, database } = this.#login;
    const settings = [
      "user",
      user,
      ...(database === "" ? [] : ["database", database]),
      "application_name",
      "heartbeat",
    ];
    const body = Buffer.from(`${settings.join("\0")}\0\0`, "utf8");
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + body.length, 0);
    head.writeUInt32BE(protocol3, 4);
    return Buffer.concat([head, body]);
  }

  hear(bytes: Uint8Array): Turn {
    return this.#incoming.hear(bytes, (head, body) => this.#message(String.fromCharCode(head.readUInt8(0)), body));
  }

  #message(kind: string, body: Buffer): Turn {
    switch (kind) {
      case "E":
        return wrong(errorText(body));
      case "R":
        return this.#authenticate(body);
      case "Z":
        return this.#ready();
      case "D":
        this.#answer = onlyField(body);
        return talking();
      case "S": // a setting of the server
      case "K": // how to interrupt it
      case "N": // a notice
      case "T": // what the columns are
      case "C": // the query is complete
        return talking();
      default:
        return wrong(`this is not ${messages.protocol}`);
    }
  }

  #ready(): Turn {
    if (!this.#loggedIn) return wrong("it does not ask who we are");
    if (this.#asked) return this.#answer === "1" ? { is: "well" } : wrong("an answer to SELECT 1 that is not 1");
    this.#asked = true;
    return message("Q", zeroEnded("SELECT 1"));
  }

  #authenticate(body: Buffer): Turn {
    const { user, password, local } = this.#login;
    const method = body.length < 4 ? undefined : body.readUInt32BE(0);
    const rest = body.subarray(4);
    if (method !== authentication.ok && password === "" && !this.#loggedIn)
      return wrong("it asks for a password, and none is configured");
    switch (method) {
      case authentication.ok:
        // A server that asked for SCRAM has to prove that it knows the password, too.
        if (this.#scram.serverSignature !== undefined && !this.#loggedIn) return wrong("it did not prove who it is");
        this.#loggedIn = true;
        return talking();
      case authentication.clear:
        if (!local) return wrong("it asks for the password itself: let it use scram-sha-256, or the local socket");
        return message("p", zeroEnded(password));
      case authentication.md5: {
        const inner = md5(Buffer.from(password + user, "utf8"));
        return message("p", zeroEnded(`md5${md5(Buffer.concat([Buffer.from(inner, "latin1"), rest.subarray(0, 4)]))}`));
      }
      case authentication.sasl: {
        if (!rest.toString("latin1").split("\0").includes("SCRAM-SHA-256"))
          return wrong("it offers no method that this probe knows");
        const first = Buffer.from(`n,,${this.#firstBare()}`, "utf8");
        const length = Buffer.alloc(4);
        length.writeUInt32BE(first.length);
        return message("p", zeroEnded("SCRAM-SHA-256"), length, first);
      }
      case authentication.saslContinue:
        return this.#prove(rest.toString("latin1"));
      case authentication.saslFinal:
        if (this.#scram.serverSignature === undefined || rest.toString("latin1") !== `v=${this.#scram.serverSignature}`)
          return wrong("it did not prove who it is");
        this.#loggedIn = true; // `ok` follows
        return talking();
      default:
        return wrong("it asks for a method that this probe does not know: use scram-sha-256, md5 or trust");
    }
  }

  /** PostgreSQL takes the user's name of the start-up and ignores this one. */
  #firstBare(): string {
    return `n=${this.#login.user.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${this.#scram.nonce}`;
  }

  #prove(serverFirst: string): Turn {
    const [, nonce = "", salt = "", digits = ""] = /^r=([^,]+),s=([A-Za-z0-9+/=]+),i=(\d{1,9})/.exec(serverFirst) ?? [];
    const rounds = Number(digits);
    if (!nonce.startsWith(this.#scram.nonce) || nonce === this.#scram.nonce || rounds < 1)
      return wrong("its part of SCRAM-SHA-256 is wrong");
    if (rounds > roundsMax) return wrong(`it asks for ${rounds} rounds of SCRAM-SHA-256, more than ${roundsMax}`);
    const password = this.#login.password.normalize("NFKC");
    const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), rounds, 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const withoutProof = `c=biws,r=${nonce}`;
    const all = `${this.#firstBare()},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), all);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    this.#scram.serverSignature = hmac(hmac(salted, "Server Key"), all).toString("base64");
    return message("p", Buffer.from(`${withoutProof},p=${proof.toString("base64")}`, "latin1"));
  }
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text, "utf8").digest();
const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
const zeroEnded = (text: string): Buffer => Buffer.from(`${text}\0`, "utf8");

function message(kind: string, ...parts: readonly Uint8Array[]): Turn {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(kind, 0, "latin1");
  head.writeUInt32BE(4 + body.length, 1);
  return talking(head, body);
}

/** Of a row with one column; undefined: it is another kind of row. */
function onlyField(body: Buffer): string | undefined {
  if (body.length < 6 || body.readUInt16BE(0) !== 1) return undefined;
  const length = body.readInt32BE(2);
  return length === body.length - 6 ? body.toString("latin1", 6) : undefined;
}

/** Fields of a letter and a text; M is the words, C the code. */
function errorText(body: Buffer): string {
  const fields = body.toString("latin1").split("\0");
  const field = (letter: string): string => fields.find((each) => each.startsWith(letter))?.slice(1) ?? "";
  return `error ${quoted(field("C"))} (${quoted(field("M"))})`;
}
