/**
 * From messages to the bytes a node sends, and back: framing, signatures and whole-message compression together.
 *
 * On UDP and ICMP every message travels in netstring framing with a signature behind it. `msgfmt classic` only adds a
 * second signature inside, the field `auth`, which serial lines and local programs rely on. Who receives looks at the
 * first four bytes and takes either.
 *
 * A signature is checked before anything is decoded: up to there a stranger's bytes cost one pass over their lengths.
 *
 * Source: docs/reference/wire-protocol.md, sections 3 to 6 and 13.
 * Deviations: what no datagram can carry is refused before it gets a sequence number, instead of vanishing; in a signed
 * classic message a second `auth` field or a blank line breaks the signature, because it covers the bytes as they came.
 */
import { failed, ok, type Result } from "../base/result.ts";
import { type SignatureFault, sign, verify } from "./auth/index.ts";
import type { KeyRing } from "./auth/method.ts";
import { bytesOf, viewOf } from "./bytes.ts";
import { bz2PlainMax, compress } from "./compress/choose.ts";
import type { Codec, Unpacked } from "./compress/codec.ts";
import { codecs } from "./compress/index.ts";
import type { EncodeFault } from "./field-rules.ts";
import { f } from "./fields.ts";
import { datagramMax, frameMax, inflatedMax } from "./limits.ts";
import { binary, binaryOf, type Message, stringOf, text, withField } from "./message.ts";
import { decodeNetstring, encodeNetstring, isNetstring, netstringEnd, netstringText } from "./netstring-format.ts";
import { classicLines, classicLinesEnd, classicOf, classicText, decodeClassic, isClassic } from "./string-format.ts";

/** `msgfmt` in ha.cf. */
export type MessageFormat = "classic" | "netstring";

/** `no-key`: the ring's active entry does not exist. */
export type SealFault = EncodeFault | "too-big" | "no-key";

/** What a node sends on UDP and as ICMP data. */
export function sealDatagram(message: Message, keys: KeyRing, format: MessageFormat): Result<Uint8Array, SealFault> {
  const signed = format === "classic" && message.every(hasClassicForm) ? withAuthField(message, keys) : ok(message);
  if (!signed.ok) return signed;
  const body = netstringText(signed.value, 0);
  if (!body.ok) return body;
  const signature = sign(keys, bytesOf(body.value));
  if (signature === undefined) return failed("no-key");
  const frame = bytesOf(`${body.value}${signature.length}:${signature},`);
  return frame.length > datagramMax ? failed("too-big") : ok(frame);
}

/** What a node writes to a serial line; also understood on UDP, with any configured key even by the original. */
export function sealClassic(message: Message, keys: KeyRing): Result<Uint8Array, SealFault> {
  const frame = signedText(message, keys, "");
  return frame.ok && frame.value.length > datagramMax ? failed("too-big") : frame;
}

/**
 * The same message signed anew: a retransmission after a change of keys. Falls back on `bytes` as they are when they
 * cannot be read or signed.
 */
export function resealDatagram(bytes: Uint8Array, keys: KeyRing): Uint8Array {
  const classic = isClassic(bytes);
  const message = classic ? decodeClassic(bytes) : decodeNetstring(bytes);
  if (message === undefined) return bytes;
  const unsigned = message.filter(({ name }) => name !== f.auth);
  const format = unsigned.length < message.length ? "classic" : "netstring";
  const sealed = classic ? sealClassic(unsigned, keys) : sealDatagram(unsigned, keys, format);
  return sealed.ok ? sealed.value : bytes;
}

/**
 * A sealed datagram's message as text, for a serial line; unpacked if it was compressed as a whole. Undefined: it has no such
 * form that is signed and small enough.
 */
