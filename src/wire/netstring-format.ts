/**
 * The length-counted framing, which carries every message on UDP and ICMP.
 *
 *     "###\n"  (LEN ":" "(" T ")" NAME "=" VALUE ",")*  "%%%\n"
 *
 * Nothing is escaped, because lengths rule: a value may hold any byte, even the end marker. The signature that follows
 * on the network is the business of `framing.ts`.
 *
 * Source: docs/reference/wire-protocol.md, section 3.
 * Deviations: a length is digits and then a colon, nothing between; a field without its `(T)` is refused (the original
 * aborts); a string value with a NUL is refused.
 */
import { failed, ok, type Result } from "../base/result.ts";
import { bytesOf, copyOf, isWireText, textOf, viewOf } from "./bytes.ts";
import { type EncodeFault, FieldCollector, isFieldName, packList, type Room, unpackList } from "./field-rules.ts";
import { fieldsMax, nestingMax, packedListMax } from "./limits.ts";
import type { Field, Message } from "./message.ts";

const start = "###\n";
const end = "%%%\n";
const comma = 0x2c;
const colon = 0x3a;
const equals = 0x3d;
const percent = 0x25;
/** `(T)` and the shortest name with its `=`. */
const shortestBody = 5;

export function encodeNetstring(message: Message): Result<Uint8Array, EncodeFault> {
  const text = netstringText(message, 0);
  return text.ok ? ok(bytesOf(text.value)) : text;
}

/** The message as latin1 text; `depth` counts the messages around it. */
export function netstringText(message: Message, depth: number): Result<string, EncodeFault> {
  if (depth > nestingMax) return failed("too-deep");
  let text = start;
  for (const field of message) {
    if (!isFieldName(field.name)) return failed("bad-name");
    const value = valueText(field, depth);
    if (!value.ok) return value;
    // 4 counts "(T)" and "=".
    text += `${field.name.length + value.value.length + 4}:(${typeDigit[field.type]})${field.name}=${value.value},`;
  }
  return ok(text + end);
}

const typeDigit = { string: 0, binary: 1, struct: 2, list: 3, compressed: 4, uncompressed: 5 } as const;

function valueText(field: Field, depth: number): Result<string, EncodeFault> {
  switch (field.type) {
    case "string":
      return isWireText(field.value) ? ok(field.value) : failed("bad-value");
    case "binary":
    case "compressed":
      return ok(textOf(field.value));
    case "struct":
    case "uncompressed":
      return netstringText(field.value, depth + 1);
    case "list": {
      const packed = packList(field.value);
      return packed.length < packedListMax && isWireText(packed) ? ok(packed) : failed("bad-value");
    }
  }
}

/** Whether the bytes start like this framing. */
export const isNetstring = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x23 && bytes[1] === 0x23 && bytes[2] === 0x23 && bytes[3] === 0x0a;

/**
 * Where the message that starts at `from` ends (behind its end marker); undefined when it does not. Looks at lengths
 * only: cheap enough to do before the signature is known to be good.
 */
export function netstringEnd(bytes: Uint8Array, from: number): number | undefined {
  let at = from + start.length;
  while (at < bytes.length) {
    if (bytes[at] === percent) return isEnd(bytes, at) ? at + end.length : undefined;
    const body = bodyStart(bytes, at);
    if (body === 0) return undefined;
    at = body + lengthAt(bytes, at, body) + 1;
    if (bytes[at - 1] !== comma) return undefined;
  }
  return undefined;
}

const isEnd = (bytes: Uint8Array, at: number): boolean =>
  bytes[at + 1] === percent && bytes[at + 2] === percent && bytes[at + 3] === 0x0a;

/** The offset behind `LEN:`, 0 when there is no such thing. */
function bodyStart(bytes: Uint8Array, at: number): number {
  for (let i = at; i < at + 8; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === colon) return i === at ? 0 : i + 1;
    if (byte < 0x30 || byte > 0x39) return 0;
  }
  return 0;
}

function lengthAt(bytes: Uint8Array, at: number, body: number): number {
  let length = 0;
  for (let i = at; i < body - 1; i++) length = length * 10 + (bytes[i] ?? 0) - 0x30;
  return length;
}

/** Decodes the message at the start of the bytes; what follows its end marker is ignored. Undefined when malformed. */
export function decodeNetstring(bytes: Uint8Array): Message | undefined {
  return isNetstring(bytes) ? decodeAt(viewOf(bytes), 0, bytes.length, 0, { left: fieldsMax }) : undefined;
}

function decodeAt(bytes: Buffer, from: number, limit: number, depth: number, room: Room): Message | undefined {
  if (depth > nestingMax) return undefined;
  const fields = new FieldCollector(room);
  let at = from + start.length;
  while (at < limit) {
    if (bytes[at] === percent) return isEnd(bytes, at) && at + end.length <= limit ? fields.fields : undefined;
    const body = bodyStart(bytes, at);
    if (body === 0) return undefined;
    const behind = body + lengthAt(bytes, at, body);
    if (behind >= limit || bytes[behind] !== comma) return undefined;
    if (!decodeField(bytes, body, behind, depth, fields)) return undefined;
    at = behind + 1;
  }
  return undefined;
}

/** One field between `from` and `limit`, without its length and comma. */
function decodeField(bytes: Buffer, from: number, limit: number, depth: number, into: FieldCollector): boolean {
  if (limit - from < shortestBody || bytes[from] !== 0x28 || bytes[from + 2] !== 0x29) return false;
  const nameStart = from + 3;
  let value = nameStart;
  while (value < limit && bytes[value] !== equals) value++;
  if (value === limit) return false;
  const name = bytes.toString("latin1", nameStart, value++);
  if (!isFieldName(name)) return false;
  switch ((bytes[from + 1] ?? 0) - 0x30) {
    case 0: {
      const text = bytes.toString("latin1", value, limit);
      if (text.includes("\0")) return false;
      return into.add({ type: "string", name, value: text });
    }
    case 1:
      return into.add({ type: "binary", name, value: copyOf(bytes, value, limit) });
    case 2:
    case 5: {
      if (!isNetstring(bytes.subarray(value, limit))) return false;
      const nested = decodeAt(bytes, value, limit, depth + 1, into.room);
      if (nested === undefined) return false;
      return into.add({ type: bytes[from + 1] === 0x35 ? "uncompressed" : "struct", name, value: nested });
    }
    case 3: {
      const items = unpackList(bytes.toString("latin1", value, limit), into.room);
      if (items === undefined) return false;
      return into.addList(name, items);
    }
    case 4:
      return into.add({ type: "compressed", name, value: copyOf(bytes, value, limit) });
    default:
      return false;
  }
}
