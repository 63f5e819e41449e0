/** Reads bits, most significant first. Behind the end there are zeros, and `overrun` says that they were asked for. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #heldCount = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get overrun(): boolean {
    return this.#at > this.#bytes.length;
  }

  /** At most 24 bits. */
  read(count: number): number {
    while (this.#heldCount < count) {
      this.#held = ((this.#held << 8) | (this.#bytes[this.#at++] ?? 0)) >>> 0;
      this.#heldCount += 8;
    }
    this.#heldCount -= count;
    return (this.#held >>> this.#heldCount) & ((1 << count) - 1);
  }

  read32(): number {
    return this.read(16) * 65536 + this.read(16);
  }
}
