/**
 * Writes bzip2 streams of level 1, the level that the original uses (blocks of 100,000 bytes).
 *
 * Four steps, each undone by `bz2.ts`: runs of equal bytes are shortened, the block is sorted by its rotations, what is left is numbered by
 * how recently it occurred, and the numbers are written with the shortest codes. Up to six code tables are tried against
 * each stretch of 50 numbers; a table is then made anew from the stretches that chose it.
 *
 * Source: the public format description ("BZIP2: Format Specification", J. Tsai, 2016).
 */
import { crc32 } from "../crc32.ts";
import { BitWriter } from "./bit-writer.ts";
import { canonicalCodes, codeLengths } from "./huffman.ts";
import { sortRotations } from "./rotations.ts";

/** What decoders accept is 20; the reference program stays below this. */
const longestCode = 17;
const symbolsPerSelector = 50;
/** More rounds change next to nothing. */
const refinements = 3;
/** Block size of level 1, with the room that the format keeps free. */
const blockMax = 100_000 - 19;
/** A run is cut here: four bytes and a count of up to 251. */
const runMax = 255;

export function compressBz2(bytes: Uint8Array): Uint8Array {
  const bits = new BitWriter();
  bits.write(0x425a68, 24); // "BZh"
  bits.write(0x31, 8); // level 1
  let combined = 0;
  for (let from = 0; from < bytes.length; ) {
    const { block, end } = shortenRuns(bytes, from);
    const checksum = ~crc32(0xffffffff, bytes.subarray(from, end)) >>> 0;
    combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
    bits.write(0x314159, 24); // pi
    bits.write(0x265359, 24);
    bits.write32(checksum);
    writeBlock(bits, block);
    from = end;
  }
  bits.write(0x177245, 24); // its square root
  bits.write(0x385090, 24);
  bits.write32(combined);
  return bits.finish();
}

/** As much of the text from `from` on as fits one block; of a run of equal bytes four and the number of further ones. */
function shortenRuns(bytes: Uint8Array, from: number): { readonly block: Uint8Array; readonly end: number } {
  const block = new Uint8Array(Math.min(blockMax, Math.ceil((bytes.length - from) * 1.25) + 5));
  let size = 0;
  let at = from;
  while (at < bytes.length && size + 5 <= block.length) {
    const byte = bytes[at] ?? 0;
    let run = 1;
    while (run < runMax && bytes[at + run] === byte) run++;
    at += run;
    for (let i = 0; i < Math.min(run, 4); i++) block[size++] = byte;
    if (run >= 4) block[size++] = run - 4;
  }
  return { block: block.subarray(0, size), end: at };
}

function writeBlock(bits: BitWriter, block: Uint8Array): void {
  const order = sortRotations(block);
  bits.write(0, 1); // not randomised
  bits.write(order.indexOf(0), 24);
  const alphabet = writeAlphabet(bits, block);
  const symbols = recencies(block, order, alphabet);
  writeSymbols(bits, symbols, alphabet.length + 2);
}

/** The byte values that occur: a map of sixteen ranges, then one of sixteen values for each range in use. */
function writeAlphabet(bits: BitWriter, block: Uint8Array): Uint8Array {
  const used = new Uint8Array(256);
  for (const byte of block) used[byte] = 1;
  const ranges = Array.from({ length: 16 }, (_, range) => {
    let map = 0;
    for (let i = 0; i < 16; i++) map = (map << 1) | (used[16 * range + i] ?? 0);
    return map;
  });
  bits.write(
    ranges.reduce((map, range) => (map << 1) | (range > 0 ? 1 : 0), 0),
    16,
  );
  for (const range of ranges) if (range > 0) bits.write(range, 16);
  return Uint8Array.from(used.keys()).filter((byte) => used[byte] === 1);
}

/**
 * The last column of the sorted rotations as positions in a list of recent bytes. Runs of the front byte become a number in base 2 with
 * the digits 1 and 2 (symbols 0 and 1), lowest first; the end has a symbol of its own.
 */
function recencies(block: Uint8Array, order: Uint32Array, alphabet: Uint8Array): Uint16Array {
  const symbols = new Uint16Array(block.length + 1);
  const recent = alphabet.slice();
  let size = 0;
  let run = 0;
  const endRun = (): void => {
    for (; run > 0; run = (run - 1) >> 1) symbols[size++] = (run - 1) & 1;
  };
  for (const row of order) {
    const byte = block[row === 0 ? block.length - 1 : row - 1] ?? 0;
    let before = recent[0] ?? 0;
    if (before === byte) {
      run++;
      continue;
    }
    endRun();
    let position = 0;
    for (recent[0] = byte; before !== byte; ) {
      const here = recent[++position] ?? byte;
      recent[position] = before;
      before = here;
    }
    symbols[size++] = position + 1;
  }
  endRun();
  symbols[size++] = alphabet.length + 1;
  return symbols.subarray(0, size);
}

