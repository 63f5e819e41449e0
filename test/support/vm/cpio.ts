/**
 * An initial file system for a kernel, as bytes: a cpio archive of the "newc" kind.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. Each entry is a header of 6 + 13 x 8 characters, the name with its
 * zero, and the contents, the latter two padded to four bytes. Directories of a file come before it by themselves.
 */
export type Entry =
  | { readonly path: string; readonly content: Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly link: string };

const directoryMode = 0o040755;
const fileType = 0o100000;
const linkMode = 0o120777;

/** `path`s are absolute; of two of the same path the last one counts. */
export function cpioArchive(entries: readonly Entry[]): Buffer {
  const files = new Map(entries.map((entry) => [entry.path.replace(/^\/+/, ""), entry]));
  const parts: Buffer[] = [];
  let number = 0;
  const add = (name: string, mode: number, content: Uint8Array): void => {
    number++;
    const path = Buffer.from(`${name}\0`);
    const fields = [number, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    parts.push(padded(Buffer.concat([Buffer.from(header), path])), padded(Buffer.from(content)));
  };
  for (const folder of foldersOf([...files.keys()])) add(folder, directoryMode, new Uint8Array());
  for (const [name, entry] of files)
    if ("link" in entry) add(name, linkMode, Buffer.from(entry.link));
    else add(name, fileType | (entry.mode ?? 0o644), entry.content);
  add("TRAILER!!!", 0, new Uint8Array());
  return Buffer.concat(parts);
}

/** Every directory above these files, the outer ones first. */
function foldersOf(names: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const name of names) {
    const words = name.split("/").slice(0, -1);
    for (let n = 1; n <= words.length; n++) folders.add(words.slice(0, n).join("/"));
  }
  return [...folders].sort();
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
