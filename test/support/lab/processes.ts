/** Processes of a machine, as this process sees them: inside they are numbered anew. */
import { existsSync, readFileSync } from "node:fs";
import type { Machine } from "./machine.ts";

interface Seen {
  readonly pid: number;
  readonly name: string;
  /** Its number inside. */
  readonly inner: number;
}

/** Those below the first one of a machine; one that ends meanwhile is not there. */
export function processesOf(machine: Machine): Seen[] {
  return machine.pid === undefined ? [] : below(machine.pid);
}

function below(pid: number): Seen[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(list)) return [];
  return readFileSync(list, "utf8")
    .split(" ")
    .filter((each) => each !== "")
    .map(Number)
    .flatMap((child) => [...seen(child), ...below(child)]);
}

function seen(pid: number): Seen[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, name = ""] = /^Name:\t(.*)$/m.exec(status) ?? [];
    return [{ pid, name, inner: Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]) }];
  } catch {
    return []; // it has just ended
  }
}

/** Ticks of a processor's time a second, as Linux tells them. */
const ticks = 100;

/** Seconds of a processor's time: its own, and of those that it has started and that have ended. Source: proc(5), /proc/PID/stat. */
export function spentBy(pid: number): { readonly own: number; readonly children: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / ticks, children: (childUser + childSystem) / ticks };
}

/** Kilobytes: its share of what it has in memory. */
export const pssOf = (pid: number): number =>
  Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]);
