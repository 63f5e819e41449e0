/** Reads the configuration files of a directory: bytes, permissions and owner, or the system's name for why not. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { ConfigurationFile, ConfigurationFiles } from "../config/configuration-files.ts";

/** One byte more than the reader accepts, so that it can say so; see `fileSizeMax` in src/syntax/lexer.ts. */
const readMax = 1024 * 1024 + 1;

/** All files of `directory`. Never throws for what stands on the disk. */
export function readConfigurationFiles(directory = "/etc/ha.d"): ConfigurationFiles {
  return {
    directory,
    haCf: readConfigurationFile(join(directory, "ha.cf")),
    authkeys: readConfigurationFile(join(directory, "authkeys")),
    haresources: readConfigurationFile(join(directory, "haresources")),
    ha4Cf: readConfigurationFile(join(directory, "ha4.cf")),
  };
}

export function readConfigurationFile(path: string): ConfigurationFile {
  let descriptor: number | undefined;
  try {
    // Not blocking: a FIFO in place of a file must not stop the daemon before it has said a word.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, uid } = fstatSync(descriptor);
    return { bytes: readBounded(descriptor), mode: mode & 0o7777, uid };
  } catch (error) {
    return { missing: errorName(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** At most `readMax` bytes, whatever the file claims to be: /dev/zero has no size and no end. */
function readBounded(descriptor: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < readMax) {
    const chunk = new Uint8Array(Math.min(65_536, readMax - length));
    const read = readOnce(descriptor, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  return Buffer.concat(chunks);
}

/** The original opens a directory as a file without a line, so a configuration that works with it works here. */
function readOnce(descriptor: number, chunk: Uint8Array): number {
  try {
    return readSync(descriptor, chunk);
  } catch (error) {
    if (errorName(error) === "EISDIR") return 0;
    throw error;
  }
}

const errorName = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO";
