/**
 * The classic text framing: a message as lines of `name=value`, for serial lines, the control FIFO and local programs.
 *
 *     ">>>\n"  (NAME "=" VALUE "\n" | "(" T ")" NAME "=" VALUE "\n")*  "<<<\n"
 *
 * Lines need stand-ins for newlines: byte 19 for those of a string value, and for those of a nested message a byte of
 * its depth, so that messages nest without escapes.
 *
 * Source: docs/reference/wire-protocol.md, section 4.
 * Kept oddity: a byte 19 in a string value arrives as a newline.
 * Deviations: base64 must be canonical; a list item with a newline is refused instead of breaking the message.
 */
import { failed, ok, type Result } from "../base/result.ts";
import { base64Of, bytesOf, bytesOfBase64, isWireText, viewOf } from "./bytes.ts";
import { type EncodeFault, FieldCollector, isFieldName, packList, type Room, unpackList } from "./field-rules.ts";
import { fieldsMax } from "./limits.ts";
import type { Field, Message } from "./message.ts";

const start = ">>>\n";
const end = "<<<\n";
const newlineInValue = "\x13";
const startBytes = bytesOf(start);
const lastNewlineAndEnd = Buffer.from(`\n${end}`, "latin1");

/** Stands for the newlines of a message nested in a field of a message at this depth. */
const delimiters = "\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x0f\x10\x11\x12";

/** The message as latin1 text; `depth` counts the messages around it. */
export function classicText(message: Message, depth: number): Result<string, EncodeFault> {
  const lines = classicLines(message, depth);
  return lines.ok ? ok(classicOf(lines.value)) : lines;
}

/** A message of these lines. */
export const classicOf = (lines: string): string => start + lines + end;

/** The lines between the markers: what the `auth` field signs. */
export function classicLines(message: Message, depth: number): Result<string, EncodeFault> {
  let lines = "";
  for (const field of message) {
    if (!isFieldName(field.name)) return failed("bad-name");
    const value = valueText(field, depth);
    if (!value.ok) return value;
    lines += `${typePrefix[field.type]}${field.name}=${value.value}\n`;
  }
  return ok(lines);
}

const typePrefix = {
  string: "",
  binary: "(1)",
  struct: "(2)",
  list: "(3)",
  compressed: "(4)",
  uncompressed: "(2)",
} as const;

function valueText(field: Field, depth: number): Result<string, EncodeFault> {
  switch (field.type) {
    case "string":
      return isWireText(field.value) ? ok(field.value.replaceAll("\n", newlineInValue)) : failed("bad-value");
    case "binary":
    case "compressed":
      return ok(base64Of(field.value));
    case "struct":
    case "uncompressed":
      return nestedText(field.value, depth);
    case "list": {
      const packed = packList(field.value);
      return isWireText(packed) && !packed.includes("\n") ? ok(packed) : failed("bad-value");
    }
  }
}

function nestedText(message: Message, depth: number): Result<string, EncodeFault> {
  const delimiter = delimiters[depth];
  if (delimiter === undefined) return failed("too-deep");
  const text = classicText(message, depth + 1);
  if (!text.ok) return text;
  return text.value.includes(delimiter) ? failed("bad-value") : ok(text.value.replaceAll("\n", delimiter));
}

/** Whether the bytes start like this framing. */
export const isClassic = (bytes: Uint8Array): boolean =>
  bytes[0] === startBytes[0] && bytes[1] === startBytes[1] && bytes[2] === startBytes[2] && bytes[3] === startBytes[3];

/** Where the lines of the message at the start of the bytes end and its end marker begins; undefined without one. */
export function classicLinesEnd(bytes: Uint8Array): number | undefined {
  // From the newline of the start marker on, so that a message without lines is found too.
  const newline = viewOf(bytes).indexOf(lastNewlineAndEnd, start.length - 1);
  return newline < 0 ? undefined : newline + 1;
}

/** Decodes the message at the start of the bytes; what follows its end marker is ignored. Undefined when malformed. */
export function decodeClassic(bytes: Uint8Array): Message | undefined {
  if (!isClassic(bytes)) return undefined;
  const linesEnd = classicLinesEnd(bytes);
  return linesEnd === undefined
    ? undefined
    : decodeLines(viewOf(bytes).toString("latin1", start.length, linesEnd), 0, { left: fieldsMax });
}

function decodeLines(lines: string, depth: number, room: Room): Message | undefined {
  if (lines.includes("\0")) return undefined;
  const fields = new FieldCollector(room);
  for (let at = 0; at < lines.length; ) {
    const newline = lines.indexOf("\n", at);
    if (newline < 0) return undefined;
    if (newline > at && !decodeLine(lines.slice(at, newline), depth, fields)) return undefined;
    at = newline + 1;
  }
  return fields.fields;
}

function decodeLine(line: string, depth: number, into: FieldCollector): boolean {
  const equals = line.indexOf("=");
  if (equals < 0) return false;
  const typed = line[0] === "(" && line[2] === ")";
  const name = line.slice(typed ? 3 : 0, equals);
  if (!isFieldName(name)) return false;
  const value = line.slice(equals + 1);
  switch (typed ? line[1] : undefined) {
    case undefined:
      return into.add({ type: "string", name, value: value.replaceAll(newlineInValue, "\n") });
    case "1":
    case "4": {
      const bytes = bytesOfBase64(value);
      if (bytes === undefined) return false;
      return into.add({ type: line[1] === "1" ? "binary" : "compressed", name, value: bytes });
    }
    case "2": {
      const nested = decodeNested(value, depth, into.room);
      if (nested === undefined) return false;
      return into.add({ type: "struct", name, value: nested });
    }
    case "3": {
      const items = unpackList(value, into.room);
      if (items === undefined) return false;
      return into.addList(name, items);
    }
    default:
      return false;
  }
}

function decodeNested(value: string, depth: number, room: Room): Message | undefined {
  const delimiter = delimiters[depth];
  if (delimiter === undefined) return undefined;
  const text = value.replaceAll(delimiter, "\n");
  if (!text.startsWith(start) || !text.endsWith(`\n${end}`)) return undefined;
  return decodeLines(text.slice(start.length, -end.length), depth + 1, room);
}
