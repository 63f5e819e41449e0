/**
 * A process that holds namespaces for us and dies with us.
 *
 * Namespaces without names live exactly as long as their processes. So each helper is started with PR_SET_PDEATHSIG: if
 * this test process ends in any way, SIGKILL included, the helper is killed, then what it holds, and nothing is left behind.
 */
import { type ChildProcess, spawn } from "node:child_process";

export interface Helper {
  readonly pid: number;
  readonly child: ChildProcess;
}

const readyLimitMs = 20_000;

/** Starts `argv`, which prints "ready" when it has set everything up. */
export function startHelper(argv: readonly string[]): Promise<Helper> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(limit);
      child.kill("SIGKILL");
      reject(new Error(`${argv.slice(0, 8).join(" ")}: ${why}\n${output}`));
    };
    const limit = setTimeout(() => fail("not ready in time"), readyLimitMs);
    const ended = () => fail("ended early");
    child.on("error", (error) => fail(error.message));
    child.once("exit", ended);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!/^ready$/m.test(output) || child.pid === undefined) return;
      clearTimeout(limit);
      child.off("exit", ended);
      resolve({ pid: child.pid, child });
    });
  });
}

/** Resolves when the process is gone; kills it first unless it has ended. */
export async function endHelper({ child }: Helper): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
