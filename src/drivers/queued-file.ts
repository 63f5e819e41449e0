/**
 * A log file that never holds its writer up: lines queue, one write is under way at a time, in a thread of the pool. A disk that hangs fills
 * the queue; what does not fit is dropped and counted, and the count is the next line that the file gets.
 *
 * Log rotation is seen by looking, before a write and at most once a second, whether the path still leads to the open file; `follow` looks at
 * once.
 */
import { close, fstat, open, stat, write } from "node:fs";
import { promisify } from "node:util";
import { appending } from "./log-sinks.ts";

const files = {
  close: promisify(close),
  fstat: promisify(fstat),
  open: promisify(open),
  stat: promisify(stat),
  write: promisify(write) as (fd: number, bytes: Uint8Array) => Promise<{ readonly bytesWritten: number }>,
};

/** Bytes that may wait for the disk. */
const queueMax = 1024 * 1024;
/** The most that goes out with one write. */
const writeMax = 64 * 1024;
/** In milliseconds. */
const rotationCheck = 1000;
const retryPause = 1000;
/** A reader that is slow (the log is a FIFO) is not left alone for long. */
const fullPause = 20;

export interface QueuedFileOptions {
  readonly path: string;
  /** Permissions of a file that is made here, whatever the umask. */
  readonly mode: number;
  /** The line that tells of lines that did not fit. */
  readonly dropped: (count: number) => Uint8Array;
  /** What is wrong, once each time it starts to be. */
  readonly onTrouble: (says: string) => void;
}

export class QueuedFile {
  readonly #options: QueuedFileOptions;
  #queue: Uint8Array[] = [];
  #bytes = 0;
  #dropped = 0;
  #fd: number | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #troubled = false;
  #ending = false;
  /** The writing that is under way. */
  #work: Promise<void> | undefined;
  /** Ends a pause after a failure before its time. */
  #wake: (() => void) | undefined;

  constructor(options: QueuedFileOptions) {
    this.#options = options;
  }

  push(line: Uint8Array): void {
    if (this.#bytes + line.length > queueMax) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) this.#add(this.#options.dropped(this.#dropped));
    this.#dropped = 0;
    this.#add(line);
    this.#work ??= this.#run();
  }

  /** The path may lead to another file from now on. */
  follow(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    this.#wake?.();
  }

  /** Resolves when everything is written, or could not be, and the file is closed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#wake?.();
    if (this.#dropped > 0) this.#add(this.#options.dropped(this.#dropped));
    this.#dropped = 0;
    await (this.#work ?? this.#run());
    await this.#close();
  }

  #add(line: Uint8Array): void {
    this.#queue.push(line);
    this.#bytes += line.length;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      try {
        await this.#writeSome(await this.#opened());
        this.#troubled = false;
      } catch (error) {
        const full = error instanceof Error && "code" in error && error.code === "EAGAIN";
        if (!full && !this.#troubled)
          this.#options.onTrouble(
            `cannot write ${this.#options.path}: ${error instanceof Error ? error.message : error}`,
          );
        this.#troubled ||= !full;
        if (this.#ending) break;
        await this.#pause(full ? fullPause : retryPause);
      }
    }
    this.#work = undefined;
  }

  async #writeSome(fd: number): Promise<void> {
    const batch: Uint8Array[] = [];
    let length = 0;
    for (const line of this.#queue) {
      if (length > 0 && length + line.length > writeMax) break;
      batch.push(line);
      length += line.length;
    }
    const { bytesWritten } = await files.write(fd, Buffer.concat(batch, length));
    this.#bytes -= bytesWritten;
    let left = bytesWritten;
    for (let [line] = this.#queue; line !== undefined && left > 0; [line] = this.#queue) {
      if (left < line.length) this.#queue[0] = line.subarray(left);
      else this.#queue.shift();
      left -= line.length;
    }
  }

  async #opened(): Promise<number> {
    const now = performance.now();
    if (this.#fd !== undefined && now - this.#checkedAt < rotationCheck) return this.#fd;
    this.#checkedAt = now;
    if (this.#fd !== undefined) {
      const [there, ours] = await Promise.all([
        files.stat(this.#options.path).catch(() => undefined),
        files.fstat(this.#fd),
      ]);
      if (there?.ino === ours.ino && there.dev === ours.dev) return this.#fd;
      await this.#close();
    }
    const opened = await files.open(this.#options.path, appending, this.#options.mode);
    this.#fd = opened;
    return opened;
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await files.close(fd).catch(() => {});
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