export function textOfDatagram(bytes: Uint8Array, keys: KeyRing): Uint8Array | undefined {
  if (isClassic(bytes)) return bytes;
  const message = decodeNetstring(bytes);
  const whole = message === undefined ? undefined : inflateWhole(message);
  const sealed = whole?.ok ? sealClassic(whole.value, keys) : undefined;
  return sealed?.ok ? sealed.value : undefined;
}

/** The message with its classic signature as the last field. */
export function withAuthField(message: Message, keys: KeyRing): Result<Message, SealFault> {
  const unsigned = withoutAuth(message);
  const signed = signedLines(unsigned, keys);
  return signed.ok ? ok([...unsigned, text(f.auth, signed.value.signature)]) : signed;
}

/** The same as text; its lines are written once. */
function signedText(message: Message, keys: KeyRing, behind: string): Result<Uint8Array, SealFault> {
  const signed = signedLines(withoutAuth(message), keys);
  if (!signed.ok) return signed;
  const { lines, signature } = signed.value;
  return ok(bytesOf(`${classicOf(`${lines}${f.auth}=${signature}\n`)}${behind}`));
}

const withoutAuth = (message: Message): Message =>
  message.some(({ name }) => name === f.auth) ? message.filter(({ name }) => name !== f.auth) : message;

function signedLines(
  unsigned: Message,
  keys: KeyRing,
): Result<{ readonly lines: string; readonly signature: string }, SealFault> {
  const lines = classicLines(unsigned, 0);
  if (!lines.ok) return lines;
  const signature = sign(keys, bytesOf(lines.value));
  return signature === undefined ? failed("no-key") : ok({ lines: lines.value, signature });
}

/** Nested and compressed messages never travel as text where there is a choice (section 3, last table). */
const hasClassicForm = ({ type }: Message[number]): boolean =>
  type === "string" || type === "binary" || type === "list";

/**
 * Why a datagram was dropped, and the entry of `authkeys` that it named as far as it came. Names are counters: stable.
 */
export interface OpenFault {
  readonly code:
    | SignatureFault["code"]
    | "no-frame"
    | "malformed"
    | "too-big"
    | "unknown-compression"
    | "bad-compression"
    | "too-busy";
  readonly key?: number;
}

/** Verifies and decodes one datagram or one message of a serial line. */
export function openDatagram(bytes: Uint8Array, keys: KeyRing): Result<Message, OpenFault> {
  const outer = openOuter(bytes, keys);
  return outer.ok ? inflateWhole(outer.value) : outer;
}

/** Inflated, read and made use of in one turn: as much as comes without compression. */
const readAtOnceMax = datagramMax;

/** A datagram that is verified, and may take several portions of work to be read. */
export interface Opening {
  /** Undefined: there is more to do. Not to be called after the end. */
  work(portion: number): Result<Message, OpenFault> | undefined;
}

/** The same in portions, where its content was compressed by a slow method. */
export function beginDatagram(bytes: Uint8Array, keys: KeyRing): Opening {
  const outer = openOuter(bytes, keys);
  const payload = outer.ok ? binaryOf(outer.value, f.compressedPayload) : undefined;
  if (!outer.ok || payload === undefined) return { work: () => outer };
  const codec = codecs.get(stringOf(outer.value, f.compressionAlgorithm) ?? "");
  if (codec === undefined) return { work: () => failed({ code: "unknown-compression" }) };
  const unpacking = codec.unpack?.(payload, inflatedMax);
  let inner: Unpacked | undefined;
  let read: Result<Message, OpenFault> | undefined;
  return {
    work: (portion) => {
      if (read !== undefined) return read;
      const begun = inner !== undefined;
      inner ??= unpacking === undefined ? codec.decompress(payload, inflatedMax) : unpacking.work(portion);
      if (inner === undefined) return undefined;
      // What is large is unpacked, read, and made use of in three turns.
      const large = inner.ok && inner.value.length > readAtOnceMax;
      if (large && !begun) return undefined;
      read = decodeInflated(inner);
      return large ? undefined : read;
    },
  };
}

