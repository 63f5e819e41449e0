/**
 * The small files that make a node itself over restarts: its generation, its identity, its pid.
 *
 * They are read and written when the daemon starts, before it takes real time; a node that reuses a generation is locked out by its
 * peers, so that the new one is on the disk before the first message leaves.
 *
 * Source: docs/reference/wire-protocol.md, section 8.1; files-and-cli.md, section 5.
 * Deviations: an unreadable generation is replaced by the time, not by 1, which would lock the node out; what cannot be stored does
 * not keep the node from starting (quirk 71).
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { type Generation, generation, type NodeName } from "../base/units.ts";
import { uuidFromName } from "../wire/uuid.ts";

/** `previous`: what the file held. */
export interface NextGeneration {
  readonly generation: Generation;
  readonly previous: "found" | "missing" | "broken" | "unreadable" | "unused";
  /** Why it could not be stored; then it is at least the time, so that the next start's is higher all the same. */
  readonly unstored?: Fault;
}

/**
 * This start's generation, stored if that is possible. A disk that is full or cannot be written must not keep the node out: it
 * then counts by the clock. Nobody remembers such a start when the disk can be written again, so what was found on it counts only as far as
 * it is ahead of the clock (quirk 225). `wallSeconds`: the time in whole seconds since 1970.
 */
export function nextGeneration(path: string, method: "file" | "time", wallSeconds: number): NextGeneration {
  if (method === "time") return { generation: generation(wallSeconds), previous: "unused" };
  const text = readIfThere(path);
  const stored = text.ok ? (text.value?.toString("latin1").trim() ?? "") : "";
  const found = /^\d{1,15}$/.test(stored);
  const previous = !text.ok ? "unreadable" : stored === "" ? "missing" : found ? "found" : "broken";
  const next = Math.max(found ? Number(stored) + 1 : wallSeconds + 1, wallSeconds);
  const unstored = writeAtomically(path, Buffer.from(`${String(next).padStart(15)}\n`), 0o644);
  return { generation: generation(next), previous, ...(unstored === undefined ? {} : { unstored }) };
}

export interface OwnUuid {
  readonly uuid: Uint8Array;
  /** Made just now. */
  readonly created: boolean;
  /** Why it could not be read or stored; then it is the one that belongs to the node's name, the same at every start. */
  readonly unstored?: Fault;
}

/** This node's identity: read, or made and stored; with `nodename` computed, and no file touched. */
export function ownUuid(path: string, method: "file" | "nodename", node: NodeName): OwnUuid {
  if (method === "nodename") return { uuid: uuidFromName(node), created: false };
  const stored = readIfThere(path);
  if (!stored.ok) return { uuid: uuidFromName(node), created: false, unstored: stored.error };
  if (stored.value?.length === 16 && stored.value.some((byte) => byte !== 0))
    return { uuid: Uint8Array.from(stored.value), created: false };
  const uuid = Uint8Array.from(randomBytes(16));
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40; // version 4, RFC 9562
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  const written = writeAtomically(path, uuid, 0o644);
  if (written === undefined) return { uuid, created: true };
  return { uuid: uuidFromName(node), created: false, unstored: written };
}

/**
 * Enters our pid, unless `isAlive` says that the process named there is a running daemon. A pid alone proves nothing, because it is
 * used again; what does is the caller's business. Of two that start at once one succeeds: the file is made by linking, and
 * a stale one is taken away by renaming, so that nobody removes what he has not looked at.
 */
export function claimPidFile(
  path: string,
  pid: number,
  isAlive: (pid: number) => boolean,
): Fault<"already-running" | "file-failed"> | undefined {
  const own = `${path}.${pid}`;
  const stale = `${own}.stale`;
  try {
    writeFileSync(own, `${String(pid).padStart(10)}\n`, { mode: 0o644 });
    for (let attempt = 0; attempt < 5; attempt++) {
      if (linked(own, path)) return undefined;
      const owner = pidIn(path);
      if (owner === pid) return undefined;
      if (owner !== undefined && isAlive(owner)) return alreadyRunning(owner);
      if (!moved(path, stale)) continue; // somebody else took it away
      const taken = pidIn(stale);
      if (taken !== owner && taken !== undefined && isAlive(taken)) {
        linked(stale, path);
        return alreadyRunning(taken);
      }
    }
    return { code: "file-failed", says: `cannot make ${path}: others keep making it` };
  } catch (error) {
    return { code: "file-failed", says: `cannot make ${path}: ${messageOf(error)}` };
  } finally {
    rmSync(own, { force: true });
    rmSync(stale, { force: true });
  }
}

const alreadyRunning = (pid: number): Fault<"already-running"> => ({
  code: "already-running",
  says: `heartbeat: already running [pid ${pid}].`,
});

/** The pid in a file of any width; undefined: none, or not a number. */
function pidIn(path: string): number | undefined {
  const content = readIfThere(path);
  const pid = content.ok ? Number(content.value?.toString("latin1").trim()) : Number.NaN;
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** Old or new content, never half of either, also after a power cut. The folder must exist. */
export function writeAtomically(path: string, bytes: Uint8Array, mode: number): Fault<"file-failed"> | undefined {
  const fresh = `${path}.tmp`;
  try {
    withFile(fresh, "w", (fd) => {
      fchmodSync(fd, mode);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    });
    renameSync(fresh, path);
    withFile(dirname(path), "r", fsyncSync);
    return undefined;
  } catch (error) {
    rmSync(fresh, { force: true });
    return { code: "file-failed", says: `cannot write ${path}: ${messageOf(error)}` };
  }
}

function withFile(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The content; undefined: no such file. */
function readIfThere(path: string): Result<Buffer | undefined, Fault<"file-failed">> {
  try {
    return ok(lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path));
  } catch (error) {
    return failed({ code: "file-failed", says: `cannot read ${path}: ${messageOf(error)}` });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
