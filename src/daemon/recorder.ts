/**
 * The daemon's memory of what just happened: the last inputs, bytes included.
 *
 * The core is a function of its inputs, so an incident is a list of them. When an invariant breaks, the list is written to a file
 * and the run can be lived through again. One JSON object per line: a heading, then the inputs, oldest first; bytes are
 * `{"base64": "..."}`.
 *
 * Inputs are written at once into one piece of memory, had from the beginning and used round and round. Kept as objects they would live just
 * long enough to become old in the collector's eyes: measured with hundreds of clients, four megabytes a second of garbage that only a full
 * collection takes away.
 */
import { renameSync, writeFileSync } from "node:fs";
import { invariant } from "../base/invariant.ts";
import type { Input, Now } from "../core/input.ts";

/** Some minutes of a two-node cluster, of which an input takes about half a KiB. */
export const recordedMax = 1000;
/** Datagrams may have 64 KiB: a flood of large ones shortens the memory instead of filling it. */
export const recordedBytesMax = 1024 * 1024;

/** Where an input lies: its text, and behind that the bytes that it has by the name `key`. */
interface Place {
  start: number;
  text: number;
  bytes: number;
  key: string;
}

type Recorded = {
  readonly on: Input["on"];
  readonly says?: string;
  readonly bytes?: undefined;
  readonly body?: undefined;
};

const none = new Uint8Array(0);
const newPlace = (): Place => ({ start: 0, text: 0, bytes: 0, key: "" });

export class Recorder {
  readonly #memory = Buffer.alloc(recordedBytesMax);
  /** Used in turn: number n lies in place n modulo their count. */
  readonly #places: readonly Place[] = Array.from({ length: recordedMax }, () => newPlace());
  /** Numbers of inputs: the oldest that is kept, and the one to come. */
  #oldest = 0;
  #next = 0;
  /** Behind the last input. */
  #end = 0;

  record(input: Input, now: Now): void {
    if ("bytes" in input) this.#keep({ now, input: { ...input, bytes: undefined } }, "bytes", input.bytes);
    else if ("body" in input) this.#keep({ now, input: { ...input, body: undefined } }, "body", input.body);
    else this.#keep({ now, input }, "", none);
  }

  #keep(line: { readonly now: Now; readonly input: Recorded }, key: string, bytes: Uint8Array): void {
    const text = JSON.stringify(line, key === "" ? plain : undefined);
    const textLength = Buffer.byteLength(text);
    const length = textLength + bytes.length;
    if (length > recordedBytesMax)
      return this.#keep({ now: line.now, input: { on: line.input.on, says: "too large to be kept" } }, "", none);
    const start = this.#room(length);
    this.#memory.write(text, start);
    this.#memory.set(bytes, start + textLength);
    this.#end = start + length;
    const place = this.#place(this.#next++);
    place.start = start;
    place.text = textLength;
    place.bytes = bytes.length;
    place.key = key;
  }

  /** Where the next input goes; what lies there is forgotten. */
  #room(length: number): number {
    const wraps = this.#end + length > recordedBytesMax;
    // What stands behind the newest is older than what stands at the beginning.
    if (wraps) this.#forgetWhile((start) => start >= this.#end);
    const from = wraps ? 0 : this.#end;
    this.#forgetWhile((start) => start >= from && start < from + length);
    if (this.#next - this.#oldest === recordedMax) this.#oldest++;
    return from;
  }

  #forgetWhile(inTheWay: (start: number) => boolean): void {
    while (this.#oldest < this.#next && inTheWay(this.#place(this.#oldest).start)) this.#oldest++;
  }

  #place(number: number): Place {
    const place = this.#places[number % recordedMax];
    invariant(place !== undefined, "recorder: there is no such place");
    return place;
  }

  /** `heading` says who and why; it must not hold keys. */
  text(heading: Readonly<Record<string, unknown>>): string {
    const lines = [JSON.stringify(heading, plain)];
    for (let number = this.#oldest; number < this.#next; number++) lines.push(this.#line(this.#place(number)));
    return `${lines.join("\n")}\n`;
  }

  #line({ start, text, bytes, key }: Place): string {
    const line = this.#memory.toString("utf8", start, start + text);
    if (key === "") return line;
    const raw = this.#memory.toString("base64", start + text, start + text + bytes);
    return `${line.slice(0, -"}}".length)},"${key}":{"base64":"${raw}"}}}`;
  }

  /** Written for root only: client requests may hold what is nobody else's business. One older dump is kept beside it. Throws on I/O errors. */
  dump(path: string, heading: Readonly<Record<string, unknown>>): void {
    const text = this.text(heading);
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // There was none before.
    }
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  }
}

/** A Buffer would turn itself into a list of numbers before a replacer sees it, so the holder is asked. */
function plain(this: unknown, key: string, value: unknown): unknown {
  if (key === "keys") return "(not recorded)";
  const raw = typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  return raw instanceof Uint8Array ? { base64: Buffer.from(raw).toString("base64") } : value;
}