/** The message as it came, still compressed. */
function openOuter(bytes: Uint8Array, keys: KeyRing): Result<Message, OpenFault> {
  if (bytes.length > frameMax) return failed({ code: "too-big" });
  if (isNetstring(bytes)) return openNetstring(bytes, keys);
  if (isClassic(bytes)) return openClassic(bytes, keys);
  return failed({ code: "no-frame" });
}

function openNetstring(bytes: Uint8Array, keys: KeyRing): Result<Message, OpenFault> {
  const end = netstringEnd(bytes, 0);
  if (end === undefined) return failed({ code: "malformed" });
  const signature = trailerAt(bytes, end);
  if (signature === undefined) return failed({ code: "no-signature" });
  const verified = verify(keys, signature, bytes.subarray(0, end));
  if (!verified.ok) return verified;
  const message = decodeNetstring(bytes);
  return message === undefined ? failed({ code: "malformed", key: verified.value }) : ok(message);
}

/** The longest signature is a four-digit number, a space and a SHA-1 digest. */
const trailerMax = 64;

/** The text of the netstring that starts at `from`. */
function trailerAt(bytes: Uint8Array, from: number): string | undefined {
  const rest = viewOf(bytes).toString("latin1", from, Math.min(bytes.length, from + trailerMax));
  const [head, length] = /^(\d{1,2}):/.exec(rest) ?? [];
  if (head === undefined || length === undefined) return undefined;
  const end = head.length + Number(length);
  return rest[end] === "," ? rest.slice(head.length, end) : undefined;
}

const authLine = Buffer.from("\nauth=", "latin1");

function openClassic(bytes: Uint8Array, keys: KeyRing): Result<Message, OpenFault> {
  const linesEnd = classicLinesEnd(bytes);
  if (linesEnd === undefined) return failed({ code: "malformed" });
  const lines = viewOf(bytes).subarray(0, linesEnd);
  const beforeAuth = lines.indexOf(authLine);
  if (beforeAuth < 0) return failed({ code: "no-signature" });
  const valueStart = beforeAuth + authLine.length;
  const valueEnd = lines.indexOf("\n", valueStart);
  const head = lines.subarray(4, beforeAuth + 1);
  const tail = lines.subarray(valueEnd + 1);
  const signed = tail.length === 0 ? head : Buffer.concat([head, tail]);
  const verified = verify(keys, lines.toString("latin1", valueStart, valueEnd), signed);
  if (!verified.ok) return verified;
  const message = decodeClassic(bytes);
  return message === undefined ? failed({ code: "malformed", key: verified.value }) : ok(message);
}

/** A message that carries another one compressed is that other one. */
function inflateWhole(message: Message): Result<Message, OpenFault> {
  const payload = binaryOf(message, f.compressedPayload);
  return payload === undefined ? ok(message) : inflate(payload, stringOf(message, f.compressionAlgorithm));
}

function inflate(payload: Uint8Array, algorithm: string | undefined): Result<Message, OpenFault> {
  const codec = codecs.get(algorithm ?? "");
  if (codec === undefined) return failed({ code: "unknown-compression" });
  return decodeInflated(codec.decompress(payload, inflatedMax));
}

function decodeInflated(inner: Unpacked): Result<Message, OpenFault> {
  if (!inner.ok) return failed({ code: inner.error === "too-big" ? "too-big" : "bad-compression" });
  return decodePlain(inner.value);
}

/** The message in a field of type "compressed", by the method that `message` names. */
export function inflateField(message: Message, name: string): Result<Message, OpenFault> {
  const field = message.find((each) => each.name === name);
  if (field?.type !== "compressed") return failed({ code: "malformed" });
  return inflate(field.value, stringOf(message, f.compressionAlgorithm));
}

/**
 * The message that carries `message` compressed, to be sealed in its place (as netstring: it has no signature inside). With
 * `msgfmt classic` sign it first (`withAuthField`), as the original does; the header is inside, none is stamped outside.
 */
