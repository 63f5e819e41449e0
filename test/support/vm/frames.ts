/**
 * qemu's network over a stream: each frame of Ethernet with its length before it, four bytes, the highest first. A relay that loses
 * frames must lose whole ones.
 */
const frameMax = 70_000;

/** Cuts a stream into frames, each with its length still before it. A length that cannot be ends it: an error is thrown. */
export class Frames {
  #rest = Buffer.alloc(0);

  push(chunk: Uint8Array): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0);
      if (length > frameMax) throw new Error(`a frame of ${length} bytes`);
      if (this.#rest.length < 4 + length) break;
      frames.push(this.#rest.subarray(0, 4 + length));
      this.#rest = this.#rest.subarray(4 + length);
    }
    return frames;
  }
}
