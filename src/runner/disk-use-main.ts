/**
 * A small program for two things that may wait for ever, and that no other program does:
 *
 *     open MAJOR:MINOR PATH...     opens the disk for itself alone, which the kernel refuses as long as it is mounted for anybody
 *     unmount {pid, places}...     in the table of mounts of that process, for each
 *
 * Nothing of that table's files is run or read: it may belong to a container whose owner is not to be trusted.
 */
import { closeSync, constants, openSync } from "node:fs";
import { errno } from "../drivers/sys/errno.ts";
import { loadSystem, type System } from "../drivers/sys/system.ts";
import { deviceOf } from "./block-devices.ts";
import { answers } from "./disk-answers.ts";

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

interface Table {
  readonly pid: number;
  readonly places: readonly string[];
}

/** Says of each in a line how it went. */
function unmountAll(tables: readonly Table[]): void {
  const system = loadSystem();
  const entrances = tables.map(({ pid }) => entranceTo(pid)); // beyond the first one there may be no /proc
  for (const [index, { places }] of tables.entries()) {
    const entrance = entrances[index];
    if (entrance === undefined) console.log(answers.busy);
    else if (system.ok && system.value.enterMounts(entrance) >= 0) console.log(unmount(system.value, places));
    else console.log(answers.cannot);
  }
}

function entranceTo(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/ns/mnt`, "r");
  } catch {
    return undefined; // it has just ended; others may have the table, too
  }
}

function unmount(system: System, places: readonly string[]): number {
  let worst: number = answers.done;
  for (const place of places) {
    const code = system.unmount(place);
    if (code < 0) worst = Math.max(worst, code === errno.EBUSY ? answers.busy : answers.cannot);
  }
  return worst;
}

const [what, ...args] = process.argv.slice(2);
if (what === "open") process.exitCode = open(args);
else unmountAll(args.map((each): Table => JSON.parse(each)));
