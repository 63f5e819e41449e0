/**
 * Runs one of our own programs and hands back what it printed: for work of the core that waits for disks or name servers.
 *
 * Everything is bounded: time, output, and the number of programs (the core asks for one at a time).
 */
import { spawn } from "node:child_process";
import type { ReadOutcome } from "../drivers/runner-protocol.ts";

/** Name servers get five seconds (daemon/load-configuration.ts); disks that take longer than this are broken. */
const timeLimit = 20_000;
/** A configuration of 100 nodes and 64 media has a tenth of this. */
const outputMax = 2 * 1024 * 1024;

/** `argv`: a program of ours and its arguments, run by this very Node.js. */
export function readProgram(argv: readonly string[], onEnd: (outcome: ReadOutcome) => void): void {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let failure: string | undefined;
  const child = spawn(process.execPath, [...argv], { cwd: "/", stdio: ["ignore", "pipe", "ignore"] });
  const kill = (why: string): void => {
    failure ??= why;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => kill(`not done within ${timeLimit / 1000} s`), timeLimit);
  child.stdout?.on("data", (piece: Uint8Array) => {
    size += piece.length;
    if (size > outputMax) kill("its answer is too long");
    else pieces.push(piece);
  });
  let ended = false;
  const end = (outcome: ReadOutcome): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    onEnd(outcome);
  };
  child.once("error", (error) => end({ ok: false, says: error.message }));
  child.once("close", (code, signal) => {
    if (failure === undefined && code === 0) end({ ok: true, text: Buffer.concat(pieces).toString("utf8") });
    else end({ ok: false, says: failure ?? `it ended with ${signal ?? `code ${code}`}` });
  });
}
