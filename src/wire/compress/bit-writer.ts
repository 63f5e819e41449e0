/** Writes bits, most significant first, into bytes that grow as needed. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #held = 0;
  #heldCount = 0;

  /** At most 24 bits. */
  write(value: number, count: number): void {
    this.#held = (this.#held << count) | value;
    this.#heldCount += count;
    while (this.#heldCount >= 8) {
      this.#heldCount -= 8;
      this.#put((this.#held >>> this.#heldCount) & 0xff);
    }
    this.#held &= (1 << this.#heldCount) - 1;
  }

  write32(value: number): void {
    this.write(value >>> 16, 16);
    this.write(value & 0xffff, 16);
  }

  /** Everything written, the last byte filled up with zeros. */
  finish(): Uint8Array {
    if (this.#heldCount > 0) this.write(0, 8 - this.#heldCount);
    return this.#bytes.subarray(0, this.#length);
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = byte;
  }
}