function writeSymbols(bits: BitWriter, symbols: Uint16Array, alphabetSize: number): void {
  const { tables, selectors } = chooseTables(symbols, alphabetSize);
  bits.write(tables.length, 3);
  bits.write(selectors.length, 15);
  writeSelectors(bits, selectors, tables.length);
  for (const lengths of tables) writeCodeTable(bits, lengths);
  const codes = tables.map(canonicalCodes);
  for (let at = 0; at < symbols.length; at++) {
    const selector = selectors[Math.floor(at / symbolsPerSelector)] ?? 0;
    const symbol = symbols[at] ?? 0;
    bits.write(codes[selector]?.[symbol] ?? 0, tables[selector]?.[symbol] ?? 0);
  }
}

/** Which table comes when: positions in a move-to-front list, in unary. */
function writeSelectors(bits: BitWriter, selectors: Uint8Array, tableCount: number): void {
  const recent = Array.from({ length: tableCount }, (_, i) => i);
  for (const selector of selectors) {
    const position = recent.indexOf(selector);
    recent.splice(position, 1);
    recent.unshift(selector);
    for (let i = 0; i < position; i++) bits.write(1, 1);
    bits.write(0, 1);
  }
}

/** Code lengths, each as a walk up and down from the one before. */
function writeCodeTable(bits: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0] ?? 1;
  bits.write(current, 5);
  for (const length of lengths) {
    for (; current < length; current++) bits.write(0b10, 2);
    for (; current > length; current--) bits.write(0b11, 2);
    bits.write(0, 1);
  }
}

interface Tables {
  /** Code lengths by symbol. */
  readonly tables: readonly Uint8Array[];
  /** The table of each stretch. */
  readonly selectors: Uint8Array;
}

function chooseTables(symbols: Uint16Array, alphabetSize: number): Tables {
  const selectors = new Uint8Array(Math.ceil(symbols.length / symbolsPerSelector));
  const count = tableCount(symbols.length);
  let tables = firstTables(symbols, alphabetSize, count);
  for (let round = 0; round < refinements; round++) {
    const frequencies = tables.map(() => new Uint32Array(alphabetSize));
    for (let i = 0; i < selectors.length; i++) {
      const from = i * symbolsPerSelector;
      const end = Math.min(symbols.length, from + symbolsPerSelector);
      const selector = cheapest(symbols, from, end, tables);
      selectors[i] = selector;
      const counts = frequencies[selector];
      if (counts !== undefined) for (let at = from; at < end; at++) bump(counts, symbols[at] ?? 0);
    }
    tables = frequencies.map((each) => codeLengths(each, longestCode));
  }
  return { tables, selectors };
}

/** A table costs some hundred bits: few symbols do not pay for many. */
const tableCount = (symbols: number): number =>
  symbols < 200 ? 2 : symbols < 600 ? 3 : symbols < 1200 ? 4 : symbols < 2400 ? 5 : 6;

/** To begin with, each table likes one range of symbols, all ranges being about equally frequent. */
function firstTables(symbols: Uint16Array, alphabetSize: number, count: number): Uint8Array[] {
  const frequencies = new Uint32Array(alphabetSize);
  for (const symbol of symbols) frequencies[symbol] = (frequencies[symbol] ?? 0) + 1;
  const tables = Array.from({ length: count }, () => new Uint8Array(alphabetSize).fill(15));
  let seen = 0;
  for (let symbol = 0; symbol < alphabetSize; symbol++) {
    const table = tables[Math.min(count - 1, Math.floor((seen * count) / symbols.length))];
    if (table !== undefined) table[symbol] = 1;
    seen += frequencies[symbol] ?? 0;
  }
  return tables;
}

function cheapest(symbols: Uint16Array, from: number, end: number, tables: readonly Uint8Array[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tables.length; i++) {
    const lengths = tables[i];
    let cost = 0;
    if (lengths !== undefined) for (let at = from; at < end; at++) cost += lengths[symbols[at] ?? 0] ?? 0;
    if (cost >= least) continue;
    best = i;
    least = cost;
  }
  return best;
}

function bump(counts: Uint32Array, i: number): void {
  counts[i] = (counts[i] ?? 0) + 1;
}
