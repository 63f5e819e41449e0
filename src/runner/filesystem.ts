/**
 * Mounts and unmounts a file system for a group, with the programs that know how: mount, umount, fsck, blockdev.
 *
 * They are called with lists of arguments and never through a shell; each is a process of its own, since a disk or a server that does not
 * answer keeps whoever asks it waiting. Whether it is mounted is read from the kernel's table. What still uses it at the stop is told to end,
 * and is ended after three seconds more: the other node may mount it only when nobody writes here any more.
 *
 * Source: docs/reference/resources.md, section 3.6; mount(8), umount(8), fsck(8), blockdev(8).
 * Deviations: of what is ended and unmounted (quirk 261), while a mount hangs (quirk 262), and of mounts in other tables (quirk 290).
 */
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { FileSystem } from "../agents/built-in.ts";
import type { AgentAction } from "../agents/resource.ts";
import { type Disk, deviceOf, diskAt, loopsOn } from "./block-devices.ts";
import { type DiskHands, diskUnder, release, stillMounted } from "./disk-use.ts";
import { EndingUsers, lookEvery } from "./ending-users.ts";
import { isBelow, type Mount, mountAt, mountsOf } from "./mounts.ts";
import { notThere, program } from "./program.ts";

export interface FileSystemHands extends DiskHands {
  /** Resolves when none of those programs runs any more, also of an earlier action that was not waited for. */
  ended(): Promise<void>;
}

/** How long a device that was just attached may take to get its name; milliseconds. */
const devicePatience = 5000;
/** Mounts over one another at one place that are taken off in one go. */
const layersMax = 32;

/** Without a disk of their own. */
const diskless =
  /^(?:nfs4?|cifs|smb3|smbfs|ceph|glusterfs|fuse\..*|fuse|9p|virtiofs|lustre|tmpfs|ramfs|overlay|none|proc|sysfs)$/;
/** Mend themselves when they are mounted, or must not be checked before. */
const selfMending = /^(?:ext[34]|xfs|btrfs|jfs|f2fs|reiser.*|ocfs2|gfs2|vfat|exfat|ntfs3?|zfs|iso9660|squashfs)$/;
const overNetwork = /^(?:nfs4?|cifs|smb3|smbfs)$/;

/** The exit code; what is wrong was said as a remark. */
export async function runFileSystem(
  fileSystem: FileSystem,
  action: AgentAction,
  hands: FileSystemHands,
): Promise<number> {
  if (action !== "status") await hands.ended();
  const place = await placeOf(fileSystem.directory, hands);
  if (place === undefined) return 1;
  const mounted = mountAt(mountsOf("self"), place) !== undefined;
  switch (action) {
    case "status":
      if (mounted) return 0;
      return (await stillMounted(await disksOf(fileSystem, hands), hands)).length > 0 ? 1 : 7; // quirk 291
    case "start":
      return mounted ? 0 : await mount(fileSystem, place, hands);
    case "stop": {
      if (mounted) return await unmountAll(fileSystem, place, hands);
      const left = await stillMounted(await disksOf(fileSystem, hands), hands);
      return await releaseAll(left, place, hands);
    }
  }
}

/** As the kernel names it. What is mounted under the written name is not asked for another one: it may not answer. */
async function placeOf(directory: string, hands: FileSystemHands): Promise<string | undefined> {
  if (mountAt(mountsOf("self"), directory) !== undefined) return directory;
  const place = await realPath(directory, hands);
  if (place === undefined) hands.remark(`whether ${directory} is mounted cannot be told: its links cannot be followed`);
  return place;
}

async function realPath(path: string, hands: FileSystemHands): Promise<string | undefined> {
  const { code, says } = await hands.run(program("readlink"), ["-m", "--", path]);
  return code === 0 && says.startsWith("/") ? says : undefined;
}

/** On which of this node's disks it would be. */
async function disksOf(fileSystem: FileSystem, hands: FileSystemHands): Promise<readonly Disk[]> {
  const path = diskOf(fileSystem);
  if (path !== undefined) {
    const device = deviceOf(path);
    return device === undefined ? [] : [diskAt(device, path)];
  }
  const { source, type = "" } = fileSystem;
  if (isBind(fileSystem) || diskless.test(type) || !source.startsWith("/")) return [];
  return loopsOn([source, (await realPath(source, hands)) ?? source]);
}

const isBind = ({ options = "" }: FileSystem): boolean => /(?:^|,)r?bind(?:,|$)/.test(options);

async function mount(fileSystem: FileSystem, place: string, hands: FileSystemHands): Promise<number> {
  const { source, directory, type, options } = fileSystem;
  const below = mountsOf("self").find((each) => isBelow(each.place, place));
  if (below !== undefined) {
    hands.remark(`${below.place} is mounted below ${directory} and would be hidden; unmount it`);
    return 6;
  }
  const disk = diskOf(fileSystem);
  if (disk !== undefined) {
    if (!(await appears(disk, hands.signal)) && disk === source) {
      hands.remark(`there is no device ${disk}`);
      return 5;
    }
    if (!(await check(fileSystem, disk, hands))) return 1;
    await forget(disk, hands); // what was read before the other node wrote
  }
  const made = await hands.run(program("mkdir"), ["-p", "--", place]);
  if (made.code !== 0) {
    hands.remark(`${directory} cannot be made: ${made.says}`);
    return 5;
  }
  const argv = [...(type === undefined || type === "none" ? [] : ["-t", type]), ...optionsOf(options), "--"];
  const { code, says } = await hands.run(program("mount"), [...argv, source, place]);
  if (code === 0 && mountAt(mountsOf("self"), place) !== undefined) return 0;
  hands.remark(`mount ended with code ${code}${says === "" ? "" : `: ${says}`}`);
  return 1;
}

