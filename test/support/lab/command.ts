/** Runs programs for the laboratory: bounded in time and output, never through a shell. */
import { spawn } from "node:child_process";

export interface Outcome {
  /** The exit code; 128 + signal number is not used: a program that was killed has -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly limitSeconds?: number;
}

const outputMax = 1_000_000;

/** Runs `argv` to its end. Rejects only if it cannot be started; a program over its limit is killed and has code -1. */
export function command(argv: readonly string[], { input, limitSeconds = 30 }: CommandOptions = {}): Promise<Outcome> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (stdout.length < outputMax) stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < outputMax) stderr += text;
  });
  child.stdin.on("error", () => {}); // it need not read what it is given
  child.stdin.end(input ?? "");
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      stderr += `\n(killed after ${limitSeconds} s)`;
      child.kill("SIGKILL");
    }, limitSeconds * 1000);
    const finish = (code: number | null) => {
      clearTimeout(limit);
      resolve({ code: code ?? -1, stdout, stderr });
    };
    child.on("error", reject);
    child.on("close", finish);
    // A daemon that it started may hold its output open: its own end is what counts, after what was already written.
    child.on("exit", (code) =>
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        finish(code);
      }, 200).unref(),
    );
  });
}

/** As `command`, but rejects with everything it said unless it succeeds. */
export async function mustRun(argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await command(argv, options);
  if (code !== 0) throw new Error(`${argv.join(" ")}: exit ${code}\n${options?.input ?? ""}${stdout}${stderr}`);
  return stdout;
}
