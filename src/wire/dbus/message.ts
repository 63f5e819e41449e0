/**
 * Messages of D-Bus as far as we need them: calls with texts as arguments, and reading what is answered or broadcast.
 *
 * Source: the D-Bus specification, chapters "Type System", "Marshaling" and "Message Protocol".
 * Deviations: no file descriptors; a message of more than `messageMax` is refused.
 */
import { viewOf } from "../bytes.ts";

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly args: readonly string[];
}

export interface DbusMessage {
  readonly kind: "call" | "return" | "error" | "signal";
  /** Of the call that it answers; 0: none. */
  readonly replyTo: number;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly errorName: string;
  readonly sender: string;
  readonly signature: string;
  readonly body: Cursor;
}

/** What we ask for is answered in some hundred bytes, and a unit's changes are told in two or three thousand. */
export const messageMax = 1024 * 1024;
const headSize = 16;
const kinds = ["call", "return", "error", "signal"] as const;
const field = { path: 1, interface: 2, member: 3, errorName: 4, replyTo: 5, destination: 6, sender: 7, signature: 8 };
/** A variant may hold a variant. */
const depthMax = 8;
const alignments: Readonly<Record<string, number>> = {
  ...{ y: 1, b: 4, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8, h: 4 },
  ...{ s: 4, o: 4, g: 1, v: 1, a: 4, "(": 8, "{": 8 },
};

/** `serial`: not 0, and another one for each call of a connection. */
export function composeCall({ destination, path, interface: of, member, args }: Call, serial: number): Uint8Array {
  const body = new Writer();
  for (const arg of args) body.text(arg);
  const fields = new Writer();
  const put = (code: number, type: string, value: string): void => {
    fields.align(8);
    fields.byte(code);
    fields.signature(type);
    if (type === "g") fields.signature(value);
    else fields.text(value);
  };
  put(field.path, "o", path);
  put(field.interface, "s", of);
  put(field.member, "s", member);
  put(field.destination, "s", destination);
  if (args.length > 0) put(field.signature, "g", "s".repeat(args.length));
  const head = new Writer();
  for (const byte of ["l".charCodeAt(0), 1, 0, 1]) head.byte(byte);
  head.number(body.size);
  head.number(serial);
  head.number(fields.size);
  head.bytes(fields.take());
  head.align(8);
  head.bytes(body.take());
  return head.take();
}

/** Cuts what comes over a connection into messages. */
export class DbusFramer {
  #held = Buffer.alloc(0);

