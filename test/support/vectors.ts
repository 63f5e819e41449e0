/** The bytes captured from the original, as `test/vectors/README.md` describes them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyRing } from "../../src/wire/auth/method.ts";
import type { Field, Message } from "../../src/wire/message.ts";

export interface VectorField {
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly name: string;
  readonly value?: string;
  readonly valueHex?: string;
  readonly list?: readonly string[];
  readonly fields?: readonly VectorField[];
  /** Values too long to list. */
  readonly valueLength?: number;
  readonly valueSha256?: string;
}

interface Inner {
  readonly framing: "netstring" | "classic";
  readonly length: number;
  readonly sha256?: string;
  readonly fields: readonly VectorField[];
}

interface VectorKey {
  readonly num: number;
  readonly method: "crc" | "md5" | "sha1";
  readonly key: string;
}

export interface Vector {
  readonly id: string;
  readonly medium: string;
  readonly authkeys: readonly VectorKey[];
  readonly framing: "netstring" | "classic";
  readonly hex: string;
  readonly trailer?: string;
  readonly fields: readonly VectorField[];
  readonly authSignedHex?: string;
  readonly decompressed?: Inner;
  readonly compressedFields?: Readonly<Record<string, Inner>>;
}

export interface Verdicts {
  readonly receiver: { readonly authkeys: readonly VectorKey[]; readonly auth: number };
  readonly datagrams: readonly { readonly id: string; readonly hex: string; readonly verdict: string }[];
}

export interface Units {
  readonly crc: readonly { readonly textHex: string; readonly crc: string }[];
  readonly "hmac-md5": readonly { readonly key: string; readonly textHex: string; readonly digest: string }[];
  readonly "hmac-sha1": readonly { readonly key: string; readonly textHex: string; readonly digest: string }[];
}

const read = (name: string) => JSON.parse(readFileSync(join(process.cwd(), "test/vectors", name), "utf8"));
export const datagramVectors = (): Vector[] => read("datagrams.json");
export const serialVectors = (): Vector[] => read("serial.json");
export const verdictVectors = (): Verdicts => read("verdicts.json");
export const unitVectors = (): Units => read("units.json");

export const hexBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export const keyRing = (keys: readonly VectorKey[], active: number): KeyRing => ({
  active,
  entries: new Map(keys.map(({ num, method, key }) => [num, { method, text: key }])),
});

/** A message built from the fields that a vector lists; undefined when one of them is given by its length only. */
export function messageOf(fields: readonly VectorField[]): Message | undefined {
  const message = fields.map(fieldOf);
  return message.every((field) => field !== undefined) ? message : undefined;
}

function fieldOf({ type, name, value, valueHex, list, fields }: VectorField): Field | undefined {
  switch (type) {
    case 0: {
      const text = value ?? (valueHex === undefined ? undefined : Buffer.from(valueHex, "hex").toString("latin1"));
      return text === undefined ? undefined : { type: "string", name, value: text };
    }
    case 1:
    case 4:
      return { type: type === 1 ? "binary" : "compressed", name, value: hexBytes(valueHex ?? "") };
    case 2: {
      const nested = messageOf(fields ?? []);
      return nested === undefined ? undefined : { type: "struct", name, value: nested };
    }
    case 3:
      return { type: "list", name, value: list ?? [] };
  }
}