/** Tried in the background (`bg` of nfs(5)), it would be mounted some time, perhaps after its stop (quirk 292). */
function optionsOf(options: string | undefined): readonly string[] {
  if (options === undefined) return [];
  const now = options.split(",").map((option) => (option === "bg" ? "fg" : option));
  return ["-o", now.join(",")];
}

/** The path of the device; undefined: it has none, or none that can be known before the mount. */
function diskOf({ source, type = "", options = "" }: FileSystem): string | undefined {
  if (diskless.test(type) || /(?:^|,)(?:r?bind|loop(?:=[^,]*)?)(?:,|$)/.test(options)) return undefined;
  const [, label] = /^LABEL=(.+)$/.exec(source) ?? [];
  if (label !== undefined) return `/dev/disk/by-label/${label}`;
  const [, uuid] = /^UUID=(.+)$/.exec(source) ?? [];
  if (uuid !== undefined) return `/dev/disk/by-uuid/${uuid}`;
  return source.startsWith("/dev/") ? source : undefined;
}

const isDisk = (path: string): boolean => deviceOf(path) !== undefined;

async function appears(disk: string, signal: AbortSignal): Promise<boolean> {
  for (let waited = 0; waited <= devicePatience && !signal.aborted; waited += lookEvery) {
    if (isDisk(disk)) return true;
    const folder = disk.slice(0, disk.lastIndexOf("/"));
    if (folder !== "/dev" && !existsSync(folder)) return false; // nobody gives such names here
    await pause(lookEvery);
  }
  return false;
}

/** Mends what an unclean end left, where mounting does not. False: it must not be mounted. */
async function check({ source, type }: FileSystem, disk: string, hands: FileSystemHands): Promise<boolean> {
  if (type !== undefined && selfMending.test(type)) return true;
  if (!isDisk(disk)) return true;
  const argv = [...(type === undefined ? [] : ["-t", type]), "-p", source];
  const { code, says } = await hands.run(program("fsck"), argv);
  if (code < 4 || code === notThere) return true;
  hands.remark(`fsck ended with code ${code}: repair it by hand${says === "" ? "" : ` (${says})`}`);
  return false;
}

/** Writes what waits in memory for the disk, and forgets what was read of it. */
async function forget(disk: string, hands: FileSystemHands): Promise<void> {
  if (isDisk(disk)) await hands.run(program("blockdev"), ["--flushbufs", disk]);
}

// --- Unmounting -----------------------------------------------------------------------------------------------------------

/** First what is mounted below it, then other places of the same disk, then itself. */
async function unmountAll(fileSystem: FileSystem, place: string, hands: FileSystemHands): Promise<number> {
  const mounts = mountsOf("self");
  // A bind of the top of a file system looks like its disk in the table; the disk is somebody else's, though.
  const isBound = isBind(fileSystem);
  const whole = ({ device, root }: Mount): boolean => !isBound && !device.startsWith("0:") && root === "/";
  const here = mounts.filter((each) => each.place === place);
  const disks = here.filter(whole);
  const toBeFree = isBound ? [] : here.flatMap((each) => diskUnder(each) ?? []);
  const elsewhere = (each: Mount): boolean =>
    each.place !== place && !isBelow(place, each.place) && disks.some(({ device }) => device === each.device);
  const goes = (each: Mount): boolean => isBelow(each.place, place) || elsewhere(each);
  const places = mounts.filter(goes).map((each) => each.place);
  for (const each of [...new Set(places.sort((a, b) => b.length - a.length)), place])
    if (!(await unmount(fileSystem, each, hands))) return 1;
  if ((await releaseAll(toBeFree, place, hands)) !== 0) return 1;
  for (const { source } of disks) await forget(source, hands);
  return 0;
}

async function releaseAll(disks: readonly Disk[], place: string, hands: FileSystemHands): Promise<number> {
  for (const disk of disks) if (!(await release(disk, place, hands))) return 1;
  return 0;
}

/** True: nothing is mounted there any more. */
async function unmount({ type = "" }: FileSystem, place: string, hands: FileSystemHands): Promise<boolean> {
  const argv = [...(overNetwork.test(type) ? ["-f"] : []), "--", place];
  const users = new EndingUsers(hands);
  let complaint = "";
  for (let layer = 0; layer < layersMax && !hands.signal.aborted; ) {
    const mounted = mountAt(mountsOf("self"), place);
    if (mounted === undefined) return true;
    const { code, says } = await hands.run(program("umount"), argv);
    if (code === 0) {
      layer++;
      continue;
    }
    complaint = says;
    if (users.isOver) break;
    await users.endUsers(mounted);
    await pause(lookEvery);
  }
  if (hands.signal.aborted || mountAt(mountsOf("self"), place) === undefined) return !hands.signal.aborted;
  hands.remark(`${place} is still mounted${complaint === "" ? "" : `: ${complaint}`}`);
  return false;
}
