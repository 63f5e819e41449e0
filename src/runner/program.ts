/**
 * Runs the programs of which a built-in resource is made (mount, fsck ...), and knows of those that would not end.
 *
 * What they print goes to a file in memory and never into a pipe of ours: some leave a process behind that serves the file system, and it must
 * not die when we do. One that waits in the kernel for a dead disk cannot be killed, and may still do its work when that lets go of it: so
 * nobody may say that its resource is stopped as long as it is there.
 */
import { spawn } from "node:child_process";
import { closeSync, readSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { outputMax } from "../drivers/runner-protocol.ts";
import { isAtWork } from "./processes.ts";
import { isExecutable, namelessFile } from "./script.ts";

/** How a program ended; `says` is what it printed. */
export interface Ran {
  readonly code: number;
  readonly says: string;
}

export interface ProgramSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  /** In memory. */
  readonly runDirectory: string;
  /** Ends the program: SIGTERM, and SIGKILL half a second later. */
  readonly signal: AbortSignal;
  /** Has the program's number as long as it runs. */
  readonly running?: Set<number>;
}

/** Milliseconds. */
export const grace = 500;
/** Between two looks whether the rest of a group has ended, in milliseconds. */
const lookEvery = 50;
/** So often we look whether somebody collects those who have ended: the first process of a container may never do it. */
const looksMax = 100;
/** The shell's code for what is not there. */
export const notThere = 127;
/** For what was killed, or not begun because its time was over: no code that a program gives by itself means good here. */
export const cutShort = 128;

/** Where a program of that name may be. */
export const program = (name: string): readonly string[] =>
  ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => `${folder}/${name}`);

export class Programs {
  readonly #alive = new Map<string, Set<Promise<void>>>();

  /** Runs the first of the programs that is there. Resolves when it has ended, which may be never. `owner`: the resource. */
  async run(
    owner: string,
    programs: readonly string[],
    argv: readonly string[],
    surroundings: ProgramSurroundings,
  ): Promise<Ran> {
    if (surroundings.signal.aborted) return { code: cutShort, says: "not begun: its time is over" };
    const path = programs.find(isExecutable);
    if (path === undefined) return { code: notThere, says: `there is no ${programs[0]}` };
    const ran = start(path, argv, surroundings);
    const alive = this.#alive.get(owner) ?? new Set();
    this.#alive.set(owner, alive);
    const ended = ran.then(
      () => {},
      () => {},
    );
    alive.add(ended);
    try {
      return await ran;
    } finally {
      alive.delete(ended);
      if (alive.size === 0) this.#alive.delete(owner);
    }
  }

  /** Resolves when no program of the resource runs any more. */
  async ended(owner: string): Promise<void> {
    await Promise.all(this.#alive.get(owner) ?? []);
  }
}

function start(path: string, argv: readonly string[], surroundings: ProgramSurroundings): Promise<Ran> {
  const { environment, workingDirectory, runDirectory, signal, running } = surroundings;
  const file = namelessFile("", runDirectory);
  return new Promise<Ran>((resolve, reject) => {
    const child = spawn(path, [...argv], {
      cwd: workingDirectory,
      detached: true, // a process group of its own, which is ended with it
      env: { ...environment, LC_ALL: "C" },
      stdio: ["ignore", file, file],
    });
    const group = child.pid;
    if (group !== undefined) running?.add(group);
    /** False: nobody of the group is left. */
    const kill = (how: NodeJS.Signals | 0): boolean => {
      try {
        return group !== undefined && process.kill(-group, how);
      } catch {
        return false;
      }
    };
    let ended = false;
    const abort = (): void => {
      kill("SIGTERM");
      setTimeout(() => ended || kill("SIGKILL"), grace).unref();
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    child.once("error", reject);
    child.once("exit", (code, by) => {
      ended = true;
      if (group !== undefined) running?.delete(group);
      signal.removeEventListener("abort", abort);
      const bytes = Buffer.alloc(outputMax);
      const says = bytes.toString("utf8", 0, readSync(file, bytes, 0, outputMax, 0)).trim();
      const ran = { code: code ?? cutShort, says: by === null ? says : `killed by ${by}` };
      // A helper that outlives it (mount.TYPE) would go on with what is no longer wanted. What serves a file system has left the group.
      const wait = async (): Promise<void> => {
        for (let looks = 0; group !== undefined && kill("SIGKILL") && looks < looksMax; ) {
          if (!(await isAtWork(group))) looks++;
          await pause(lookEvery);
        }
        resolve(ran);
      };
      if (signal.aborted || by !== null) void wait();
      else resolve(ran);
    });
  }).finally(() => closeSync(file));
}
