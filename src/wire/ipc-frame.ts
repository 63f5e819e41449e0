/**
 * Frames on the local client socket: a length, a magic number, a body.
 *
 * A stream has no message borders, and whoever is at the other end may be broken. So the framer takes bytes as they come,
 * gives bodies as they are complete, and stops for good at a wrong magic number or a length out of bounds: after that nothing
 * in the stream can be trusted.
 *
 * Source: docs/reference/client-api.md, section 1.1. Numbers are in native byte order there; every machine that runs Node.js on
 * Linux today but s390x is little endian, which is what is written here.
 */
import { failed, ok, type Result } from "../base/result.ts";

/** The longest body either side accepts. */
export const ipcBodyMax = 262_144;
const headerLength = 8;
const magic = 0xabcd;

/** A byte that comes alone takes a hundred times its size: so many, then they are put together. */
const piecesMax = 64;

export type IpcFault = "wrong-magic" | "wrong-length";

/** Header and body as one buffer. */
export function ipcFrame(body: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(headerLength + body.length); // of a pool: small ones are many
  frame.writeInt32LE(body.length, 0);
  frame.writeUInt32LE(magic, 4);
  frame.set(body, headerLength);
  return frame;
}

/** Cuts a stream into bodies. Holds at most one incomplete frame. */
export class IpcFramer {
  /** Mostly none: what was sent as a whole arrives as a whole. */
  #pieces: Uint8Array[] | undefined;
  #held = 0;
  /** Bytes that must be held before there is anything to look at. */
  #needed = headerLength;
  #fault: IpcFault | undefined;

  /** The bodies completed by `bytes`, in order. The bodies before a fault are lost with it. */
  push(bytes: Uint8Array): Result<Uint8Array[], IpcFault> {
    if (this.#fault !== undefined) return failed(this.#fault);
    this.#held += bytes.length;
    if (this.#held < this.#needed) {
      if (this.#pieces === undefined) this.#pieces = [bytes];
      else if (this.#pieces.length < piecesMax) this.#pieces.push(bytes);
      else this.#pieces = [join([...this.#pieces, bytes], this.#held)];
      return ok([]);
    }
    let rest = this.#pieces === undefined ? bytes : join([...this.#pieces, bytes], this.#held);
    const bodies: Uint8Array[] = [];
    for (;;) {
      this.#needed = headerLength;
      if (rest.length < headerLength) break;
      const header = new DataView(rest.buffer, rest.byteOffset, headerLength);
      const length = header.getInt32(0, true);
      if (header.getUint32(4, true) !== magic) return this.#fail("wrong-magic");
      if (length < 0 || length > ipcBodyMax) return this.#fail("wrong-length");
      this.#needed = headerLength + length;
      if (rest.length < this.#needed) break;
      bodies.push(rest.subarray(headerLength, this.#needed));
      rest = rest.subarray(this.#needed);
    }
    this.#pieces = rest.length === 0 ? undefined : [rest];
    this.#held = rest.length;
    return ok(bodies);
  }

  #fail(fault: IpcFault): Result<never, IpcFault> {
    this.#fault = fault;
    this.#pieces = undefined;
    return failed(fault);
  }
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
