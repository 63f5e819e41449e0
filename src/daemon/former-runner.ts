/**
 * A core that died without a word leaves its runner behind, which gives up what was held; a script may take its time to stop. A new core
 * must not start the same service meanwhile, or the old runner's stop would hit it. So it waits until no such runner is left.
 *
 * Whose runner it is cannot be seen; waiting for that of another root does no harm.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { coreProgram, processName } from "./running.ts";

/** The runner's first word, by which it is known (drivers/runner.ts). */
const runnerName = "hb-runner";
/** In milliseconds. */
const lookInterval = 50;

/** Resolves to true when no orphaned runner is left, to false after `patience` milliseconds. `onWait` is called once if there is one. */
export async function formerRunnerGone(patience: number, onWait: (pid: number) => void): Promise<boolean> {
  const limit = performance.now() + patience;
  for (let told = false; ; ) {
    const pid = orphanedRunner();
    if (pid === undefined) return true;
    if (!told) onWait(pid);
    told = true;
    if (performance.now() > limit) return false;
    await pause(lookInterval);
  }
}

function orphanedRunner(): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => commandOf(pid)[0] === runnerName && !isCore(parentOf(pid)));
}

function isCore(pid: number): boolean {
  const [name, ...words] = commandOf(pid);
  return name === processName && words.some((word) => word.includes(`/${coreProgram}.`));
}

/** Empty for a process that is gone. */
function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** 0 for a process that is gone. The name in the second column may hold anything, so we count from its closing bracket. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
