/**
 * One disk for several nodes, as a storage network gives: an image that each node attaches to a loop device of its own.
 *
 * Each loop device goes around the cache of the other (direct I/O), and each node's ext4 believes that it is alone: two mounts at once do
 * corrupt it, as on a real shared disk. A power cut must take the disk away, too: a namespace that ends would still write out what its
 * file system has in memory, which no dead machine does.
 */
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { loadSystem } from "../../../src/drivers/sys/system.ts";
import type { Hub } from "./hub.ts";
import type { Machine } from "./machine.ts";
import { Watch } from "./watch.ts";

/** As the nodes see them. */
export const image = "/shared/disk.img";
const deviceLink = "/dev/shared";

export const makeSharedDisk = (hub: Hub, megabytes: number): Promise<void> =>
  hub.prepare('mkdir -p "$1" && truncate -s "$2M" "$1/disk.img"', hub.folder("shared"), `${megabytes}`);

/** A resource script: `shareddisk` attaches the image to a loop device of this node, and names that /dev/shared. */
export const diskScript = `#!/bin/sh
attached() { [ -e ${deviceLink} ] && losetup "$(readlink ${deviceLink})" >/dev/null 2>&1; }
case $1 in
start)
  attached && exit 0
  for try in 1 2 3 4 5; do # two nodes may choose the same free device
    device=$(losetup --find --show --direct-io=on ${image}) && exec ln -sfn "$device" ${deviceLink}
    sleep 0.1
  done
  exit 1 ;;
stop)
  attached || exit 0
  losetup -d "$(readlink ${deviceLink})" && rm -f ${deviceLink} ;;
status) if attached; then echo running; else echo stopped; fi ;;
esac
`;

/** Who has something mounted at `place`; costs no process. */
export function watchMounts(machines: readonly Machine[], place: string): Watch {
  const has = ({ pid }: Machine): boolean => {
    try {
      return pid !== undefined && readFileSync(`/proc/${pid}/mounts`, "latin1").includes(` ${place} ext4 `);
    } catch {
      return false; // it crashed in this very moment
    }
  };
  return new Watch(() => machines.filter(has).map(({ name }) => name), 1);
}

/** The loop device of a node that is on; undefined: it has none. */
function loopOf(machine: Machine): string | undefined {
  const link = `/proc/${machine.pid}/root${deviceLink}`;
  try {
    return basename(readlinkSync(link));
  } catch {
    return undefined;
  }
}

/** Whether the kernel really goes around its cache for the node's device. */
export const usesDirectIo = (machine: Machine): boolean =>
  readFileSync(`/sys/block/${loopOf(machine)}/loop/dio`, "latin1").trim() === "1";

/** What a power cut does to the disk of a node: nothing that it has in memory reaches the image any more. */
export function cutDisk(machine: Machine, place: string): void {
  const loop = loopOf(machine);
  const root = `/proc/${machine.pid}/root`;
  if (loop === undefined) return;
  if (readFileSync(`/proc/${machine.pid}/mounts`, "latin1").includes(` ${place} ext4 `)) shutDown(join(root, place));
  const device = join(root, "dev", loop);
  if (existsSync(device)) shrink(device);
  releaseDisk(machine);
}

/** The loop device goes as soon as nothing has it mounted; a node that dies would leave it to the host otherwise. */
export function releaseDisk(machine: Machine): void {
  const loop = loopOf(machine);
  const device = `/proc/${machine.pid}/root/dev/${loop}`;
  if (loop !== undefined && existsSync(device)) control(device, 0x4c01, new Uint8Array(4)); // LOOP_CLR_FD
}

/** The file system forgets what is not written yet (FS_IOC_SHUTDOWN without writing its log). */
function shutDown(folder: string): void {
  const request = 0x8004587d; // _IOR('X', 125, __u32)
  const withoutLog = Uint8Array.of(2, 0, 0, 0);
  control(folder, request, withoutLog);
}

/** And the device ends after its first sector, so that nothing can be written later (LOOP_SET_STATUS64 with lo_sizelimit). */
function shrink(device: string): void {
  const status = new Uint8Array(232); // struct loop_info64
  control(device, 0x4c05, status);
  new DataView(status.buffer).setBigUint64(32, 512n, true);
  control(device, 0x4c04, status);
}

function control(path: string, request: number, argument: Uint8Array): void {
  const system = loadSystem();
  if (!system.ok) throw new Error(system.error.says);
  const fd = openSync(path, "r");
  const answer = system.value.control(fd, request, argument);
  closeSync(fd);
  if (answer < 0) throw new Error(`${path}: ioctl 0x${request.toString(16)}: errno ${-answer}`);
}
