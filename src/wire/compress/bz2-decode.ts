/**
 * Reads a bzip2 stream in portions; `bz2-encode.ts` writes them.
 *
 * A block holds up to 900,000 bytes that went through four reversible steps, undone here in reverse order: canonical Huffman codes,
 * move-to-front with run lengths, the Burrows-Wheeler transform, and run lengths once more. Checksums cover each block and the whole.
 *
 * The loop that reads is the loop that beats, and 64 KiB take some milliseconds. So the work is cut into portions, counted in bytes of one
 * of the steps (some 10 ns each), and whoever asked for it does something else between two of them. Every step does work in
 * proportion to its output, a block never grows beyond the size that the stream announced, and the output never beyond the caller's
 * limit: a hostile stream costs what an honest one of that size does.
 *
 * Source: the public format description ("BZIP2: Format Specification", J. Tsai, 2016).
 * Deviations: the randomised blocks of version 0.9.0 and older are refused; bytes behind the first stream are ignored.
 */
import { failed, ok, type Result } from "../../base/result.ts";
import { crc32 } from "../crc32.ts";
import { BitReader } from "./bits.ts";
import { type Block, Column, readBlockHead } from "./bz2-column.ts";
import type { Unpacked, Unpacking } from "./codec.ts";

const signature = 0x425a68; // "BZh"
const blockMagic = [0x314159, 0x265359] as const; // pi
const endMagic = [0x177245, 0x385090] as const; // its square root

/** Where the stream stands. */
type Phase =
  | { readonly is: "head" }
  | { readonly is: "column"; readonly column: Column; readonly stored: number }
  | { readonly is: "rows"; readonly rows: Rows; readonly stored: number }
  | { readonly is: "text"; readonly text: Text; readonly stored: number };

export class Bz2Unpacking implements Unpacking {
  readonly #bits: BitReader;
  readonly #output: Output;
  /** Shared by the blocks of the stream; undefined before its level is known. */
  #space: Uint8Array | undefined;
  #phase: Phase = { is: "head" };
  #combined = 0;

  constructor(bytes: Uint8Array, limit: number) {
    this.#bits = new BitReader(bytes);
    this.#output = new Output(limit);
  }

  work(portion: number): Unpacked | undefined {
    for (let left = portion; left > 0; ) {
      const done = this.#advance(left);
      if (typeof done !== "number") return done;
      left -= Math.max(1, done);
    }
    return undefined;
  }

  /** How many bytes were worked on, or the end of it. */
  #advance(most: number): number | Unpacked {
    const phase = this.#phase;
    switch (phase.is) {
      case "head":
        return this.#head();
      case "column": {
        const worked = phase.column.work(most);
        const block = phase.column.result;
        if (worked === undefined || this.#bits.overrun) return failed("corrupt");
        if (block !== undefined) this.#phase = { is: "rows", rows: new Rows(block), stored: phase.stored };
        return worked;
      }
      case "rows": {
        const worked = phase.rows.work(most);
        if (phase.rows.ready)
          this.#phase = { is: "text", text: new Text(phase.rows, this.#output), stored: phase.stored };
        return worked;
      }
      case "text": {
        const worked = phase.text.work(most);
        if (worked === undefined) return failed("too-big");
        return phase.text.ready ? this.#endBlock(phase.text.checksum, phase.stored, worked) : worked;
      }
    }
  }

  #head(): number | Unpacked {
    const bits = this.#bits;
    if (this.#space === undefined) {
      if (bits.read24() !== signature) return failed("corrupt");
      const level = bits.read(8) - 0x30;
      if (level < 1 || level > 9) return failed("corrupt");
      this.#space = new Uint8Array(level * 100_000);
    }
    const high = bits.read24();
    const low = bits.read24();
    const stored = bits.read32();
    if (high === endMagic[0] && low === endMagic[1])
      return stored === this.#combined && !bits.overrun ? ok(this.#output.bytes(0)) : failed("corrupt");
    if (high !== blockMagic[0] || low !== blockMagic[1]) return failed("corrupt");
    const head = readBlockHead(bits);
    if (head === undefined) return failed("corrupt");
    this.#phase = { is: "column", column: new Column(bits, head, this.#space), stored };
    return head.work;
  }

  #endBlock(checksum: number, stored: number, worked: number): number | Unpacked {
    if (checksum !== stored) return failed("corrupt");
    this.#combined = (((this.#combined << 1) | (this.#combined >>> 31)) ^ stored) >>> 0;
    this.#phase = { is: "head" };
    return worked;
  }
}