  /** Undefined: what comes is not D-Bus, or too much of it, and nothing more can be read. */
  push(bytes: Uint8Array): DbusMessage[] | undefined {
    this.#held = Buffer.concat([this.#held, bytes]);
    const messages: DbusMessage[] = [];
    while (this.#held.length >= headSize) {
      const size = sizeOf(this.#held);
      if (size === undefined) return undefined;
      if (this.#held.length < size) break;
      const message = readMessage(this.#held.subarray(0, size));
      if (message === undefined) return undefined;
      messages.push(message);
      this.#held = this.#held.subarray(size);
    }
    return messages;
  }
}

/** Of the whole message; undefined: no head that we can read. */
function sizeOf(head: Buffer): number | undefined {
  const little = endianness(head);
  if (little === undefined || head[3] !== 1) return undefined;
  const bodySize = little ? head.readUInt32LE(4) : head.readUInt32BE(4);
  const fieldsSize = little ? head.readUInt32LE(12) : head.readUInt32BE(12);
  const size = aligned(headSize + fieldsSize, 8) + bodySize;
  return size > messageMax ? undefined : size;
}

const endianness = (head: Buffer): boolean | undefined =>
  head[0] === "l".charCodeAt(0) ? true : head[0] === "B".charCodeAt(0) ? false : undefined;

function readMessage(bytes: Buffer): DbusMessage | undefined {
  const little = endianness(bytes) ?? true;
  const kind = kinds[(bytes[1] ?? 0) - 1];
  const cursor = new Cursor(bytes, little);
  cursor.skipBytes(12);
  const end = cursor.number() + headSize;
  const texts = new Map<number, string>();
  let replyTo = 0;
  while (cursor.at < end && !cursor.broken) {
    cursor.align(8);
    const code = cursor.byte();
    const type = cursor.signature();
    if (type === "s" || type === "o") texts.set(code, cursor.text());
    else if (type === "g") texts.set(code, cursor.signature());
    else if (type === "u" && code === field.replyTo) replyTo = cursor.number();
    else cursor.skip(type);
  }
  cursor.align(8);
  if (kind === undefined || cursor.broken) return undefined;
  const text = (code: number): string => texts.get(code) ?? "";
  return {
    kind,
    replyTo,
    path: text(field.path),
    interface: text(field.interface),
    member: text(field.member),
    errorName: text(field.errorName),
    sender: text(field.sender),
    signature: text(field.signature),
    body: new Cursor(bytes.subarray(cursor.at), little),
  };
}

/** Reads one value after the other. What is not there, or not what it should be, is empty, and `broken` says so from then on. */
export class Cursor {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  #at = 0;
  #broken = false;

  /** The first byte has a place that every type may stand at: that of the message, or of its body. */
  constructor(bytes: Uint8Array, little: boolean) {
    this.#bytes = viewOf(bytes);
    this.#little = little;
  }

  get at(): number {
    return this.#at;
  }

  get broken(): boolean {
    return this.#broken;
  }

  byte(): number {
    return this.#take(1)?.[0] ?? 0;
  }

  /** Of 32 bits, without a sign. */
  number(): number {
    this.align(4);
    const bytes = this.#take(4);
    return bytes === undefined ? 0 : this.#little ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  text(): string {
    return this.#ended(this.number());
  }

  signature(): string {
    return this.#ended(this.byte());
  }

  align(to: number): void {
    this.skipBytes(aligned(this.#at, to) - this.#at);
  }

  skipBytes(count: number): void {
    this.#take(count);
  }

  /** Where an array of this element type, which is to be read now, ends. */
  arrayEnd(element: string): number {
    const size = this.number();
    this.align(alignments[element] ?? 8);
    const end = this.#at + size;
    if (end > this.#bytes.length) this.#broken = true;
    return end;
  }

  /** The text in a variant; undefined: something else was in it. */
  variantText(): string | undefined {
    const type = this.signature();
    if (type === "s" || type === "o") return this.text();
    this.skip(type);
    return undefined;
  }

  /** Passes over values of these types. */
  skip(types: string, depth = 0): void {
    for (let i = 0; i < types.length && !this.#broken; ) {
      const end = typeEnd(types, i);
      if (end === undefined || depth > depthMax) this.#broken = true;
      else this.#skipOne(types.slice(i, end), depth);
      i = end ?? types.length;
    }
  }

  #skipOne(type: string, depth: number): void {
    const first = type.charAt(0);
    switch (first) {
      case "s":
      case "o":
        this.text();
        return;
      case "g":
        this.signature();
        return;
      case "v":
        return this.skip(this.signature(), depth + 1);
      case "a":
        return this.skipBytes(this.arrayEnd(type.charAt(1)) - this.#at);
      case "(":
      case "{":
        this.align(8);
        return this.skip(type.slice(1, -1), depth + 1);
      default: {
        const size = alignments[first] ?? 1; // a number is as long as its alignment
        this.align(size);
        return this.skipBytes(size);
      }
    }
  }

  #ended(size: number): string {
    const bytes = this.#take(size + 1);
    if (bytes !== undefined && bytes[size] !== 0) this.#broken = true;
    return this.#broken ? "" : (bytes?.toString("utf8", 0, size) ?? "");
  }

  #take(count: number): Buffer | undefined {
    const end = this.#at + count;
    if (this.#broken || count < 0 || end > this.#bytes.length) {
      this.#broken = true;
      return undefined;
    }
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

const aligned = (at: number, to: number): number => Math.ceil(at / to) * to;

/** The end of the one complete type that begins at `from`; undefined: none does. */
function typeEnd(types: string, from: number): number | undefined {
  let at = from;
  while (types.charAt(at) === "a") at++;
  const first = types.charAt(at);
  if (first !== "(" && first !== "{") return first !== "" && first in alignments ? at + 1 : undefined;
  let open = 0;
  for (; at < types.length; at++) {
    const letter = types.charAt(at);
    if (letter === "(" || letter === "{") open++;
    else if (letter === ")" || letter === "}") open--;
    else if (!(letter in alignments)) return undefined;
    if (open === 0) return at + 1;
  }
  return undefined;
}

class Writer {
  readonly #pieces: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  take(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  bytes(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  byte(value: number): void {
    this.bytes(Buffer.of(value));
  }

  number(value: number): void {
    this.align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.bytes(bytes);
  }

  text(value: string): void {
    const bytes = Buffer.from(`${value}\0`, "utf8");
    this.number(bytes.length - 1);
    this.bytes(bytes);
  }

  signature(value: string): void {
    this.byte(value.length);
    this.bytes(Buffer.from(`${value}\0`, "latin1"));
  }

  align(to: number): void {
    this.bytes(Buffer.alloc(aligned(this.#size, to) - this.#size));
  }
}
