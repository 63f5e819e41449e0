import { spawn } from "node:child_process";

/** A process of its own, because a disk that does not answer would keep this one for ever. */
export function syncDisks(): void {
  spawn("sync", { stdio: "ignore", detached: true }).on("error", () => {}); // without that program the kernel does it later
}