export function compressWhole(
  message: Message,
  method: Codec["name"],
  format: MessageFormat,
): Result<Message, EncodeFault | "too-big"> {
  const plain = encodePlain(message, format);
  return plain.ok ? asCompressed(plain.value, method) : plain;
}

function asCompressed(plain: Uint8Array, method: Codec["name"]): Result<Message, "too-big"> {
  if (plain.length > inflatedMax) return failed("too-big");
  const packed = compress(method, plain);
  if (!packed.ok) return packed;
  return ok([binary(f.compressedPayload, packed.value.bytes), text(f.compressionAlgorithm, packed.value.method)]);
}

/**
 * What a node sends instead of a message that is better compressed: inside is the message as a local program would get it, with its own
 * signature where it has a text form; around it is a datagram like any other.
 */
export function sealCompressed(
  message: Message,
  keys: KeyRing,
  format: MessageFormat,
  method: Codec["name"],
  asText: boolean,
): Result<Uint8Array, SealFault> {
  const signed = format === "classic" && message.every(hasClassicForm) ? signedText(message, keys, "\0") : undefined;
  if (signed?.ok === false) return signed;
  const outer = signed === undefined ? compressWhole(message, method, format) : asCompressed(signed.value, method);
  if (!outer.ok) return outer;
  return asText ? sealClassic(outer.value, keys) : sealDatagram(outer.value, keys, "netstring");
}

/**
 * Fields that a program wants compressed, compressed (section 6). One message names one method, so that where one is already named, or two
 * fields would need different ones, zlib or the named one serves all. What cannot be compressed stays as it is.
 */
export function compressFields(message: Message, method: Codec["name"], format: MessageFormat): Message {
  if (!message.some(({ type }) => type === "uncompressed")) return message;
  const named = codecs.get(stringOf(message, f.compressionAlgorithm) ?? "")?.name;
  const plains = message.map((field) => (field.type === "uncompressed" ? encodePlain(field.value, format) : undefined));
  const tooSlow = plains.some((plain) => plain?.ok && plain.value.length > bz2PlainMax);
  const chosen = named ?? (tooSlow ? "zlib" : method);
  if (chosen === "bz2" && tooSlow) return message.map((field) => asStruct(field));
  const fields = message.map((field, i): Message[number] => {
    const plain = plains[i];
    const compressed = plain?.ok ? compress(chosen, plain.value) : undefined;
    if (field.type !== "uncompressed") return field;
    return compressed?.ok ? { type: "compressed", name: field.name, value: compressed.value.bytes } : asStruct(field);
  });
  return fields.some(({ type }) => type === "compressed")
    ? withField(fields, text(f.compressionAlgorithm, chosen))
    : fields;
}

const asStruct = (field: Message[number]): Message[number] =>
  field.type === "uncompressed" ? { ...field, type: "struct" } : field;

/** Either framing, unsigned: the control FIFO, the bodies of the client sockets, what was compressed. */
export function decodePlain(
  bytes: Uint8Array,
): Result<Message, { readonly code: "no-frame" | "malformed" | "too-big" }> {
  if (bytes.length > inflatedMax) return failed({ code: "too-big" });
  const netstring = isNetstring(bytes);
  if (!netstring && !isClassic(bytes)) return failed({ code: "no-frame" });
  const message = netstring ? decodeNetstring(bytes) : decodeClassic(bytes);
  return message === undefined ? failed({ code: "malformed" }) : ok(message);
}

/**
 * For a local program: classic text and its NUL, or netstring when asked for or when the message has no classic form.
 */
export function encodePlain(message: Message, format: MessageFormat): Result<Uint8Array, EncodeFault> {
  if (format === "netstring" || !message.every(hasClassicForm)) return encodeNetstring(message);
  const frame = classicText(message, 0);
  return frame.ok ? ok(bytesOf(`${frame.value}\0`)) : frame;
}
