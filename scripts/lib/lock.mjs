/**
 * One at a time: a lock between processes that cannot go stale.
 *
 * flock(1) holds the lock for as long as its child lives, and the child reads from us until end of file. When we are gone,
 * however we went, the kernel closes the pipe, the child ends and the lock is free. No pid file, nothing to clean up.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs `body` while holding the lock on `path` (a file or a directory that exists).
 * `waiting` is called once if somebody else holds it.
 */
export async function withLock(path, body, waiting = () => {}) {
  const holder = spawn("flock", [path, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const patience = setTimeout(waiting, 300);
  const started = await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => {
      throw new Error(`cannot lock ${path}`);
    }),
  ]).finally(() => clearTimeout(patience));
  if (String(started[0]) !== "locked\n") throw new Error(`cannot lock ${path}`);
  try {
    return await body();
  } finally {
    const released = once(holder, "exit");
    holder.stdin.end();
    await released;
  }
}
