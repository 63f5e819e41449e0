/**
 * Whether a disk takes a write: one block is written to a new file and flushed, by a process of its own.
 *
 * A file system that went read-only, or a disk that does not answer, shows only when it is written to; and who writes to a disk that does not
 * answer waits for as long as the disk likes, and cannot be killed. That must be nobody of ours: a few waiting threads, and this process could read
 * no file any more. So one `dd` waits, and as long as it does no second one is sent after it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { mountAt, mountsOf } from "./mounts.ts";

/** Of what a program complains. */
const complaintMax = 1000;

/** Directories whose write has not ended. */
const waiting = new Set<string>();

/** What is wrong; undefined: nothing. */
export async function writeBelow(directory: string, signal: AbortSignal): Promise<string | undefined> {
  if (waiting.has(directory)) return "the last write has not ended yet";
  const file = join(directory, `.heartbeat-probe-${randomBytes(8).toString("hex")}`);
  waiting.add(directory);
  const ended = write(file, signal).finally(() => waiting.delete(directory));
  return await ended;
}

/** By the kernel's table: asking the file system itself might take for ever. */
export async function isMounted(directory: string): Promise<boolean> {
  return mountAt(mountsOf("self"), directory.replace(/(?<=.)\/+$/, "")) !== undefined;
}

/** A new file each time, which may not be there before: a name that somebody made into a link is not followed. */
const write = (file: string, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const args = ["if=/dev/zero", `of=${file}`, "bs=512", "count=1", "conv=excl,fsync", "status=none"];
    const env = { ...process.env, LC_ALL: "C" };
    const dd: ChildProcess = spawn("dd", args, { stdio: ["ignore", "ignore", "pipe"], env });
    dd.on("error", (error) => resolve(`cannot be written to: ${error.message}`));
    let complaint = "";
    // One that could not be started (no descriptors left) has no streams.
    dd.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, complaintMax);
    });
    signal.addEventListener("abort", () => dd.kill("SIGKILL"));
    dd.on("close", (code) => {
      // By a process of its own, too: what did not take the write may not answer to this either.
      const end = (removed: boolean): void => {
        if (code !== 0) return resolve(reason(complaint));
        resolve(removed ? undefined : "what was written cannot be removed");
      };
      const rm = spawn("rm", ["-f", "--", file], { stdio: "ignore" });
      rm.on("error", () => end(false));
      rm.on("close", (ended) => end(ended === 0));
    });
  });

const reason = (complaint: string): string => {
  const [line = ""] = complaint.trim().split("\n");
  return `cannot be written to${line === "" ? "" : `: ${line.slice(line.lastIndexOf(": ") + 2)}`}`;
};
