/**
 * Runs one script and says how it ended: always, once, and in time.
 *
 * A script gets a process group of its own, so that its time limit ends its children with it; a grandchild that keeps a pipe open
 * cannot keep us waiting. Only the output of `status` is read (it is the answer). What starts and stops print goes to the debug
 * log or nowhere, but never into a pipe of ours: the services they start keep it open, and would die of it when we end.
 *
 * Source: docs/reference/resources.md, sections 2.2 and 3.1 to 3.2.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { accessSync, closeSync, constants, openSync, statSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { AgentOutcome } from "../core/input.ts";
import { appending } from "../drivers/log-sinks.ts";
import { outputMax } from "../drivers/runner-protocol.ts";

export interface ScriptCall {
  /** An executable file. */
  readonly path: string;
  readonly argv: readonly string[];
  /** What it prints is its answer. */
  readonly listen: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  /** In milliseconds. */
  readonly timeLimit: number;
  readonly debugLog: string | undefined;
  /** What it finds on its standard input, where the errors that it prints belong to its answer; absent: nothing. */
  readonly input?: { readonly text: string; readonly directory: string };
}

/** Milliseconds between SIGTERM and SIGKILL. */
const usualGrace = 1000;
/** How long the end of a killed script, or the rest of an ended one's output, is waited for; milliseconds. */
const patience = 2000;

/** The first regular executable file of that name; undefined: none. Names with a slash are none: they would leave the directory. */
export function findScript(name: string, directories: readonly string[]): string | undefined {
  if (name === "" || name.includes("/") || name.includes("\0")) return undefined;
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A script under way. */
export interface RunningScript {
  /** Ends it as its time limit would: SIGTERM, and SIGKILL after a second, or as many milliseconds as given. */
  kill(grace?: number): void;
}

/** A script under way, and how it ends. */
export interface Begun {
  readonly running: RunningScript;
  readonly ended: Promise<AgentOutcome>;
}

/** Starts the script; `onEnd` is called exactly once, never from within this call. */
export function runScript(call: ScriptCall, onEnd: (outcome: AgentOutcome) => void): RunningScript {
  return new Run(call, onEnd);
}

class Run implements RunningScript {
  readonly #onEnd: (outcome: AgentOutcome) => void;
  #child: ChildProcess | undefined;
  #output = Buffer.alloc(0);
  #timers: NodeJS.Timeout[] = [];
  #timedOut = false;
  /** The script itself is over; what it left behind is not ours to kill, and its process group may soon be somebody else's. */
  #exited = false;
  #ended = false;

  constructor(call: ScriptCall, onEnd: (outcome: AgentOutcome) => void) {
    this.#onEnd = onEnd;
    try {
      this.#start(call);
    } catch (error) {
      setImmediate(() => this.#end(startFailure(error)));
    }
  }

  kill(grace = usualGrace): void {
    if (this.#exited || this.#ended || this.#timedOut) return;
    this.#timedOut = true;
    this.#signal("SIGTERM");
    this.#after(grace, () => {
      this.#signal("SIGKILL");
      // A process in the kernel's hands (a dead disk) ends when that lets go of it; the cluster goes on without it.
      this.#after(patience, () => this.#end({ result: "timed-out" }));
    });
  }

  #start({ path, argv, listen, environment, workingDirectory, timeLimit, debugLog, input }: ScriptCall): void {
    const log = openLog(debugLog);
    const stdin = input === undefined ? "ignore" : namelessFile(input.text, input.directory);
    try {
      this.#child = spawn(path, [...argv], {
        cwd: workingDirectory,
        detached: true, // a session, hence a process group, of its own
        env: environment,
        stdio: [stdin, listen ? "pipe" : log, input === undefined ? log : "pipe"],
      });
    } finally {
      if (typeof stdin === "number") closeSync(stdin);
      if (typeof log === "number") closeSync(log);
    }
    const child = this.#child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (bytes: Buffer) => {
        const room = outputMax - this.#output.length;
        if (room > 0) this.#output = Buffer.concat([this.#output, bytes.subarray(0, room)]);
      });
      stream?.on("error", () => {});
    }
    child.once("error", (error) => this.#end(startFailure(error)));
    child.once("exit", (code, signal) => {
      this.#exited = true;
      const outcome = (): AgentOutcome => this.#outcome(code, signal);
      if (this.#timedOut) {
        this.#signal("SIGKILL"); // whoever of its group survived SIGTERM
        return this.#end(outcome());
      }
      child.once("close", () => this.#end(outcome()));
      this.#after(patience, () => this.#end(outcome())); // somebody it started has its output still open
    });
    this.#after(timeLimit, () => this.kill());
  }

  #outcome(code: number | null, signal: NodeJS.Signals | null): AgentOutcome {
    if (this.#timedOut) return { result: "timed-out" };
    if (code === null) return { result: "killed", signal: signal ?? "unknown" };
    return { result: "exited", code, output: this.#output.toString("latin1") };
  }

  /** To the whole group. */
  #signal(signal: NodeJS.Signals): void {
    const group = this.#child?.pid;
    if (group === undefined) return;
    try {
      process.kill(-group, signal);
    } catch {
      // The group is gone.
    }
  }

  #after(wait: number, then: () => void): void {
    this.#timers.push(setTimeout(then, wait));
  }

  #end(outcome: AgentOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
    this.#onEnd(outcome);
  }
}

/**
 * Text to be read by one program and nobody else. A file and no pipe, because Node.js makes sockets of its pipes, and those cannot be opened
 * as /proc/self/fd/0, which the stonith command does. It loses its name before anything is written into it.
 */
export function namelessFile(text: string, directory: string): number {
  const path = join(directory, `.input-${process.pid}-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  writeSync(file, text, 0); // at a place of its own, so that reading begins at the first byte
  return file;
}

/** A descriptor to append to; without a debug log, or when it cannot be opened (a FIFO that nobody reads, say), /dev/null. */
function openLog(path: string | undefined): number | "ignore" {
  if (path === undefined || path === "") return "ignore";
  try {
    return openSync(path, appending, 0o644);
  } catch {
    return "ignore";
  }
}

/** The shell's codes: 127 for what is not there, 126 for what cannot be run. */
function startFailure(error: unknown): AgentOutcome {
  const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
  return missing ? { result: "not-found" } : { result: "exited", code: 126, output: "" };
}
