/** Reads bits, most significant first. Behind the end there are zeros, and `overrun` says that they were asked for. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** The bits that were taken from the bytes and not yet read; so few that the number stays a small integer. */
  #held = 0;
  #heldCount = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** What is held was not read yet. */
  get overrun(): boolean {
    return this.#at - (this.#heldCount >> 3) > this.#bytes.length;
  }

  /** The next bits, which stay where they are; at most 23. */
  peek(count: number): number {
    if (this.#heldCount < count) this.#fill(count);
    return (this.#held >>> (this.#heldCount - count)) & ((1 << count) - 1);
  }

  /** At most 23 bits. */
  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** What `peek` has shown. */
  skip(count: number): void {
    this.#heldCount -= count;
    this.#held &= (1 << this.#heldCount) - 1;
  }

  read24(): number {
    return this.read(12) * 4096 + this.read(12);
  }

  read32(): number {
    return this.read(16) * 65536 + this.read(16);
  }

  #fill(count: number): void {
    while (this.#heldCount < count) {
      this.#held = (this.#held << 8) | (this.#bytes[this.#at++] ?? 0);
      this.#heldCount += 8;
    }
  }
}
