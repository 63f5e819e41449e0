/**
 * The control FIFO: scripts write messages into it, the daemon sends them to the cluster. Only its permissions protect it.
 *
 * It is opened for reading and writing, although nothing is written: a FIFO without a writer is at its end again and again, and one
 * without a reader makes scripts hang.
 *
 * Source: docs/reference/files-and-cli.md, section 3; wire-protocol.md, section 12.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync } from "node:fs";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { errnoText } from "./sys/errno.ts";
import { loadSystem, ready } from "./sys/system.ts";

export interface Fifo {
  /** It did not exist. */
  readonly created: boolean;
  /** May be called more than once. */
  close(): void;
}

/**
 * Bytes that are read in a turn of the loop: a few messages. A full pipe holds two thousand, and heartbeats would wait for all of them.
 */
const pieceSize = 512;

/** `onBytes` gets what was written, in order and in pieces of any size, each its to keep; at most half a KiB a turn of the loop. */
export function openFifo(path: string, onBytes: (bytes: Uint8Array) => void): Result<Fifo, Fault> {
  const loaded = loadSystem();
  if (!loaded.ok) return loaded;
  const system = loaded.value;

  const created = !exists(path);
  if (created) {
    const made = system.makeFifo(path, 0o600);
    if (made < 0) return failed({ code: "fifo-failed", says: `cannot make the FIFO ${path}: ${errnoText(made)}` });
  }
  let fd: number;
  try {
    // Looked at before it is opened, because opening a device may do something; and after, because it may have been swapped.
    if (!lstatSync(path).isFIFO()) return failed(notFifo(path));
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return failed({ code: "fifo-failed", says: `cannot open ${path}: ${messageOf(error)}` });
  }
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd);
    return failed(notFifo(path));
  }

  const buffer = new Uint8Array(pieceSize);
  let watching = system.watch(fd, ready.readable, () => {
    const length = system.read(fd, buffer);
    if (length > 0) onBytes(buffer.slice(0, length));
  });
  if (watching < 0) {
    closeSync(fd);
    return failed({ code: "fifo-failed", says: `cannot read ${path}: ${errnoText(watching)}` });
  }
  return ok({
    created,
    close: () => {
      if (watching < 0) return;
      system.unwatch(watching);
      watching = -1;
      closeSync(fd);
    },
  });
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const notFifo = (path: string): Fault => ({
  code: "not-a-fifo",
  says: `${path} is not a FIFO`,
  advice: `a script may have written there while the daemon was down; look at it and remove it: rm ${path}`,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
