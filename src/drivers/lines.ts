/** Cuts a stream of bytes into lines: how our own processes talk to each other (one JSON value a line). Bounded. */

/** Longer lines are not from us; what is held of one is thrown away with it. */
const lineMax = 4 * 1024 * 1024;
const newline = 10;

export class Lines {
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** The lines completed by `bytes`, without their ends. */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#hold(bytes.subarray(start, end));
      lines.push(Buffer.concat(this.#pieces).toString("utf8"));
      this.#pieces = [];
      this.#held = 0;
      start = end + 1;
    }
    this.#hold(bytes.subarray(start));
    return lines;
  }

  #hold(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#held > lineMax) this.#pieces = [];
    else if (bytes.length > 0) this.#pieces.push(bytes);
  }
}
