/**
 * The daemon's memory of what just happened: the last inputs, bytes included.
 *
 * The core is a function of its inputs, so an incident is a list of them. When an invariant breaks, the list is written to a file
 * and the run can be lived through again. One JSON object per line: a heading, then the inputs, oldest first; bytes are
 * `{"base64": "..."}`.
 *
 * Bytes are copied into memory of the recorder's own. A request lies in a piece of memory together with a dozen other short-lived things,
 * which would all live as long as it: measured with hundreds of clients, five megabytes that came and went.
 */
import { renameSync, writeFileSync } from "node:fs";
import type { Input, Now } from "../core/input.ts";

/** Some minutes of a two-node cluster; about half a megabyte of memory. */
export const recordedMax = 1000;
/** Datagrams may have 64 KiB: a flood of large ones shortens the memory instead of filling it. */
export const recordedBytesMax = 1024 * 1024;

/** Memory for copies is had in pieces of this size; what is larger than a quarter of one stays where it is. */
const pieceSize = 65_536;

export class Recorder {
  /** Oldest first. */
  readonly #inputs: { readonly now: Now; readonly input: Input }[] = [];
  #bytes = 0;
  #piece = new Uint8Array(0);
  #used = 0;

  record(given: Input, now: Now): void {
    const input = this.#withOwnBytes(given);
    this.#inputs.push({ now, input });
    this.#bytes += sizeOf(input);
    while (this.#inputs.length > recordedMax || this.#bytes > recordedBytesMax) {
      const oldest = this.#inputs.shift();
      if (oldest === undefined) return;
      this.#bytes -= sizeOf(oldest.input);
    }
  }

  #withOwnBytes(input: Input): Input {
    if ("bytes" in input) return { ...input, bytes: this.#copy(input.bytes) };
    return "body" in input ? { ...input, body: this.#copy(input.body) } : input;
  }

  #copy(bytes: Uint8Array): Uint8Array {
    if (bytes.length > pieceSize / 4) return bytes;
    if (this.#used + bytes.length > this.#piece.length) {
      this.#piece = new Uint8Array(pieceSize);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes.length;
    this.#piece.set(bytes, start);
    return this.#piece.subarray(start, this.#used);
  }

  /** `heading` says who and why; it must not hold keys. */
  text(heading: Readonly<Record<string, unknown>>): string {
    const lines = [heading, ...this.#inputs].map((line) => JSON.stringify(line, bytesAsBase64));
    return `${lines.join("\n")}\n`;
  }

  /** Written for root only: client requests may hold what is nobody else's business. One older dump is kept beside it. Throws on I/O errors. */
  dump(path: string, heading: Readonly<Record<string, unknown>>): void {
    const text = this.text(heading);
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // There was none before.
    }
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  }
}

const sizeOf = (input: Input): number =>
  "bytes" in input ? input.bytes.length : "body" in input ? input.body.length : 0;

/** A Buffer would turn itself into a list of numbers before a replacer sees it, so the holder is asked. */
function bytesAsBase64(this: unknown, key: string, value: unknown): unknown {
  if (key === "keys") return "(not recorded)";
  const raw = typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  return raw instanceof Uint8Array ? { base64: Buffer.from(raw).toString("base64") } : value;
}
