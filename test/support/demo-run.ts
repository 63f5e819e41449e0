/**
 * Runs the demonstration as a user does, without a terminal, and finds whatever it may have left behind.
 *
 * Everything a run starts inherits one environment variable, so that it can be found wherever it went: in any namespace,
 * under any parent.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Turn } from "../../src/demo/story.ts";

const program = fileURLToPath(new URL("../../src/cli/demo.js", import.meta.url));
const mark = "HEARTBEAT_DEMO_RUN";

export interface DemoRun {
  /** Everything printed so far. */
  output(): string;
  /** Resolves when the output contains `text`; fails when the run ends first. */
  shows(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Fails if a process, a mount, an interface or a temporary file of this run is still there five seconds later. */
  leavesNothing(): Promise<void>;
}

/** `wrapper` stands before the command line: what makes the host more restrictive. */
export function startDemo(args: readonly string[], wrapper: readonly string[] = []): DemoRun {
  const id = randomUUID();
  const before = surroundings();
  const [first = "", ...rest] = [...wrapper, process.execPath, program, ...args];
  const child = spawn(first, rest, { env: { ...process.env, [mark]: id }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece: Buffer) => {
      output += piece.toString();
      for (const listener of listeners) listener();
    });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return {
    output: () => output,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying "${text}":\n${output}`)));
      }),
    kill: (signal) => void child.kill(signal),
    ended,
    leavesNothing: async () => {
      for (const limit = performance.now() + 5000; processesOf(id).length > 0 && performance.now() < limit; )
        await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(processesOf(id), [], "processes of the demonstration are still there");
      assert.deepEqual(surroundings(), before, "the host is not as it was");
    },
  };
}

/** The turns of a run with `--json`. */
export function turnsOf(output: string): readonly Turn[] {
  const line = output.split("\n").find((each) => each.startsWith("{"));
  assert.ok(line !== undefined, `no JSON at the end of:\n${output}`);
  return (JSON.parse(line) as { turns: Turn[] }).turns; // our own program's word
}

/** Processes that carry the mark. A process that has ended and waits for its parent has no environment any more. */
function processesOf(id: string): readonly string[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      if (!readFileSync(`/proc/${entry}/environ`, "latin1").includes(`${mark}=${id}`)) return [];
      return [readFileSync(`/proc/${entry}/cmdline`, "latin1").replaceAll("\0", " ")];
    } catch {
      return []; // it ended just now, or is not ours to look at
    }
  });
}

/** What of the host a demonstration could touch, apart from processes. */
function surroundings(): unknown {
  return {
    mounts: readFileSync("/proc/self/mountinfo", "latin1"),
    interfaces: Object.keys(networkInterfaces()).sort(),
    temporary: readdirSync(tmpdir()).filter((name) => name.startsWith("heartbeat-demo-")),
  };
}
