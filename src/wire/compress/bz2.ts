/**
 * Reads bzip2 streams; `bz2-encode.ts` writes them.
 *
 * A peer may be configured with `compression bz2`, and Node has no such codec. A block holds up to 900,000 bytes that
 * went through four reversible steps, undone here in reverse order: canonical Huffman codes, move-to-front with run
 * lengths, the Burrows-Wheeler transform, and run lengths once more. Checksums cover each block and the whole.
 *
 * Every step does work in proportion to its output, a block never grows beyond the size that the stream announced, and
 * the output never beyond the caller's limit: a hostile stream costs what an honest one of that size does.
 *
 * Source: the public format description ("BZIP2: Format Specification", J. Tsai, 2016).
 * Deviations: the randomised blocks of version 0.9.0 and older are refused; bytes behind the first stream are ignored.
 */
import { failed, ok, type Result } from "../../base/result.ts";
import { crc32 } from "../crc32.ts";
import { BitReader } from "./bits.ts";
import { compressBz2 } from "./bz2-encode.ts";
import type { Codec } from "./codec.ts";

export const bz2: Codec = {
  name: "bz2",
  decompress,
  compress(bytes, limit) {
    const compressed = compressBz2(bytes);
    return compressed.length > limit ? undefined : compressed;
  },
};

const signature = 0x425a68; // "BZh"
const blockMagic = [0x314159, 0x265359] as const; // pi
const endMagic = [0x177245, 0x385090] as const; // its square root
const longestCode = 20;
/** Each selector says which code table the next 50 symbols use. */
const symbolsPerSelector = 50;

function decompress(bytes: Uint8Array, limit: number): Result<Uint8Array, "corrupt" | "too-big"> {
  const bits = new BitReader(bytes);
  if (bits.read(24) !== signature) return failed("corrupt");
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) return failed("corrupt");
  const output = new Output(limit);
  const column = new Uint8Array(level * 100_000);
  for (let combined = 0; ; ) {
    const high = bits.read(24);
    const low = bits.read(24);
    const stored = bits.read32();
    if (high === endMagic[0] && low === endMagic[1])
      return stored === combined && !bits.overrun ? ok(output.bytes(0)) : failed("corrupt");
    if (high !== blockMagic[0] || low !== blockMagic[1]) return failed("corrupt");
    const block = readBlock(bits, column);
    if (block === undefined || bits.overrun) return failed("corrupt");
    const before = output.length;
    if (!expandRuns(block, output)) return failed("too-big");
    if (~crc32(0xffffffff, output.bytes(before)) >>> 0 !== stored) return failed("corrupt");
    combined = (((combined << 1) | (combined >>> 31)) ^ stored) >>> 0;
  }
}

/** The last column of the sorted rotations, and the row of the text itself. */
interface Block {
  readonly column: Uint8Array;
  readonly origin: number;
}

/** Writes the column into `space`, which blocks of one stream share. */
function readBlock(bits: BitReader, space: Uint8Array): Block | undefined {
  const randomised = bits.read(1);
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const tableCount = bits.read(3);
  if (randomised !== 0 || alphabet.length === 0 || tableCount < 2 || tableCount > 6) return undefined;
  const selectors = readSelectors(bits, tableCount);
  if (selectors === undefined) return undefined;
  const tables: CodeTable[] = [];
  for (let i = 0; i < tableCount; i++) {
    // Two run symbols, one end symbol, and every byte value but the one at the front.
    const table = readCodeTable(bits, alphabet.length + 2);
    if (table === undefined) return undefined;
    tables.push(table);
  }
  const column = readColumn(bits, alphabet, selectors, tables, space);
  return column === undefined || origin >= column.length ? undefined : { column, origin };
}

/** The byte values that occur: a map of sixteen ranges, then one of sixteen values for each range in use. */
function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const values: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >>> range)) === 0) continue;
    const used = bits.read(16);
    for (let i = 0; i < 16; i++) if ((used & (0x8000 >>> i)) !== 0) values.push(16 * range + i);
  }
  return Uint8Array.from(values);
}

/** Which table comes when: positions in a move-to-front list, in unary. */
function readSelectors(bits: BitReader, tableCount: number): Uint8Array | undefined {
  const count = bits.read(15);
  if (count === 0) return undefined;
  const selectors = new Uint8Array(count);
  const recent = Uint8Array.from({ length: tableCount }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    let position = 0;
    while (bits.read(1) === 1) if (++position >= tableCount) return undefined;
    selectors[i] = toFront(recent, position);
  }
  return selectors;
}

