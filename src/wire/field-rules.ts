/**
 * What both framings demand of a field, and how they pack lists.
 *
 * Source: docs/reference/wire-protocol.md, sections 2 and 3.
 */
import { isWireText } from "./bytes.ts";
import type { Field } from "./message.ts";

/**
 * Why a message cannot be written: a name or value that the framing has no form for, or messages nested too deep.
 * Only a local program can cause one; what arrived from the wire can always be written again.
 */
export type EncodeFault = "bad-name" | "bad-value" | "too-deep";

/** `>>>` newline would read as the start of a message, `(` as a type, `=` as the end of the name. */
export const isFieldName = (name: string): boolean =>
  name !== "" && name[0] !== "(" && !name.includes("=") && !name.includes("\n") && isWireText(name);

/** `LEN:bytes,` for each string, one after another. */
export function packList(items: readonly string[]): string {
  let packed = "";
  for (const item of items) packed += `${item.length}:${item},`;
  return packed;
}

export function unpackList(packed: string, { left }: Room): string[] | undefined {
  const items: string[] = [];
  for (let at = 0; at < packed.length; ) {
    if (items.length >= left) return undefined;
    const colon = packed.indexOf(":", at);
    if (colon <= at || colon - at > 7) return undefined;
    let length = 0;
    for (; at < colon; at++) {
      const digit = packed.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) return undefined;
      length = length * 10 + digit;
    }
    const end = colon + 1 + length;
    if (packed[end] !== ",") return undefined;
    const item = packed.slice(colon + 1, end);
    if (item.includes("\0")) return undefined;
    items.push(item);
    at = end + 1;
  }
  return items;
}

/** How many fields and items of lists the message that is being decoded may still have, nested ones included. */
export interface Room {
  left: number;
}

/** Collects decoded fields. A second list of one name continues the first; every other duplicate is kept. */
export class FieldCollector {
  readonly fields: Field[] = [];
  readonly room: Room;
  #lists: Map<string, string[]> | undefined;

  constructor(room: Room) {
    this.room = room;
  }

  /** False: there is no room for it. */
  add(field: Field): boolean {
    this.fields.push(field);
    return --this.room.left >= 0;
  }

  addList(name: string, items: string[]): boolean {
    this.#lists ??= new Map();
    const first = this.#lists.get(name);
    if (first === undefined) {
      this.#lists.set(name, items);
      this.fields.push({ type: "list", name, value: items });
    } else for (const item of items) first.push(item);
    this.room.left -= 1 + items.length;
    return this.room.left >= 0;
  }
}
