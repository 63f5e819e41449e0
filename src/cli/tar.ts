/**
 * A tar archive of texts in memory, compressed. Ours, because it is forty lines and the report must work where nothing is installed.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format".
 */
import { gzipSync } from "node:zlib";

const block = 512;

export interface ArchivedFile {
  /** At most 100 bytes. */
  readonly name: string;
  readonly content: Uint8Array;
}

export function archive(files: readonly ArchivedFile[], seconds: number): Uint8Array {
  const parts = files.flatMap(({ name, content }) => [
    header(name, content.length, seconds),
    content,
    new Uint8Array((block - (content.length % block)) % block),
  ]);
  return gzipSync(Buffer.concat([...parts, new Uint8Array(2 * block)]));
}

function header(name: string, size: number, seconds: number): Uint8Array {
  const bytes = new Uint8Array(block);
  const put = (offset: number, text: string): void => {
    bytes.set(Buffer.from(text, "utf8"), offset);
  };
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  put(0, Buffer.from(name, "utf8").subarray(0, 100).toString("utf8"));
  put(100, `${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`);
  put(124, `${octal(size, 11)}\0${octal(seconds, 11)}\0`);
  put(148, "        "); // the sum counts its own field as blanks
  put(156, "0");
  put(257, "ustar\x0000");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return bytes;
}
