/**
 * Looks at files that are named in a configuration, each by a small program of its own.
 *
 * A path may lie on a server or a disk that does not answer any more. Whoever looks at it waits as long as that likes, sometimes beyond every signal: it
 * must be nobody of ours, neither this process nor the one thread that it has for files. So a program waits, and as long as it does no second one is sent
 * after it.
 *
 * Source: stat(1), head(1) of coreutils.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { failed, ok, type Result } from "../base/result.ts";

/** Of what a program prints. */
const outputMax = 1000;
/** Longer than any process's number. */
const headMax = 100;

/** At which programs still look whose time is over. */
const unanswered = new Set<string>();

/** When the file was changed, in seconds since 1970. */
export async function changedAt(path: string, signal: AbortSignal): Promise<Result<number, string>> {
  const seen = textOf(await look("stat", ["-L", "-c", "%.3Y"], path, signal));
  return seen.ok ? ok(Number(seen.value)) : seen;
}

/** How the file begins. */
export const beginningOf = async (path: string, signal: AbortSignal): Promise<Result<string, string>> =>
  textOf(await look("head", ["-c", `${headMax}`], path, signal));

/** Undefined: something was said of the path, if only that it is not there, so that nobody who uses it now waits; otherwise what is wrong. */
export async function silenceOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  const seen = await look("stat", ["-L", "-c", "%F"], path, signal);
  return "wrong" in seen ? seen.wrong : undefined;
}

/** What a program found; `wrong`: it came to no end by itself. */
type Seen = { readonly code: number; readonly output: string; readonly complaint: string } | { readonly wrong: string };

function textOf(seen: Seen): Result<string, string> {
  if ("wrong" in seen) return failed(seen.wrong);
  if (seen.code === 0) return ok(seen.output.trim());
  const [line = ""] = seen.complaint.trim().split("\n");
  return failed(line.slice(line.lastIndexOf(": ") + 1).trim() || "cannot be read");
}

async function look(program: string, options: readonly string[], path: string, signal: AbortSignal): Promise<Seen> {
  if (unanswered.has(path)) return { wrong: "the last look at it has not ended yet" };
  const late = (): unknown => unanswered.add(path);
  signal.addEventListener("abort", late, { once: true });
  return await run(program, [...options, "--", path], signal).finally(() => {
    signal.removeEventListener("abort", late);
    unanswered.delete(path);
  });
}

const run = (program: string, argv: readonly string[], signal: AbortSignal): Promise<Seen> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve({ wrong: "given up" });
    const env = { ...process.env, LC_ALL: "C" };
    const child: ChildProcess = spawn(program, argv, { stdio: ["ignore", "pipe", "pipe"], env });
    const kill = (): unknown => child.kill("SIGKILL");
    signal.addEventListener("abort", kill, { once: true });
    child.on("error", (error) => {
      signal.removeEventListener("abort", kill);
      resolve({ wrong: error.message });
    });
    let output = "";
    let complaint = "";
    // One that could not be started (no descriptors left) has no streams.
    child.stdout?.setEncoding("latin1").on("data", (text: string) => {
      output = (output + text).slice(0, outputMax);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, outputMax);
    });
    child.on("close", (code) => {
      signal.removeEventListener("abort", kill);
      resolve(code === null ? { wrong: "given up" } : { code, output, complaint });
    });
  });
