/**
 * Who has what mounted, and who uses it: read from the kernel's tables alone.
 *
 * No file system is asked for anything, not even by `stat`: one whose server or disk is gone would never answer, and it is those that are to be
 * unmounted. A process is a user when its directories, its program, what it has mapped or an open file lie on the mount. Services often have
 * mount tables of their own (`PrivateTmp=` of systemd), in which the same mount has another number, so that each table is looked at.
 *
 * Source: proc(5): mountinfo, fd, maps, net/unix.
 */
import { readFileSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";

export interface Mount {
  readonly id: string;
  /** `MAJOR:MINOR`; major 0 is no disk. */
  readonly device: string;
  /** What of the file system is mounted here; `/` is the whole. */
  readonly root: string;
  readonly place: string;
  readonly source: string;
}

/** In the kernel's order: of several at one place the last one is seen. */
export async function mountsOf(process: string): Promise<readonly Mount[]> {
  return readMounts(readFileSync(`/proc/${process}/mountinfo`, "utf8")); // the one pool thread may be waiting for a dead disk
}

export function readMounts(table: string): readonly Mount[] {
  return table.split("\n").flatMap((line): Mount[] => {
    const [before = "", behind = ""] = line.split(" - ");
    const [id, , device, root, place] = before.split(" ");
    const [, source = ""] = behind.split(" ");
    if (id === undefined || device === undefined || root === undefined || place === undefined) return [];
    return [{ id, device, root: unescaped(root), place: unescaped(place), source: unescaped(source) }];
  });
}

/** Blanks and their kin stand there in octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** What is seen at the place. */
export const mountAt = (mounts: readonly Mount[], place: string): Mount | undefined =>
  mounts.findLast((mount) => mount.place === place);

export const isBelow = (path: string, place: string): boolean => path.startsWith(`${place === "/" ? "" : place}/`);

/** The mount on which a path lies. */
function mountUnder(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts)
    if ((path === mount.place || isBelow(path, mount.place)) && mount.place.length >= (found?.place.length ?? 0))
      found = mount;
  return found;
}

export interface MountUser {
  readonly pid: number;
  /** `comm` of proc(5). */
  readonly name: string;
}

/** The processes that use the mount; never one of `spared`, the first process, or this one. */
export async function usersOf(mount: Mount, spared: readonly number[]): Promise<readonly MountUser[]> {
  const sockets = await socketsBelow(mount.place);
  return await usersWith(mount, spared, async (pid, isOn) => {
    for (const name of ["cwd", "root", "exe"]) if (isOn(await linkOf(`/proc/${pid}/${name}`))) return true;
    const files = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(files.map((file) => linkOf(`/proc/${pid}/fd/${file}`)));
    return links.some((link) => isOn(link) || sockets.has(link));
  });
}

/**
 * Those of the processes that have nothing open, but parts of a file of the mount in memory. A process that waits for a dead disk may not let
 * its list of them be read, so that `search` leaves it to a program: which of these files contain the text.
 */
export async function mappersOf(
  mount: Mount,
  spared: readonly number[],
  search: (text: string, files: readonly string[]) => Promise<readonly string[]>,
): Promise<readonly MountUser[]> {
  const candidates = await usersWith(mount, spared, async () => true);
  const found = new Set(
    await search(
      ` ${mount.place}/`,
      candidates.map(({ pid }) => mapsOf(pid)),
    ),
  );
  return candidates.filter(({ pid }) => found.has(mapsOf(pid)));
}

const mapsOf = (pid: number): string => `/proc/${pid}/maps`;
const linkOf = (path: string): Promise<string> => readlink(path).catch(() => "");

/** What open files of sockets are called that have a name below the place. */
async function socketsBelow(place: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile("/proc/net/unix", "latin1")).split("\n");
  return new Set(
    lines.flatMap((line) => {
      const [, inode, path = ""] = /^(?:\S+ +){6}(\d+) (\/.*)$/.exec(line.replaceAll(/ +/g, " ")) ?? [];
      return inode !== undefined && isBelow(path, place) ? [`socket:[${inode}]`] : [];
    }),
  );
}

/** Processes in whose table the mount is, and that pass `uses`. */
async function usersWith(
  { device, root, place }: Mount,
  spared: readonly number[],
  uses: (pid: string, isOn: (path: string) => boolean) => Promise<boolean>,
): Promise<readonly MountUser[]> {
  const same = (mount: Mount | undefined): boolean =>
    mount?.device === device && mount.root === root && mount.place === place;
  const tables = new Map<string, Promise<readonly Mount[]>>();
  const tableOf = async (pid: string): Promise<readonly Mount[]> => {
    const namespace = await readlink(`/proc/${pid}/ns/mnt`);
    const table = tables.get(namespace) ?? mountsOf(pid);
    tables.set(namespace, table);
    return await table;
  };
  await tableOf("self"); // before a process of our table that sees only a part of it
  const users: MountUser[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || [1, process.pid, ...spared].includes(Number(pid))) continue;
    try {
      const table = await tableOf(pid);
      if (!table.some(same) || !(await uses(pid, (path) => path.startsWith("/") && same(mountUnder(table, path)))))
        continue;
      users.push({ pid: Number(pid), name: (await readFile(`/proc/${pid}/comm`, "utf8")).trim() });
    } catch {
      // It has just ended, or is not ours to look at.
    }
  }
  return users;
}
