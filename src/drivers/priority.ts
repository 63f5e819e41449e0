/**
 * Real time: the core's threads get the processor when they want it, whatever else the machine is doing.
 *
 * All threads must have it, because those of the JavaScript engine share locks with the main one. SCHED_RESET_ON_FORK keeps it from
 * everything we start, and also from threads made later; hence every thread is made before. Memory is never locked as a whole:
 * the engine gives pages back in a way that the kernel refuses for locked ones, and aborts.
 *
 * Names: `pgrep -x` and `killall` compare the main thread's name (set here), `pidof` compares argv[0] or the executable's name. The
 * launcher gives argv[0]; `process.title` would do so, too, but overwrites the command line by which a running daemon is recognised.
 *
 * Source: docs/reference/node-platform.md, sections 1.3, 1.4 and 2.
 */
import { readdirSync, stat, writeFileSync } from "node:fs";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { errnoText } from "./sys/errno.ts";
import { loadSystem } from "./sys/system.ts";

export const scheduling = { other: 0, fifo: 1, roundRobin: 2, resetOnFork: 0x4000_0000 } as const;

/** `tasks`: how many threads run in real time now. `rtprio` is 1 to 99. */
export function takeRealTime(rtprio: number): Result<{ readonly tasks: number }, Fault> {
  const system = loadSystem();
  if (!system.ok) return system;
  makeAllThreads();
  const done = new Set<number>();
  // A second look finds threads that started while the first was under way.
  for (let look = 0; look < 3; look++) {
    const left = ownThreads().filter((thread) => !done.has(thread));
    if (left.length === 0) break;
    for (const thread of left) {
      const answer = system.value.setScheduler(thread, scheduling.roundRobin | scheduling.resetOnFork, rtprio);
      if (answer === noSuchThread) continue;
      if (answer < 0) {
        // Real time for some threads is worse than for none: the others would hold the locks that these wait for.
        for (const each of done) system.value.setScheduler(each, scheduling.other, 0);
        return failed(realTimeFault(answer));
      }
      done.add(thread);
    }
  }
  return ok({ tasks: done.size });
}

/** The main thread's name, at most 15 characters: what `ps -o comm`, `pgrep -x` and `killall` show and look for. */
export function processName(name: string): void {
  const system = loadSystem();
  if (system.ok) system.value.setThreadName(name);
  else process.title = name;
}

/** -1000: the kernel does not choose this process when memory runs out; 0: an ordinary one. Children inherit it. */
export function adjustOutOfMemoryScore(score: number): Fault | undefined {
  try {
    writeFileSync("/proc/self/oom_score_adj", `${score}\n`);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: "oom-score-failed", says: `cannot protect against the out-of-memory killer: ${why}` };
  }
}

/**
 * What the administrator's shell or a service manager had open is none of our children's business: whoever holds a pipe of theirs keeps them
 * waiting. Without the call (an old kernel) it stays open.
 */
export function leaveNothingOpen(): void {
  const system = loadSystem();
  if (system.ok) system.value.closeOnExecFrom(3);
}

/** What a crash may leave behind, of this process and of those that it starts. */
export function allowCoreFiles(allowed: boolean): Fault | undefined {
  const system = loadSystem();
  if (!system.ok) return system.error;
  const answer = system.value.limitCore(allowed ? undefined : 0n);
  return answer < 0
    ? { code: "core-limit-failed", says: `cannot change the limit of core files: ${errnoText(answer)}` }
    : undefined;
}

const noSuchThread = -3; // ESRCH

/** The pool makes all its threads (UV_THREADPOOL_SIZE) when it gets its first job. */
function makeAllThreads(): void {
  stat("/", () => {});
}

const ownThreads = (): number[] => readdirSync("/proc/self/task").map(Number);

const realTimeFault = (code: number): Fault => ({
  code: "no-real-time",
  says: `real-time scheduling is refused: ${errnoText(code)}`,
  advice:
    "start as root; in a container allow CAP_SYS_NICE, and with cgroup v1 give its cpu group a cpu.rt_runtime_us; " +
    "or write `realtime off` and keep deadtime at 2 s or more",
});
