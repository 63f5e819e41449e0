/**
 * The message model: an ordered list of typed fields.
 *
 * Order is preserved because digests cover bytes; a lookup finds the first field of a name. String values are kept as
 * latin1 text, one character per byte: the wire carries bytes, and a value that is not valid UTF-8 must survive.
 *
 * Source: docs/reference/wire-protocol.md, section 2.
 */
export type Field =
  | { readonly type: "string"; readonly name: string; readonly value: string }
  | { readonly type: "binary"; readonly name: string; readonly value: Uint8Array }
  | { readonly type: "struct"; readonly name: string; readonly value: Message }
  | { readonly type: "list"; readonly name: string; readonly value: readonly string[] }
  /** Bytes of a compressed message; the sibling string field `_compression_algorithm` names the method. */
  | { readonly type: "compressed"; readonly name: string; readonly value: Uint8Array }
  /** A message that a program wants compressed on its way: the node that sends it makes it a compressed one. */
  | { readonly type: "uncompressed"; readonly name: string; readonly value: Message };

export type Message = readonly Field[];

export const text = (name: string, value: string): Field => ({ type: "string", name, value });
export const binary = (name: string, value: Uint8Array): Field => ({ type: "binary", name, value });

/** The first string field of that name. */
export function stringOf(message: Message, name: string): string | undefined {
  for (const field of message) if (field.name === name) return field.type === "string" ? field.value : undefined;
  return undefined;
}

/** The first binary field of that name. */
export function binaryOf(message: Message, name: string): Uint8Array | undefined {
  for (const field of message) if (field.name === name) return field.type === "binary" ? field.value : undefined;
  return undefined;
}

/** A copy with the field replaced in its place, or appended when there was none of that name. */
export function withField(message: Message, field: Field): Message {
  const index = message.findIndex((each) => each.name === field.name);
  return index < 0 ? [...message, field] : message.map((each, i) => (i === index ? field : each));
}

/** In bytes, and whatever the framing: the message will not be smaller. */
export const leastSize = (message: Message): number =>
  message.reduce((sum, field) => sum + field.name.length + leastSizeOf(field), 0);

function leastSizeOf(field: Field): number {
  switch (field.type) {
    case "struct":
    case "uncompressed":
      return leastSize(field.value);
    case "list":
      return field.value.reduce((sum, item) => sum + item.length, 0);
    default:
      return field.value.length;
  }
}