/** All at once. */
export function decompressBz2(bytes: Uint8Array, limit: number): Result<Uint8Array, "corrupt" | "too-big"> {
  const unpacking = new Bz2Unpacking(bytes, limit);
  for (;;) {
    const end = unpacking.work(Number.MAX_SAFE_INTEGER);
    if (end !== undefined) return end;
  }
}

/** The text in order: from each row of the sorted rotations to the row of the rotation by one byte. */
class Rows {
  readonly block: Block;
  readonly next: Uint32Array;
  readonly #starts: Uint32Array;
  #row = 0;

  constructor(block: Block) {
    const starts = new Uint32Array(256);
    let before = 0;
    for (let byte = 0; byte < 256; byte++) {
      starts[byte] = before;
      before += block.counts[byte] ?? 0;
    }
    this.block = block;
    this.next = new Uint32Array(block.column.length);
    this.#starts = starts;
  }

  get ready(): boolean {
    return this.#row === this.next.length;
  }

  work(most: number): number {
    const { column } = this.block;
    const next = this.next;
    const starts = this.#starts;
    const from = this.#row;
    const end = Math.min(column.length, from + most);
    for (let row = from; row < end; row++) {
      const byte = column[row] ?? 0;
      const place = starts[byte] ?? 0;
      next[place] = row;
      starts[byte] = place + 1;
    }
    this.#row = end;
    return end - from;
  }
}

/** The block's text: after four equal bytes comes the number of further ones. */
class Text {
  readonly #column: Uint8Array;
  readonly #next: Uint32Array;
  readonly #output: Output;
  #row: number;
  #read = 0;
  #previous = -1;
  #equal = 0;
  #crc = 0xffffffff;

  constructor(rows: Rows, output: Output) {
    this.#column = rows.block.column;
    this.#next = rows.next;
    this.#row = rows.block.origin;
    this.#output = output;
  }

  get ready(): boolean {
    return this.#read === this.#column.length;
  }

  get checksum(): number {
    return ~this.#crc >>> 0;
  }

  /** Undefined when the output is full. A count writes up to 255 bytes. */
  work(most: number): number | undefined {
    const output = this.#output;
    const before = output.length;
    const from = this.#read;
    const end = Math.min(this.#column.length, from + most);
    while (this.#read < end && output.length - before < most) if (!this.#some(end)) return undefined;
    this.#crc = crc32(this.#crc, output.bytes(before));
    return Math.max(this.#read - from, output.length - before);
  }

  /** Up to the next count. False when the output is full. */
  #some(end: number): boolean {
    const column = this.#column;
    const next = this.#next;
    const output = this.#output;
    let row = this.#row;
    let previous = this.#previous;
    let equal = this.#equal;
    let at = this.#read;
    let length = output.length;
    let fits = true;
    const space = output.room(end - at);
    const most = Math.min(output.limit, space.length);
    while (at < end) {
      row = next[row] ?? 0;
      const byte = column[row] ?? 0;
      at++;
      if (equal === 4) {
        output.length = length;
        fits = output.repeat(previous, byte);
        length = output.length;
        equal = 0;
        previous = -1;
        break;
      }
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
      if (length >= most) {
        fits = false;
        break;
      }
      space[length++] = byte;
    }
    output.length = length;
    this.#row = row;
    this.#previous = previous;
    this.#equal = equal;
    this.#read = at;
    return fits;
  }
}

/** Grows by doubling, up to its limit. */
class Output {
  readonly limit: number;
  #bytes = new Uint8Array(4096);
  length = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** All bytes, with room for so many more, as far as the limit allows; a later call may make them anew. */
  room(more: number): Uint8Array {
    const needed = Math.min(this.limit, this.length + more);
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, needed));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  repeat(byte: number, times: number): boolean {
    const end = this.length + times;
    if (end > this.limit) return false;
    this.room(times).fill(byte, this.length, end);
    this.length = end;
    return true;
  }

  bytes(from: number): Uint8Array {
    return this.#bytes.subarray(from, this.length);
  }
}
