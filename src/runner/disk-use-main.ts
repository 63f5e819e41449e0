/**
 * A small program for two things that may wait for ever, and that no other program does:
 *
 *     open MAJOR:MINOR PATH...                    opens the disk for itself alone, which the kernel refuses as long as it is mounted for anybody
 *     unmount {pid, namespace, mounts}...         in the table of mounts of that process, for each
 *
 * Nothing of that table's files is run or read: it may belong to a container whose owner is not to be trusted. A place is a name, and may be that of
 * another mount meanwhile, or for somebody with another root: what lies there is compared with what is meant before it is unmounted.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { errno } from "../drivers/sys/errno.ts";
import { loadSystem, type System } from "../drivers/sys/system.ts";
import { deviceNumber, deviceOf } from "./block-devices.ts";
import { answers, type TableToChange } from "./disk-answers.ts";
import { type Mount, mountAt, readMounts } from "./mounts.ts";

/** Says by its exit code how it went. */
function open([device, ...paths]: readonly string[]): number {
  const path = paths.find((each) => device === deviceOf(each) || device?.startsWith("0:"));
  if (path === undefined) return answers.cannot;
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK));
    return answers.done;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EBUSY" ? answers.busy : answers.cannot;
  }
}

/** What is opened before the first table is entered, beyond which there may be no /proc. */
interface Entrance {
  readonly namespace: number;
  /** Its file `mountinfo`, which shows that table from there, too. */
  readonly table: number;
  readonly root: Stats;
}

/** Says of each in a line how it went. */
function unmountAll(tables: readonly TableToChange[]): void {
  const system = loadSystem();
  const entrances = tables.map(entranceTo);
  for (const [index, { mounts }] of tables.entries()) {
    const entrance = entrances[index];
    if (entrance === undefined) console.log(answers.busy);
    else if (system.ok && system.value.enterMounts(entrance.namespace) >= 0)
      console.log(Math.max(answers.done, ...mounts.map((mount) => unmount(system.value, mount, entrance))));
    else console.log(answers.cannot);
  }
}

function entranceTo({ pid, namespace }: TableToChange): Entrance | undefined {
  try {
    const opened = openSync(`/proc/${pid}/ns/mnt`, "r");
    if (namespace !== `mnt:[${fstatSync(opened).ino}]`) return undefined; // another process has the number now
    return { namespace: opened, table: openSync(`/proc/${pid}/mountinfo`, "r"), root: statSync(`/proc/${pid}/root`) };
  } catch {
    return undefined; // it has just ended; others may have the table, too
  }
}

/** `busy`: whoever uses it has to go first; `cannot`: its place leads somewhere else. */
function unmount(system: System, { id, device, place }: TableToChange["mounts"][number], entrance: Entrance): number {
  const mounts = tableAt(entrance);
  if (place === "/") return answers.busy; // the kernel would unmount nothing, but let nobody write to it any more
  if (!mounts.some((each) => each.id === id && each.device === device && each.place === place)) return answers.busy; // just gone
  if (mountAt(mounts, place)?.id !== id || !leadsTo(place, device, entrance)) return answers.cannot;
  const code = system.unmount(place);
  return code >= 0 ? answers.done : code === errno.EBUSY ? answers.busy : answers.cannot;
}

/** False: this program has another root than whose table it is, or a place above leads elsewhere. */
function leadsTo(place: string, device: string, { root }: Entrance): boolean {
  try {
    const ours = statSync("/");
    if (ours.dev !== root.dev || ours.ino !== root.ino) return false;
    return device.startsWith("0:") || deviceNumber(lstatSync(place).dev) === device;
  } catch {
    return false;
  }
}

/** As it is now. */
function tableAt({ table }: Entrance): readonly Mount[] {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const part = Buffer.alloc(65_536);
    const length = readSync(table, part, 0, part.length, at);
    if (length === 0) return readMounts(Buffer.concat(parts).toString("utf8"));
    parts.push(part.subarray(0, length));
    at += length;
  }
}

const [what, ...args] = process.argv.slice(2);
if (what === "open") process.exitCode = open(args);
else unmountAll(args.map((each): TableToChange => JSON.parse(each)));
