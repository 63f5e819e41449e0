/**
 * Numbers as the wire writes them: bare digits, hexadecimal or decimal as each field has it. Signs, blanks, prefixes,
 * emptiness and what JavaScript cannot count exactly (above 2^53 - 1) are no numbers.
 *
 * Source: docs/reference/wire-protocol.md, sections 1 (point 3) and 7.
 */
export function parseHex(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9a-f]{1,14}$/i.test(text) ? safe(Number.parseInt(text, 16)) : undefined;
}

export function parseDecimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? safe(Number(text)) : undefined;
}

const safe = (number: number): number | undefined => (Number.isSafeInteger(number) ? number : undefined);

/** Lower case, no prefix, no leading zeros. */
export const hex = (number: number): string => number.toString(16);
