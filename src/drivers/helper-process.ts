/**
 * A process of ours beside the core: the runner, the log writer. It is started before the core takes real time, has a name of its
 * own (so that `killall heartbeat` does not hit it), a session of its own (so that Ctrl-C does not), and one socket to the core.
 *
 * When it dies it is started again, later and later. Starting a process holds the core's loop up for some milliseconds,
 * which is why that is the exception and never done on purpose.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The first wait before starting again, the longest, and how long a process must live to count as healthy; milliseconds. */
const restartFirst = 100;
const restartLongest = 30_000;
const healthyAfter = 60_000;
/** How long the end of a process is waited for when it was asked to end, in milliseconds. */
const endPatience = 2000;

/** It does little and needs little: a small heap, one thread for the pool. */
export const helperFlags = ["--max-semi-space-size=1", "--max-old-space-size=64", "--v8-pool-size=0"];

export interface HelperEvents {
  /** It runs (for the first time or again): say what it needs to know. */
  onStarted(): void;
  onBytes?(bytes: Uint8Array): void;
  /** It has read everything that it was told. */
  onDrained?(): void;
  /** It ended without being asked to; it will be started again. */
  onLost(says: string): void;
}

export class HelperProcess {
  readonly #name: string;
  readonly #program: string;
  readonly #events: HelperEvents;
  #child: ChildProcess | undefined;
  /** The number of one that is not our child. */
  #adopted: number | undefined;
  #socket: Socket | undefined;
  #wait = restartFirst;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #ending = false;

  /** `program`: a module below `src`, without its ending. */
  constructor(name: string, program: string, events: HelperEvents) {
    this.#name = name;
    this.#program = fileURLToPath(new URL(`../${program}${extname(import.meta.url)}`, import.meta.url));
    this.#events = events;
  }

  get pid(): number | undefined {
    return this.#child?.pid ?? this.#adopted;
  }

  start(): void {
    this.#startedAt = performance.now();
    let child: ChildProcess;
    try {
      child = spawn(process.execPath, [...helperFlags, this.#program], {
        argv0: this.#name,
        cwd: "/",
        detached: true,
        env: helperEnvironment(process.env),
        stdio: ["ignore", "ignore", "inherit", "pipe"],
      });
    } catch (error) {
      // No memory, say. The daemon goes on without it until there is some.
      return this.#later(`cannot start ${this.#name}: ${error}`);
    }
    this.#child = child;
    // One that could not be started (no descriptors left) has no streams; "error" follows.
    const socket = child.pid === undefined ? undefined : child.stdio[3];
    if (socket instanceof Socket) {
      this.#socket = socket;
      socket.on("data", (bytes) => this.#events.onBytes?.(bytes));
      socket.on("drain", () => this.#events.onDrained?.());
      socket.on("error", () => {}); // EPIPE: "exit" tells
    }
    child.once("error", (error) => this.#ended(child, `cannot start ${this.#name}: ${error.message}`));
    child.once("exit", (code, signal) => this.#ended(child, `${this.#name} ended with ${signal ?? `code ${code}`}`));
    child.unref();
    if (this.#socket !== undefined) this.#events.onStarted();
  }

  /** Goes on with one that was started by another core. */
  adopt(socket: Socket, pid: number): void {
    this.#startedAt = performance.now();
    this.#socket = socket;
    this.#adopted = pid;
    socket.on("data", (bytes) => this.#events.onBytes?.(bytes));
    socket.on("drain", () => this.#events.onDrained?.());
    socket.once("close", () => {
      if (this.#socket === socket) this.#lost(`${this.#name} ended`);
    });
    socket.unref();
    this.#events.onStarted();
  }

  /** Bytes that wait for it to read; `onDrained` comes when there are none left. */
  get backlog(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** False: it is not there; nothing was sent. */
  send(message: unknown): boolean {
    const socket = this.#socket;
    if (socket === undefined || !socket.writable) return false;
    socket.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  /** Closes the socket, upon which the process ends; resolves when it has, or after two seconds. */
  async end(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    const adopted = child === undefined ? this.#socket : undefined;
    if (child === undefined && adopted === undefined) return;
    child?.ref();
    adopted?.ref();
    const ended = new Promise<void>((resolve) => {
      child?.once("exit", () => resolve());
      adopted?.once("close", () => resolve());
    });
    this.#socket?.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, endPatience);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
    child?.unref();
    this.#socket?.destroy();
  }

  /** Lets go of it without a word; it runs on. */
  abandon(): void {
    this.#ending = true;
    clearTimeout(this.#timer);
    this.#child?.unref();
    this.#socket?.end();
  }

  #ended(child: ChildProcess, says: string): void {
    if (this.#child === child) this.#lost(says);
  }

  #lost(says: string): void {
    this.#socket?.destroy();
    this.#child = undefined;
    this.#adopted = undefined;
    this.#socket = undefined;
    if (!this.#ending) this.#later(says);
  }

  #later(says: string): void {
    if (performance.now() - this.#startedAt > healthyAfter) this.#wait = restartFirst;
    this.#timer = setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, restartLongest);
    this.#events.onLost(says);
  }
}

/** Neither the core's own settings nor an administrator's for Node.js; scripts get their environment from elsewhere. */
export function helperEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_PATH: _path, ...rest } = environment;
  return { ...rest, UV_THREADPOOL_SIZE: "1" };
}
