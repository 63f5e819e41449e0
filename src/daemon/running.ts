/**
 * Is a heartbeat running on this machine? The pid file says which process to look at; the process itself says whether it is one.
 *
 * A pid is used again sooner or later, so its being alive proves nothing. Our core is recognised by its command line, program and root
 * included; the original by its executable's name, so that the two never start beside each other.
 *
 * The pid file outlives an orderly stop (quirk 30), so "dead" is the usual answer after one.
 *
 * Source: docs/reference/files-and-cli.md, section 1.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Paths } from "./paths.ts";

export type Running =
  | { readonly is: "running"; readonly pid: number }
  /** There is a pid file, but its process is gone or another one. */
  | { readonly is: "dead" }
  | { readonly is: "stopped" }
  | { readonly is: "unknown"; readonly says: string };

/** The name that `pidof`, `pgrep -x` and `killall` know the core by. */
export const processName = "heartbeat";
/** The core's program, without its ending: the last part of what tells it from every other process. */
export const coreProgram = "core-main";

export function findRunning(paths: Paths): Running {
  let text: string;
  try {
    text = readFileSync(paths.pidFile, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { is: "stopped" };
    return { is: "unknown", says: error instanceof Error ? error.message : String(error) };
  }
  const pid = Number(text.trim()); // any width: versions of the original differ
  if (!Number.isSafeInteger(pid) || pid <= 0) return { is: "dead" };
  return isHeartbeat(pid, paths.root) ? { is: "running", pid } : { is: "dead" };
}

/** Does this pid belong to a core of that root, or to the original (which knows no roots)? A zombie is neither. */
export function isHeartbeat(pid: number, root: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return isCoreCommand(command, root) || (root === "" && isOriginal(pid, command));
  } catch {
    return false;
  }
}

/** The command line as `launch.ts` builds it. */
export function isCoreCommand(command: readonly string[], root: string): boolean {
  if (command[0] !== processName) return false;
  const program = command.findIndex((word) => basename(word).startsWith(`${coreProgram}.`));
  if (program < 0) return false;
  const rootAt = command.indexOf("--root", program);
  return (rootAt < 0 ? "" : command[rootAt + 1]) === root;
}

function isOriginal(pid: number, command: readonly string[]): boolean {
  // A replaced binary reads as "heartbeat (deleted)"; an upgrade must not make the running one invisible.
  const program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "");
  return program === processName && /^heartbeat|\/heartbeat$/.test(command[0] ?? "");
}
