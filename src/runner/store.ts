/**
 * Writes small files for the core, which must not wait for a disk: old or new content, never half of either, and of several versions that come
 * while one is being written only the last.
 */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export class Store {
  readonly #waiting = new Map<string, string>();
  readonly #told: (path: string, says: string) => void;
  #work: Promise<void> | undefined;

  /** `failed` is told which file could not be written, and why. */
  constructor(failed: (path: string, says: string) => void) {
    this.#told = failed;
  }

  /** `text`: one character is one byte. */
  push(path: string, text: string): void {
    this.#waiting.delete(path);
    this.#waiting.set(path, text);
    this.#work ??= this.#writeAll();
  }

  /** Resolves when nothing waits to be written any more. */
  async done(): Promise<void> {
    await this.#work;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [path, text] = next;
      this.#waiting.delete(path);
      try {
        await write(path, text);
      } catch (error) {
        this.#told(path, error instanceof Error ? error.message : String(error));
      }
    }
    this.#work = undefined;
  }
}

async function write(path: string, text: string): Promise<void> {
  const fresh = `${path}.tmp`;
  try {
    const file = await open(fresh, "w", 0o644);
    try {
      await file.writeFile(text, "latin1");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    const folder = await open(dirname(path), "r");
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {}); // read-only: nothing was made
    throw error;
  }
}
