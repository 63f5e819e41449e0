/** The first half of reading a bzip2 block: from bits to the last column of the sorted rotations. See `bz2-decode.ts`. */
import type { BitReader } from "./bits.ts";

const longestCode = 20;
/** Steps of move-to-front that cost what a byte costs otherwise. */
const movesPerByte = 16;
/** Each selector says which code table the next 50 symbols use. */
const symbolsPerSelector = 50;

/** The last column of the sorted rotations, how often each byte occurs there, and the row of the text itself. */
export interface Block {
  readonly column: Uint8Array;
  readonly counts: Uint32Array;
  readonly origin: number;
}

export interface BlockHead {
  readonly origin: number;
  /** The byte values that occur. */
  readonly alphabet: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly CodeTable[];
  /** What it cost to read, in portions of work. */
  readonly work: number;
}

/** A canonical code. Of each length: the first code that is longer, filled up to the longest length, and what to add for the symbol's place. */
interface CodeTable {
  readonly shortest: number;
  readonly limits: Uint32Array;
  readonly offsets: Int32Array;
  readonly symbols: Uint16Array;
}

export function readBlockHead(bits: BitReader): BlockHead | undefined {
  const randomised = bits.read(1);
  const origin = bits.read24();
  const alphabet = readAlphabet(bits);
  const tableCount = bits.read(3);
  if (randomised !== 0 || alphabet.length === 0 || tableCount < 2 || tableCount > 6) return undefined;
  const selectors = readSelectors(bits, tableCount);
  if (selectors === undefined) return undefined;
  const tables: CodeTable[] = [];
  for (let i = 0; i < tableCount; i++) {
    // Two run symbols, one end symbol, and every byte value but the one at the front.
    const table = readCodeTable(bits, alphabet.length + 2);
    if (table === undefined || bits.overrun) return undefined;
    tables.push(table);
  }
  return { origin, alphabet, selectors, tables, work: selectors.length + 8 * tableCount * alphabet.length };
}

/** A map of sixteen ranges, then one of sixteen values for each range in use. */
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
  for (let i = position; i > 0; i--) list[i] = list[i - 1] ?? 0; // a call of copyWithin costs more than most of these moves
  list[0] = item;
  return item;
}

/** Code lengths, each as a walk up and down from the one before. */
function readCodeTable(bits: BitReader, symbolCount: number): CodeTable | undefined {
  const lengths = new Uint8Array(symbolCount);
  const counts = new Uint16Array(longestCode + 1);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) return undefined;
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
    counts[length] = (counts[length] ?? 0) + 1;
  }
  return codeTable(lengths, counts);
}

/** Codes of one length follow each other in the order of symbols; those of the next length begin where they end. */
function codeTable(lengths: Uint8Array, counts: Uint16Array): CodeTable {
  const limits = new Uint32Array(longestCode + 1);
  const offsets = new Int32Array(longestCode + 1);
  const places = new Uint16Array(longestCode + 1);
  let code = 0;
  let place = 0;
  let shortest = 0;
  for (let length = 1; length <= longestCode; length++) {
    const count = counts[length] ?? 0;
    if (shortest === 0 && count > 0) shortest = length;
    places[length] = place;
    offsets[length] = place - code;
    code += count;
    place += count;
    limits[length] = code << (longestCode - length);
    code <<= 1;
  }
  const symbols = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    const at = places[length] ?? 0;
    symbols[at] = symbol;
    places[length] = at + 1;
  }
  return { shortest, limits, offsets, symbols };
}

/** Undoes codes, run lengths and move-to-front, a few selectors at a time. */
export class Column {
  readonly #bits: BitReader;
  readonly #head: BlockHead;
  readonly #space: Uint8Array;
  readonly #recent: Uint8Array;
  readonly #counts = new Uint32Array(256);
  #selector = 0;
  #size = 0;
  #run = 0;
  #runDigit = 1;
  /** Steps of move-to-front: with random bytes they are what takes long. */
  #moves = 0;
  #done = false;

  /** Writes into `space`, which blocks of one stream share. */
  constructor(bits: BitReader, head: BlockHead, space: Uint8Array) {
    this.#bits = bits;
    this.#head = head;
    this.#space = space;
    this.#recent = head.alphabet.slice();
  }

  get result(): Block | undefined {
    if (!this.#done) return undefined;
    return { column: this.#space.subarray(0, this.#size), counts: this.#counts, origin: this.#head.origin };
  }

  /** How much was worked. Undefined: corrupt. */
  work(most: number): number | undefined {
    const { selectors, tables, origin } = this.#head;
    let worked = 0;
    this.#moves = 0;
    while (worked + this.#moves / movesPerByte < most && !this.#done) {
      const table = tables[selectors[this.#selector++] ?? -1];
      if (table === undefined || this.#bits.overrun || !this.#stretch(table)) return undefined;
      worked += symbolsPerSelector;
    }
    return this.#done && origin >= this.#size ? undefined : Math.ceil(worked + this.#moves / movesPerByte);
  }

  #stretch({ shortest, limits, offsets, symbols }: CodeTable): boolean {
    const bits = this.#bits;
    const endSymbol = this.#head.alphabet.length + 1;
    for (let i = 0; i < symbolsPerSelector; i++) {
      const next = bits.peek(longestCode);
      let length = shortest;
      while (next >= (limits[length] ?? 0)) if (++length > longestCode) return false;
      bits.skip(length);
      const symbol = symbols[(next >>> (longestCode - length)) + (offsets[length] ?? 0)] ?? 0;
      if (symbol <= 1) {
        // A run of the front byte; its length in base 2 with the digits 1 and 2, lowest first.
        this.#run += (symbol + 1) * this.#runDigit;
        this.#runDigit *= 2;
        if (this.#run > this.#space.length) return false;
        continue;
      }
      if (this.#run > 0 && !this.#endRun()) return false;
      if (symbol === endSymbol) {
        this.#done = true;
        return true;
      }
      if (this.#size === this.#space.length) return false;
      const byte = toFront(this.#recent, symbol - 1);
      this.#moves += symbol;
      this.#space[this.#size++] = byte;
      this.#counts[byte] = (this.#counts[byte] ?? 0) + 1;
    }
    return true;
  }

  #endRun(): boolean {
    const end = this.#size + this.#run;
    if (end > this.#space.length) return false;
    const byte = this.#recent[0] ?? 0;
    this.#space.fill(byte, this.#size, end);
    this.#counts[byte] = (this.#counts[byte] ?? 0) + this.#run;
    this.#size = end;
    this.#run = 0;
    this.#runDigit = 1;
    return true;
  }
}
