/** Runs a program of `src/cli` within the test, away from any terminal. */
import type { Program } from "../../src/cli/program.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runProgram(
  { run }: Pick<Program, "run">,
  argv: readonly string[],
  calledAs = "heartbeat",
): Promise<Ran> {
  let out = "";
  let err = "";
  const code = await run(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: false,
    calledAs,
  });
  return { code, out, err };
}
