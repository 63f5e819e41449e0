/**
 * The directories that the daemon needs, made or put right at each start.
 *
 * Source: docs/reference/files-and-cli.md, section 5.
 */
import { chmodSync, chownSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Fault } from "../base/fault.ts";
import type { Paths } from "./paths.ts";

/** Who may enter the directory of the sockets; undefined: no such user or group here, so root alone. */
export interface ClusterUser {
  readonly uid: number;
  readonly gid: number;
}

export function makeDirectories(paths: Paths, owner: ClusterUser | undefined): Fault<"no-directory"> | undefined {
  try {
    mkdirSync(dirname(paths.pidFile), { recursive: true });
    make(paths.runDirectory, 0o750);
    if (owner !== undefined && process.getuid?.() === 0) chownSync(paths.runDirectory, owner.uid, owner.gid);
    make(paths.state, 0o755);
    make(dirname(paths.cores), 0o755);
    make(paths.cores, 0o700);
    return undefined;
  } catch (error) {
    return { code: "no-directory", says: `Cannot make a directory: ${messageOf(error)}` };
  }
}

/** What the last run left there is stale by definition. Only the holder of the pid file may do this. */
export function emptyResourceTemporary(paths: Paths): Fault<"no-directory"> | undefined {
  try {
    rmSync(paths.resourceTemporary, { recursive: true, force: true });
    mkdirSync(paths.resourceTemporary, { mode: 0o1755 }); // no chmod: it would follow a link put in its place
    return undefined;
  } catch (error) {
    return { code: "no-directory", says: `Cannot empty ${paths.resourceTemporary}: ${messageOf(error)}` };
  }
}

function make(directory: string, mode: number): void {
  mkdirSync(directory, { recursive: true });
  try {
    chmodSync(directory, mode); // whatever the umask, and whoever made it before
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EROFS")) throw error; // it is there, that must do
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
