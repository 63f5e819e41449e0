/**
 * Node identities: their text form, and the one that `uuidfrom nodename` computes from a node's name.
 *
 * Every node of a cluster must compute the same one, so this follows the original to the bit: a hash of the name seeds the
 * random number generator of the GNU C library, whose first 32 numbers give a hexadecimal digit each.
 *
 * Source: docs/reference/wire-protocol.md, section 8.1.
 */

/** The 36 characters of the usual text form. */
export function uuidText(uuid: Uint8Array): string {
  const hex = Array.from(uuid.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The 16 bytes of that form; undefined: it is none. */
export function uuidFromText(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const hex = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** The 16 bytes; `name` as on the wire, in lower case. */
export function uuidFromName(name: string): Uint8Array {
  const random = glibcRandom(hashOf(name));
  return Uint8Array.from({ length: 16 }, () => ((random() % 16) << 4) | (random() % 16));
}

function hashOf(name: string): number {
  let hash = 0;
  // The first character's own code is the start, which is what 0 * 31 + code gives, too.
  for (const character of name) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash;
}

/** `rand()` after `srand(seed)`: an additive feedback generator over 31 numbers, warmed up. */
function glibcRandom(seed: number): () => number {
  const numbers: number[] = [seed === 0 ? 1 : seed | 0];
  const at = (index: number): number => numbers[index] ?? 0;
  for (let i = 1; i < 31; i++) {
    const previous = at(i - 1);
    const high = Math.trunc(previous / 127_773);
    const next = 16_807 * (previous - 127_773 * high) - 2836 * high;
    numbers.push(next < 0 ? next + 2_147_483_647 : next);
  }
  for (let i = 31; i < 34; i++) numbers.push(at(i - 31));
  const grow = (): number => {
    numbers.push((at(numbers.length - 31) + at(numbers.length - 3)) >>> 0);
    return at(numbers.length - 1);
  };
  while (numbers.length < 344) grow(); // what the library throws away
  return () => grow() >>> 1;
}
