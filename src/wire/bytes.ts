/**
 * Bytes as text and back, without copies where that is safe.
 *
 * Messages hold strings as latin1 text: one character is one byte, so `length` counts bytes and nothing is lost. All
 * conversions of this layer go through here.
 */

/** A view of the same memory with Node's fast search and text conversion. */
export const viewOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
export const textOf = (bytes: Uint8Array): string => viewOf(bytes).toString("latin1");

/** A copy that does not keep the datagram it was cut from alive, nor changes with it. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

export const base64Of = (bytes: Uint8Array): string => viewOf(bytes).toString("base64");

/** Undefined unless `text` is exactly what an encoder writes: standard alphabet, padded, no stray bits. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? copyOf(bytes, 0, bytes.length) : undefined;
}

/**
 * Whether the text can be a string value: one byte a character, and no NUL, which would end it early in C. Neither question looks at
 * each character in V8, which searches for a byte in long strides and knows of a text whether all of it is latin1.
 */
export const isWireText = (text: string): boolean => !text.includes("\0") && !/[\u0100-\uffff]/.test(text);
