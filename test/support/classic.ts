/** A message in text framing without a signature. */
import { ok, type Result } from "../../src/base/result.ts";
import { bytesOf } from "../../src/wire/bytes.ts";
import type { EncodeFault } from "../../src/wire/field-rules.ts";
import type { Message } from "../../src/wire/message.ts";
import { classicText } from "../../src/wire/string-format.ts";

export function encodeClassic(message: Message): Result<Uint8Array, EncodeFault> {
  const text = classicText(message, 0);
  return text.ok ? ok(bytesOf(text.value)) : text;
}