/** Moves the item to the front and returns it. */
function toFront(list: Uint8Array, position: number): number {
  const item = list[position] ?? 0;
  list.copyWithin(1, 0, position);
  list[0] = item;
  return item;
}

/** A canonical code: how many codes each length has, and the symbols in the order of their codes. */
interface CodeTable {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/** Code lengths, each as a walk up and down from the one before. */
function readCodeTable(bits: BitReader, symbolCount: number): CodeTable | undefined {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) return undefined;
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const counts = new Uint16Array(longestCode + 1);
  for (const each of lengths) counts[each] = (counts[each] ?? 0) + 1;
  const symbols = Uint16Array.from(lengths.keys()).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  return { counts, symbols };
}

/** The next symbol, -1 when no code of the table matches. */
function readSymbol(bits: BitReader, { counts, symbols }: CodeTable): number {
  let code = 0;
  let firstCode = 0;
  let firstIndex = 0;
  for (let length = 1; length <= longestCode; length++) {
    code = (code << 1) | bits.read(1);
    const count = counts[length] ?? 0;
    if (code - firstCode < count) return symbols[firstIndex + code - firstCode] ?? -1;
    firstIndex += count;
    firstCode = (firstCode + count) << 1;
  }
  return -1;
}

function readColumn(
  bits: BitReader,
  alphabet: Uint8Array,
  selectors: Uint8Array,
  tables: readonly CodeTable[],
  column: Uint8Array,
): Uint8Array | undefined {
  const sizeMax = column.length;
  const recent = alphabet.slice();
  const endSymbol = alphabet.length + 1;
  let size = 0;
  let run = 0;
  let runDigit = 1;
  for (const selector of selectors) {
    const table = tables[selector];
    if (table === undefined || bits.overrun) return undefined;
    for (let i = 0; i < symbolsPerSelector; i++) {
      const symbol = readSymbol(bits, table);
      if (symbol < 0) return undefined;
      if (symbol <= 1) {
        // A run of the front byte; its length in base 2 with the digits 1 and 2, lowest first.
        run += (symbol + 1) * runDigit;
        runDigit *= 2;
        if (run > sizeMax) return undefined;
        continue;
      }
      if (size + run > sizeMax) return undefined;
      column.fill(recent[0] ?? 0, size, size + run);
      size += run;
      run = 0;
      runDigit = 1;
      if (symbol === endSymbol) return column.subarray(0, size);
      if (size === sizeMax) return undefined;
      column[size++] = toFront(recent, symbol - 1);
    }
  }
  return undefined;
}

/** The text in order: from each row of the sorted rotations to the row of the rotation by one byte. */
function rowOrder(column: Uint8Array): Uint32Array {
  const starts = new Uint32Array(257);
  for (const byte of column) starts[byte + 1] = (starts[byte + 1] ?? 0) + 1;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] ?? 0) + (starts[byte] ?? 0);
  const next = new Uint32Array(column.length);
  for (let row = 0; row < column.length; row++) {
    const byte = column[row] ?? 0;
    const place = starts[byte] ?? 0;
    next[place] = row;
    starts[byte] = place + 1;
  }
  return next;
}

/** Writes the block's text: after four equal bytes comes the number of further ones. False when the output is full. */
function expandRuns({ column, origin }: Block, output: Output): boolean {
  const next = rowOrder(column);
  let row = origin;
  let previous = -1;
  let equal = 0;
  for (let i = 0; i < column.length; i++) {
    row = next[row] ?? 0;
    const byte = column[row] ?? 0;
    if (equal === 4) {
      if (!output.add(previous, byte)) return false;
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    if (!output.add(byte, 1)) return false;
  }
  return true;
}

/** Grows by doubling, up to its limit. */
class Output {
  readonly #limit: number;
  #bytes = new Uint8Array(4096);
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(byte: number, times: number): boolean {
    const end = this.length + times;
    if (end > this.#limit) return false;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (times === 1) this.#bytes[this.length] = byte;
    else this.#bytes.fill(byte, this.length, end);
    this.length = end;
    return true;
  }

  bytes(from: number): Uint8Array {
    return this.#bytes.subarray(from, this.length);
  }
}
