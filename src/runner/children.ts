/**
 * Starts the programs of `respawn` lines, each as its own user in its own process group, and says when one ends.
 *
 * User and groups are changed by `setpriv`, which then becomes the program: Node.js can set a user, but drops the supplementary groups that go
 * with it. It also makes the kernel end the program should this process die, so that none is left behind to be started a second time.
 *
 * Source: docs/reference/resources.md, section 15; files-and-cli.md, section 7.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { ChildOutcome } from "../core/input.ts";
import type { ChildOrder } from "../drivers/runner-protocol.ts";
import { isExecutable } from "./script.ts";

export interface ChildEvents {
  onStarted(child: number, pid: number): void;
  onEnded(child: number, outcome: ChildOutcome): void;
}

export class RunningChildren {
  readonly #events: ChildEvents;
  readonly #processes = new Map<number, ChildProcess>();

  constructor(events: ChildEvents) {
    this.#events = events;
  }

  /** The working directory is ours, which the program's user may not even enter. */
  start(order: ChildOrder, environment: NodeJS.ProcessEnv): void {
    const { child, path } = order;
    if (!isExecutable(path)) return this.#events.onEnded(child, { how: "not-started", says: "no executable file" });
    const [program, ...args] = commandOf(order, process.geteuid?.());
    let started: ChildProcess;
    try {
      started = spawn(program, args, { detached: true, env: environment, stdio: "ignore" });
    } catch (error) {
      return this.#events.onEnded(child, { how: "not-started", says: String(error) });
    }
    const { pid } = started;
    if (pid === undefined) {
      started.once("error", (error) => this.#events.onEnded(child, { how: "not-started", says: error.message }));
      return;
    }
    this.#processes.set(child, started);
    this.#events.onStarted(child, pid);
    started.once("exit", (code, signal) => {
      this.#processes.delete(child);
      this.#events.onEnded(
        child,
        code === null ? { how: "killed", signal: signal ?? "unknown" } : { how: "exited", code },
      );
    });
  }

  /** To the program's whole process group. */
  signal(child: number, signal: NodeJS.Signals): void {
    const pid = this.#processes.get(child)?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended; that is told.
    }
  }

  /** The core is gone: all at once, because what they were clients of is not there any more. Resolves when none runs. */
  async endAll(grace: number): Promise<void> {
    const running = [...this.#processes];
    const ended = running.map(([, started]) => new Promise((resolve) => started.once("exit", resolve)));
    for (const [child] of running) this.signal(child, "SIGTERM");
    const timer = setTimeout(() => {
      for (const [child] of running) this.signal(child, "SIGKILL");
    }, grace);
    await Promise.all(ended);
    clearTimeout(timer);
  }
}

/** Without root there is nobody to change into: an ordinary user can run programs as himself only. */
export function commandOf({ path, args, uid, gid }: ChildOrder, ownUid: number | undefined): [string, ...string[]] {
  if (ownUid !== 0) return [path, ...args];
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--pdeathsig=TERM"];
  return ["setpriv", ...identity, "--", path, ...args];
}
