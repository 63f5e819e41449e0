/**
 * Starts programs for the demonstration: a short one whose output is wanted, or a long one that talks in lines.
 *
 * Every program gets a session of its own (`detached`), because Ctrl-C on a terminal goes to the whole foreground group:
 * the demonstration alone shall receive it and take everything down in order.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Finished {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Never rejects: a program that cannot be started ends with code undefined. */
export function finish(argv: readonly string[], input = ""): Promise<Finished> {
  return new Promise((resolve) => {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => {
      stdout += piece.toString();
    });
    child.stderr.on("data", (piece: Buffer) => {
      stderr += piece.toString();
    });
    child.stdin.on("error", () => {}); // it may end without reading what we say
    child.on("error", (error) => resolve({ code: undefined, stdout, stderr: whyNot(program, error) }));
    child.on("close", (code) => resolve({ code: code ?? undefined, stdout, stderr }));
    child.stdin.end(input);
  });
}

/** Runs a program that must succeed; the error names it and repeats the first line of what it said. */
export async function must(argv: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await finish(argv, input);
  if (code === 0) return stdout;
  throw new Error(`${argv.join(" ")}: ${firstLine(stderr) || firstLine(stdout) || `exit code ${code}`}`);
}

/** A program that runs for a while: lines in, lines out, and an end. */
export class Companion {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  readonly #lines: string[] = [];
  #listener: ((line: string) => void) | undefined;
  #over = false;
  #said = "";

  constructor(argv: readonly string[]) {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#child = child;
    child.stdin.on("error", () => {}); // it died: `ended` says so
    child.stderr.on("data", (piece: Buffer) => {
      if (this.#said.length < 4096) this.#said += piece.toString();
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.#heard(line));
    this.#ended = new Promise((resolve) => {
      const over = (why: string) => {
        this.#said += why;
        this.#over = true;
        for (const waiting of this.#waiting.splice(0)) waiting(undefined);
        resolve();
      };
      child.on("error", (error) => over(whyNot(program, error)));
      child.on("close", () => over(""));
    });
  }

  /** The next line it prints; rejects with its complaint when it ends instead. */
  async line(): Promise<string> {
    const line = this.#lines.shift() ?? (this.#over ? undefined : await new Promise((get) => this.#waiting.push(get)));
    if (line === undefined) throw new Error(firstLine(this.#said) || `${this.#child.spawnfile} ended`);
    return line;
  }

  /** From now on every line goes to `listener`. */
  listen(listener: (line: string) => void): void {
    this.#listener = listener;
    for (const line of this.#lines.splice(0)) listener(line);
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Closes its standard input, which is the end of every companion; whoever lingers longer than that is killed. */
  async end(patience = 2000): Promise<void> {
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), patience);
    await this.#ended;
    clearTimeout(late);
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  #heard(line: string): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting(line);
    else if (this.#listener !== undefined) this.#listener(line);
    else this.#lines.push(line);
  }
}

const whyNot = (program: string, error: Error): string =>
  "code" in error && error.code === "ENOENT" ? `${program} is not installed` : error.message;

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
