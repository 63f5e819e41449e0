/**
 * Who has what mounted, and who uses it: read from the kernel's tables alone.
 *
 * No file system is asked for anything, not even by `stat`: one whose server or disk is gone would never answer, and it is those that are to be
 * unmounted. A process is a user when its directories, its program, what it has mapped or an open file lie on the mount. Services often have mount tables of
 * their own (`PrivateTmp=` of systemd), in which the same mount has another number, so that each table is looked at.
 *
 * Source: proc(5): mountinfo, fd, maps, net/unix; mount_namespaces(7).
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandOf, eachProcess } from "./processes.ts";

export interface Mount {
  readonly id: string;
  /** `MAJOR:MINOR`; major 0 is no disk. */
  readonly device: string;
  /** What of the file system is mounted here; `/` is the whole. */
  readonly root: string;
  readonly place: string;
  readonly type: string;
  readonly source: string;
}

/** In the kernel's order: of several at one place the last one is seen. */
export const mountsOf = (process: string): readonly Mount[] => readMounts(tableOf(process));

const tableOf = (process: string): string => readFileSync(`/proc/${process}/mountinfo`, "utf8");

export function readMounts(table: string): readonly Mount[] {
  return table.split("\n").flatMap((line): Mount[] => {
    const [before = "", behind = ""] = line.split(" - ");
    const [id, , device, root, place] = before.split(" ");
    const [type = "", source = ""] = behind.split(" ");
    if (id === undefined || device === undefined || root === undefined || place === undefined) return [];
    return [{ id, device, root: unescaped(root), place: unescaped(place), type, source: unescaped(source) }];
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
  const sockets = socketsBelow(mount.place);
  return await usersWith(mount, spared, (pid, isOn) => {
    for (const name of ["cwd", "root", "exe"]) if (isOn(linkOf(`/proc/${pid}/${name}`))) return true;
    for (const file of readdirSync(`/proc/${pid}/fd`)) {
      const link = linkOf(`/proc/${pid}/fd/${file}`);
      if (isOn(link) || sockets.has(link)) return true;
    }
    return false;
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
  const candidates = await usersWith(mount, spared, () => true);
  const found = new Set(
    await search(
      ` ${mount.place}/`,
      candidates.map(({ pid }) => mapsOf(pid)),
    ),
  );
  return candidates.filter(({ pid }) => found.has(mapsOf(pid)));
}

/** A table of mounts that is not ours, in which something is that was looked for. */
export interface OtherTable {
  /** The link `/proc/PID/ns/mnt`. */
  readonly namespace: string;
  /** Whose table it is, but for the first process, this one and those that are spared; first one that sees the mounts. */
  readonly residents: readonly MountUser[];
  /** What was looked for, in the kernel's order. */
  readonly mounts: readonly Mount[];
}

/** Where else the mounts are that `wanted` picks. */
export async function otherTables(
  wanted: (mount: Mount) => boolean,
  spared: readonly number[],
): Promise<readonly OtherTable[]> {
  const own = namespaceOf("self");
  const tables = new Map<string, { residents: MountUser[]; mounts: readonly Mount[]; isWhole: boolean }>();
  const views = new Map<string, readonly Mount[]>();
  await eachProcess((pid) => {
    const namespace = namespaceOf(pid);
    if (namespace === own) return;
    const root = linkOf(`/proc/${pid}/root`); // with one of its own a process sees only a part, at other places
    const view = `${namespace} ${root}`;
    const mounts = views.get(view) ?? mountsOf(pid).filter(wanted);
    views.set(view, mounts);
    const isWhole = root === "/";
    const table = tables.get(namespace) ?? { residents: [], mounts: [], isWhole: false };
    tables.set(namespace, table);
    const seesMore =
      mounts.length > table.mounts.length || (mounts.length === table.mounts.length && isWhole && !table.isWhole);
    if (isSpared(pid, spared)) {
      if (mounts.length > table.mounts.length) table.mounts = mounts;
      return;
    }
    const resident = { pid: Number(pid), name: commandOf(pid) };
    if (!seesMore) table.residents.push(resident);
    else {
      Object.assign(table, { mounts, isWhole });
      table.residents.unshift(resident);
    }
  });
  return [...tables].flatMap(([namespace, { residents, mounts }]) =>
    mounts.length > 0 ? [{ namespace, residents, mounts }] : [],
  );
}

const mapsOf = (pid: number): string => `/proc/${pid}/maps`;
const namespaceOf = (pid: string): string => readlinkSync(`/proc/${pid}/ns/mnt`);
const isSpared = (pid: string, spared: readonly number[]): boolean => [1, process.pid, ...spared].includes(Number(pid));

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** What open files of sockets are called that have a name below the place. */
function socketsBelow(place: string): ReadonlySet<string> {
  const lines = readFileSync("/proc/net/unix", "latin1").split("\n");
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
  uses: (pid: string, isOn: (path: string) => boolean) => boolean,
): Promise<readonly MountUser[]> {
  const same = (mount: Mount | undefined): boolean =>
    mount?.device === device && mount.root === root && mount.place === place;
  const tables = new Map<string, readonly Mount[]>();
  const tableAt = (pid: string): readonly Mount[] => {
    const namespace = namespaceOf(pid);
    const table = tables.get(namespace) ?? mountsOf(pid);
    tables.set(namespace, table);
    return table;
  };
  tableAt("self"); // before a process of our table that sees only a part of it
  const users: MountUser[] = [];
  await eachProcess((pid) => {
    if (isSpared(pid, spared)) return;
    const table = tableAt(pid);
    if (!table.some(same) || !uses(pid, (path) => path.startsWith("/") && same(mountUnder(table, path)))) return;
    users.push({ pid: Number(pid), name: commandOf(pid) });
  });
  return users;
}
