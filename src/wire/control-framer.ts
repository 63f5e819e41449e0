/**
 * Cuts whole messages out of what arrives on the control FIFO.
 *
 * Scripts write a message in one go, but a reader gets the bytes in any portions, several writers share the FIFO, and
 * one may die half way. So everything up to a start marker on a line of its own is skipped, a start marker within a
 * text message begins anew, and a message has a bound. Netstring messages end where their lengths say.
 *
 * Source: docs/reference/wire-protocol.md, section 12; files-and-cli.md, section 3, "FIFO reader".
 * Deviation: lines may be longer than the original's 511 bytes, and no clock cuts a message short (quirk 305).
 */
export const controlMessageMax = 64 * 1024;

/**
 * `too-long`: no end within the bound. `unfinished`: another message began first. `malformed`: lengths that are none.
 */
export type ControlDrop = "too-long" | "unfinished" | "malformed";

export interface ControlInput {
  /** Each from its start to its end marker. */
  readonly messages: readonly Uint8Array[];
  readonly dropped: readonly ControlDrop[];
}

const newline = 0x0a;
const colon = 0x3a;
const percent = 0x25;
const markerLength = 4;

export class ControlFramer {
  readonly #held = new Uint8Array(controlMessageMax);
  #length = 0;
  #inside: "nothing" | "text" | "netstring" = "nothing";
  /** Where the line (text) or field (netstring) begins that is being read; beyond `#length` within a field. */
  #partStart = 0;
  #messages: Uint8Array[] = [];
  #dropped: ControlDrop[] = [];

  push(bytes: Uint8Array): ControlInput {
    this.#messages = [];
    this.#dropped = [];
    for (const byte of bytes) this.#add(byte);
    return { messages: this.#messages, dropped: this.#dropped };
  }

  #add(byte: number): void {
    switch (this.#inside) {
      case "nothing":
        return this.#search(byte);
      case "text":
        if (!this.#keep(byte)) return this.#drop("too-long", byte);
        if (byte === newline) this.#endOfLine();
        return;
      case "netstring":
        if (!this.#keep(byte)) return this.#drop("too-long", byte);
        if (this.#length > this.#partStart) this.#headOfField(byte);
    }
  }

  #keep(byte: number): boolean {
    if (this.#length === controlMessageMax) return false;
    this.#held[this.#length++] = byte;
    return true;
  }

  /** Holds the beginning of each line, until one is a start marker. */
  #search(byte: number): void {
    // A program may write the NUL that ends its text.
    if (byte === 0 && this.#length === 0) return;
    if (this.#length < markerLength) this.#keep(byte);
    else this.#held[0] = 0; // the line is longer than a marker
    if (byte !== newline) return;
    const isText = this.#hasMarker(0, 0x3e);
    if (!isText && !this.#hasMarker(0, 0x23)) this.#length = 0;
    else {
      this.#inside = isText ? "text" : "netstring";
      this.#partStart = this.#length;
    }
  }

  #endOfLine(): void {
    const line = this.#partStart;
    this.#partStart = this.#length;
    if (this.#length - line !== markerLength) return;
    if (this.#hasMarker(line, 0x3c)) this.#finish();
    else if (this.#hasMarker(line, 0x3e)) {
      this.#dropped.push("unfinished");
      this.#length = markerLength; // the new start marker looks like the old one
      this.#partStart = markerLength;
    }
  }

  /** `LEN:` or the end marker. Reading a field is waiting for `#length` to pass its comma. */
  #headOfField(byte: number): void {
    const headLength = this.#length - this.#partStart;
    if (this.#held[this.#partStart] === percent) {
      if (headLength < markerLength) return;
      if (this.#hasMarker(this.#partStart, percent)) this.#finish();
      else this.#drop("malformed", byte);
    } else if (byte === colon) {
      const length = Number(String.fromCharCode(...this.#held.subarray(this.#partStart, this.#length - 1)));
      const end = this.#length + length + 1;
      if (end > controlMessageMax) this.#drop("too-long", byte);
      else this.#partStart = end;
    } else if (byte < 0x30 || byte > 0x39 || headLength > 7) this.#drop("malformed", byte);
  }

  /** Three times the character, and a newline. */
  #hasMarker(at: number, character: number): boolean {
    const held = this.#held;
    return (
      held[at] === character && held[at + 1] === character && held[at + 2] === character && held[at + 3] === newline
    );
  }

  #finish(): void {
    this.#messages.push(this.#held.slice(0, this.#length));
    this.#reset();
  }

  #drop(why: ControlDrop, byte: number): void {
    this.#dropped.push(why);
    this.#reset();
    if (byte === newline) return;
    // We stopped within a line: it cannot be a marker any more.
    this.#length = markerLength;
    this.#held[0] = 0;
  }

  #reset(): void {
    this.#inside = "nothing";
    this.#length = 0;
    this.#partStart = 0;
  }
}
