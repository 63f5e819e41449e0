/**
 * Writes log lines to files, syslog and standard error. It waits for disks, so that it runs in processes that may: the log writer,
 * and the runner when the core has died.
 *
 * Files are kept open. Once a minute it is looked whether the path still leads to the open file, so that log rotation works
 * without a signal. A sink that fails does not keep the others from getting their line.
 *
 * Source: docs/reference/files-and-cli.md, section 6.
 */
import { closeSync, constants, fchownSync, fstatSync, openSync, statSync, writeSync } from "node:fs";
import {
  fileLine,
  journalDatagram,
  type LogRecord,
  type LogTarget,
  logdMessage,
  syslogDatagram,
} from "./log-format.ts";
import { Logd } from "./logd.ts";
import { Syslog } from "./syslog.ts";

/** In milliseconds: the original's interval. */
const rotationCheck = 60_000;

/** How a log is opened: not waiting, since it may be a FIFO that nobody reads or a terminal line. */
export const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;

export class LogSinks {
  readonly #target: LogTarget;
  readonly #files: readonly { readonly file: LogFile; readonly debug: boolean }[];
  readonly #syslog: Syslog | undefined;
  readonly #journal: Syslog | undefined;
  readonly #logd: Logd | undefined;
  #logdAway = false;

  constructor(target: LogTarget, syslogPath?: string) {
    this.#target = target;
    this.#files = [
      ...(target.logfile === undefined
        ? []
        : [{ file: new LogFile("logfile", target.logfile, target.owner), debug: false }]),
      ...(target.debugfile === undefined
        ? []
        : [{ file: new LogFile("debugfile", target.debugfile, target.owner), debug: true }]),
    ];
    this.#logd = target.logd === undefined ? undefined : new Logd(target.logd);
    // Where the logging daemon is all that was named, syslog stands in for it.
    const named = target.facility !== undefined || (target.logd !== undefined && this.#files.length === 0);
    this.#syslog = named ? new Syslog(syslogPath) : undefined;
    this.#journal = named && target.journal !== undefined ? new Syslog(target.journal.path) : undefined;
  }

  write(record: LogRecord): void {
    if (this.#toLogd(record)) return;
    this.#direct(record);
  }

  /** Each absence of the daemon is told once, where the lines go meanwhile. */
  #toLogd(record: LogRecord): boolean {
    if (this.#logd === undefined || this.#target.logd === undefined) return false;
    const { path, retryAfter } = this.#target.logd;
    const taken = this.#logd.send(logdMessage(record, this.#target)) === "queued";
    if (!taken && !this.#logdAway) {
      const text = `The logging daemon does not answer at ${path}: logging directly, and trying it every ${retryAfter / 1000} s`;
      this.#direct({ id: "logd-away", level: "warn", text, at: record.at });
    }
    this.#logdAway = !taken;
    return taken;
  }

  #direct(record: LogRecord): void {
    const line = fileLine(record, this.#target);
    const troubles: string[] = [];
    for (const { file, debug } of this.#files) {
      if (record.level === "debug" && !debug) continue;
      const trouble = file.write(line, record.at);
      if (trouble !== undefined) troubles.push(trouble);
    }
    this.#toSyslog(record);
    if (this.#target.stderr) toStandardError(line);
    // What is wrong with one sink goes to those that cannot fail in the same way.
    for (const text of troubles) {
      const complaint = { id: "log-unwritten", level: "warn", text, at: record.at } as const;
      this.#toSyslog(complaint);
      toStandardError(fileLine(complaint, this.#target));
    }
  }

  close(): void {
    for (const { file } of this.#files) file.close();
    this.#syslog?.close();
    this.#journal?.close();
    this.#logd?.close();
  }

  #toSyslog(record: LogRecord): void {
    if (this.#journal?.send(journalDatagram(record, this.#target))) return;
    if (this.#syslog === undefined) return;
    const lost = this.#syslog.dropped;
    if (!this.#syslog.send(syslogDatagram(record, this.#target)) || lost === 0) return;
    const text = `${lost} messages to syslog were dropped`;
    this.#syslog.send(syslogDatagram({ level: "warn", text, at: record.at }, this.#target));
  }
}

class LogFile {
  readonly #kind: string;
  readonly #path: string;
  readonly #owner: LogTarget["owner"];
  #fd: number | undefined;
  /** Milliseconds since 1970, as records carry. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  #failing = false;

  constructor(kind: string, path: string, owner: LogTarget["owner"]) {
    this.#kind = kind;
    this.#path = path;
    this.#owner = owner;
  }

  /** What is wrong, once each time it starts to be. */
  write(line: string, at: number): string | undefined {
    try {
      this.#follow(at);
      if (this.#fd === undefined) return undefined; // looked at again in a minute
      writeSync(this.#fd, line);
      this.#failing = false;
      return undefined;
    } catch (error) {
      const told = this.#failing;
      this.#failing = true;
      return told
        ? undefined
        : `cannot write ${this.#kind} ${this.#path}: ${error instanceof Error ? error.message : error}`;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Opens the file; once a minute anew, if the path leads elsewhere. A clock that went back counts as a minute. */
  #follow(at: number): void {
    if (at - this.#checkedAt < rotationCheck && at >= this.#checkedAt) return;
    this.#checkedAt = at;
    if (this.#fd !== undefined) {
      const there = statSync(this.#path, { throwIfNoEntry: false });
      const open = fstatSync(this.#fd);
      if (there?.ino === open.ino && there.dev === open.dev) return;
      this.close();
    }
    this.#fd = this.#make() ?? openSync(this.#path, appending, 0o644);
  }

  /** A file that is there keeps its owner, and nothing is changed through a link. */
  #make(): number | undefined {
    if (this.#owner === undefined || process.getuid?.() !== 0) return undefined;
    try {
      const made = openSync(this.#path, appending | constants.O_EXCL, 0o644);
      fchownSync(made, this.#owner.uid, this.#owner.gid);
      return made;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
      throw error;
    }
  }
}

function toStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Closed or full: there is nowhere left to say so.
  }
}
