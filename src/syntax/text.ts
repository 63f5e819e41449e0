/**
 * Configuration text is bytes, and stays so: one character of a value is one byte of the file (latin1), because node names and
 * parameters travel over the wire as bytes and need not be valid UTF-8. What people read, and what the system is given as a
 * path or an argument, is decoded here.
 */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that these bytes spell in UTF-8, or the bytes as they are where they spell nothing. */
export function osText(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes;
  }
}

/** True if the bytes are well-formed UTF-8. */
export function isUtf8(bytes: string): boolean {
  if (isAscii(bytes)) return true;
  try {
    utf8.decode(Buffer.from(bytes, "latin1"));
    return true;
  } catch {
    return false;
  }
}

export const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
};

/** Longer pieces of a file are cut in messages: a line of rubbish must not become a page of rubbish. */
const shownMax = 200;

/** A piece of the file as it may stand in a message: decoded, cut, and without characters that steer a terminal. */
export function shown(bytes: string): string {
  const cut = bytes.slice(0, shownMax);
  if (cut === bytes && /^[\x20-\x7e]*$/.test(bytes)) return bytes;
  const text = isUtf8(cut) ? osText(cut) : cut.replace(/[\x80-\xff]/g, escaped);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not get through
  const visible = text.replace(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, escaped);
  return visible + (bytes.length > shownMax ? "..." : "");
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** ASCII only, as the original folds node names: bytes beyond are left alone, whatever the locale. */
export const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
