/**
 * Disks as the kernel numbers them, by the files of /sys and /dev, which are in memory: nobody waits for a disk here.
 *
 * Source: sysfs(5); Linux, Documentation/ABI/testing/sysfs-block; makedev(3).
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";

/** Of which a file system is mounted, or was. */
export interface Disk {
  /** `MAJOR:MINOR`, as in the tables; major 0 is that of a file system with several disks. */
  readonly device: string;
  /** A path of it. */
  readonly source: string;
  /** What hangs on a loop device: another file is another disk. */
  readonly attached: string;
}

export const diskAt = (device: string, source: string): Disk => ({ device, source, attached: attachedTo(device) });

/** By the path of its device; undefined: there is none. */
export function deviceOf(path: string): string | undefined {
  try {
    const found = statSync(path);
    if (!found.isBlockDevice()) return undefined;
    return deviceNumber(found.rdev);
  } catch {
    return undefined;
  }
}

/** `MAJOR:MINOR` of what stat(2) says. */
export const deviceNumber = (number: number): string =>
  `${(number >>> 8) & 0xfff}:${(number & 0xff) | ((number >>> 12) & 0xfff00)}`;

/** The loop devices on which one of the files hangs, with their paths. */
export function loopsOn(files: readonly string[]): readonly Disk[] {
  return readdirIfThere("/sys/block").flatMap((name): Disk[] => {
    if (!name.startsWith("loop") || !files.includes(readIfThere(`/sys/block/${name}/loop/backing_file`))) return [];
    return [diskAt(readIfThere(`/sys/block/${name}/dev`), `/dev/${name}`)];
  });
}

/** Empty: it is no loop device, or nothing hangs on it. */
export function attachedTo(device: string): string {
  const file = readIfThere(`/sys/dev/block/${device}/loop/backing_file`);
  return file === "" ? "" : `${file} ${readIfThere(`/sys/dev/block/${device}/diskseq`)}`; // that number counts the files
}

/** Some file systems have a folder there as long as they live. */
export function hasFileSystem(device: string): boolean {
  let name: string;
  try {
    name = basename(readlinkSync(`/sys/dev/block/${device}`));
  } catch {
    return false;
  }
  return readdirIfThere("/sys/fs").some((type) => existsSync(`/sys/fs/${type}/${name}`));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function readdirIfThere(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
