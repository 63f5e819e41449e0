/**
 * Whether the kernel still has a disk mounted for somebody, when it is not mounted any more where everybody sees it.
 *
 * A process may have a table of mounts of its own (a container, a service), into which no unmounting of ours reaches. As long as a copy of the mount
 * is in one of them the file system is alive: it writes what it has in memory, and the other node would mount a disk that is still written to.
 * So the mount is taken out of those tables, too, by the same rules as out of ours: who uses it is told to end, and ended. What the tables of all processes
 * do not show (one that only a file keeps, a mount that was detached while in use) shows when the disk is opened for oneself alone.
 *
 * Programs ask the disk and enter those tables (`disk-use-main.ts`): either may wait for ever.
 *
 * Source: mount_namespaces(7); open(2), O_EXCL of a block device; sysfs(5). Deviations: of mounts in other tables (quirk 290).
 */
import { setTimeout as pause } from "node:timers/promises";
import { attachedTo, type Disk, diskAt, hasFileSystem } from "./block-devices.ts";
import { answers, type TableToChange } from "./disk-answers.ts";
import { type EndingHands, EndingUsers, firstOf, lookEvery, namesOf } from "./ending-users.ts";
import { type Mount, mountsOf, type OtherTable, otherTables } from "./mounts.ts";
import type { Ran } from "./program.ts";

export interface DiskHands extends EndingHands {
  /** Runs `disk-use-main.ts`. */
  askDisk(argv: readonly string[]): Promise<Ran>;
  readonly signal: AbortSignal;
  /** The devices that were in use at the end of a stop. */
  readonly unreleased: Set<string>;
}

/** Tables that are entered in one go. */
const tablesMax = 100;
/** Several nodes may have one of these mounted at once. */
const clustered = /^(?:ocfs2|gfs2?)$/;

/** Undefined: the file system has no disk, or none of its own. */
export function diskUnder({ device, source, type }: Mount): Disk | undefined {
  const ofSeveral = type === "btrfs" && source.startsWith("/dev/");
  if (clustered.test(type) || (device.startsWith("0:") && !ofSeveral)) return undefined;
  return diskAt(device, source);
}

const isOf =
  (disk: Disk) =>
  ({ device, source, type }: Mount): boolean =>
    !clustered.test(type) && (device === disk.device || (type === "btrfs" && source === disk.source));

/** Of those disks, which are not mounted where everybody sees it, the ones whose file system lives on. */
export async function stillMounted(disks: readonly Disk[], hands: DiskHands): Promise<readonly Disk[]> {
  const found: Disk[] = [];
  for (const disk of disks) {
    if (mountsOf("self").some(isOf(disk))) continue; // elsewhere, on purpose
    const { device } = disk;
    if ((await otherTables(isOf(disk), hands.spared)).length > 0) found.push(disk);
    else if ((hands.unreleased.has(device) || hasFileSystem(device)) && (await isBusy(disk, hands))) found.push(disk);
  }
  return found;
}

/** Takes it out of all tables of mounts. True: the kernel has let go of it. `place`: for the log. */
export async function release(disk: Disk, place: string, hands: DiskHands): Promise<boolean> {
  const users = new EndingUsers(hands);
  for (;;) {
    if (hands.signal.aborted) return false;
    if (attachedTo(disk.device) !== disk.attached || mountsOf("self").some(isOf(disk))) break;
    const tables = await otherTables(isOf(disk), hands.spared);
    if (tables.length === 0 && !(await isBusy(disk, hands))) break;
    if (users.isOver) {
      hands.unreleased.add(disk.device);
      hands.remark(`${disk.source} of ${place} is not free: ${reasonOf(tables)}`);
      return false;
    }
    await leave(tables.slice(0, tablesMax), users, hands);
    await pause(lookEvery);
  }
  hands.unreleased.delete(disk.device);
  return true;
}

const reasonOf = (tables: readonly OtherTable[]): string =>
  tables.length === 0
    ? "its file system lives on, in no process's table of mounts (one that a file keeps, or detached in use)"
    : `still mounted for ${firstOf(
        tables.map(({ residents, mounts }) => `${namesOf(residents)} at ${firstOf(placesOf(mounts))}`),
        "; ",
      )}`;

/** When somebody uses the mounts he is told to end; when a table cannot be entered, or not be changed, all are whose it is. */
async function leave(tables: readonly OtherTable[], users: EndingUsers, hands: DiskHands): Promise<void> {
  const asked = tables.flatMap(({ namespace, residents: [first], mounts }): TableToChange[] => {
    const wanted = mounts.map(({ id, device, place }) => ({ id, device, place })).reverse();
    return first === undefined ? [] : [{ pid: first.pid, namespace, mounts: wanted }];
  });
  if (asked.length === 0) return;
  const { says } = await hands.askDisk(["unmount", ...asked.map((table) => JSON.stringify(table))]);
  const lines = says.split("\n");
  for (const [index, { residents, mounts }] of tables.filter(({ residents }) => residents.length > 0).entries()) {
    const places = firstOf(placesOf(mounts));
    if (lines[index] === `${answers.done}`) hands.remark(`unmounted ${places} for ${namesOf(residents)}`);
    else if (lines[index] === `${answers.cannot}`)
      users.end(residents, `those who have ${places} mounted for themselves`);
    else for (const mount of mounts) await users.endUsers(mount);
  }
}

const placesOf = (mounts: readonly Mount[]): string[] => mounts.map(({ place }) => place);

/** What gave no answer counts as busy: to be asked again. One that nobody may open here is judged by the kernel's folder of its file system. */
async function isBusy({ device, source }: Disk, hands: DiskHands): Promise<boolean> {
  const { code } = await hands.askDisk(["open", device, source, `/dev/block/${device}`]);
  return code === answers.cannot ? hasFileSystem(device) : code !== answers.done;
}
