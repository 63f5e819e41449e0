/**
 * The processes of this machine, by /proc. Its files are in memory and are read at once: the one thread that Node.js has for files may be waiting for a disk
 * that is dead. Between two processes everybody else gets a turn.
 *
 * Source: proc(5).
 */
import { readdirSync, readFileSync } from "node:fs";

export async function eachProcess(look: (pid: string) => void): Promise<void> {
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      look(pid);
    } catch {
      // It has just ended, or is not ours to look at.
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** `comm` of proc(5). */
export const commandOf = (pid: string): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

export interface ProcessState {
  readonly name: string;
  /** One letter. */
  readonly state: string;
  /** Its process group. */
  readonly group: number;
}

/** It has ended, even if nobody has asked how. */
export const hasEnded = ({ state }: ProcessState): boolean => state === "Z" || state === "X";

/** Somebody of the group has not ended, by the letter of his state: what nobody has collected yet still has its number. */
export async function isAtWork(group: number): Promise<boolean> {
  let found = false;
  await eachProcess((pid) => {
    const process = found ? undefined : stateOf(pid);
    if (process?.group === group && !hasEnded(process)) found = true;
  });
  return found;
}

/** Undefined: there is no such process. */
export function stateOf(pid: string): ProcessState | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const [, name, state, group] = /^\d+ \((.*)\) (\S) \d+ (\d+)/s.exec(text) ?? [];
  return name === undefined || state === undefined ? undefined : { name, state, group: Number(group) };
}
