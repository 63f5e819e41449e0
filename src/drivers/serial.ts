/**
 * Carries messages over serial lines: a null-modem cable between two nodes, and no network that both depend on.
 *
 * A line is slow and may have nobody at its end, so nothing here waits: what is sent goes into a queue of bounded length, a
 * piece of 512 bytes is handed to the kernel at a time, and the next follows when the line has had time for it. When the kernel
 * takes nothing for half a second the queue is thrown away; what was in it is asked for again or is old news. The reader cuts
 * messages out of the stream by their markers and reads all eight bits.
 *
 * Source: docs/reference/wire-protocol.md, section 11.8; files-and-cli.md, section 5 (the lock file).
 * Deviations: the lock is held while the line is in use, and a line that fails is opened again (quirk 304); bit 7 and carriage returns are kept
 * when reading (quirk 91).
 */
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Fault, faultText } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { MediumConfig } from "../media/medium.ts";
import { ControlFramer } from "../wire/control-framer.ts";
import { claimPidFile } from "./files.ts";
import type { MediumDriver } from "./medium.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { loadSystem, ready, type System } from "./sys/system.ts";
import { flushBoth, flushOutput, rawLine, request } from "./sys/termios.ts";

export type SerialConfig = Extract<MediumConfig, { readonly kind: "serial" }>;

/** Bytes handed to the kernel at a time, and how long it may refuse them, in milliseconds (section 11.8). */
const pieceMax = 512;
const writeLimit = 500;
/** A piece that was refused is tried again after so many milliseconds. */
const retryPiece = 20;
/** What waits to be sent: some seconds of a fast line. More is a line that cannot carry this cluster's traffic. */
const queueMax = 64 * 1024;
/** The break that ends whatever the other side was in the middle of, in milliseconds. */
const breakLength = 250;
/** Reads per turn of the loop. */
const batch = 16;
/** How long a line that failed is left alone, in milliseconds. */
const reopenAfter = 1000;
/** Between two warnings that nobody reads the line, in milliseconds. */
const warnAfter = 3_600_000;

export interface SerialHands {
  /** A whole message, not yet looked at; the bytes are the receiver's to keep. */
  readonly onMessage: (bytes: Uint8Array) => void;
  readonly warn: (text: string) => void;
}

/** Opens and locks a line. `lockDirectory`: where serial lines are locked on this host; without such a folder nobody locks. */
export function openSerial(
  config: SerialConfig,
  hands: SerialHands,
  lockDirectory = "/var/lock",
): Result<MediumDriver, Fault> {
  const system = loadSystem();
  if (!system.ok) return system;
  const lock = join(lockDirectory, `LCK..${config.device.slice(5).replace(/[^A-Za-z0-9]/g, "")}`);
  const locked = claimPidFile(lock, process.pid, isRunning);
  if (locked?.code === "already-running")
    return failed({
      code: "line-in-use",
      says: `serial ${config.device}: another program uses the line`,
      advice: `see who: cat ${lock}`,
    });
  if (locked !== undefined) hands.warn(`serial ${config.device} is used without a lock: ${faultText(locked)}`);
  const line = new SerialLine(config, system.value, hands, locked === undefined ? lock : undefined);
  const fault = line.open();
  if (fault === undefined) return ok(line);
  line.close();
  return failed(fault);
}

class SerialLine implements MediumDriver {
  readonly name: string;
  readonly #config: SerialConfig;
  readonly #system: System;
  readonly #hands: SerialHands;
  readonly #lock: string | undefined;
  readonly #buffer = new Uint8Array(4096);
  #framer = new ControlFramer();
  #line: { readonly fd: number; readonly watching: number } | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Since when the kernel has taken nothing. */
  #stuckSince: number | undefined;
  #warnedAt: number | undefined;
  #failedAt = 0;
  #fault: Fault | undefined;
  #closed = false;

  constructor(config: SerialConfig, system: System, hands: SerialHands, lock: string | undefined) {
    this.name = config.name;
    this.#config = config;
    this.#system = system;
    this.#hands = hands;
    this.#lock = lock;
  }

  send(bytes: Uint8Array): Fault | undefined {
    if (this.#closed) return { code: "medium-closed", says: `${this.name} is closed` };
    if (this.#line === undefined) {
      if (performance.now() - this.#failedAt >= reopenAfter) this.#fault = this.open();
      if (this.#line === undefined) return this.#fault;
    }
    if (this.#queued + bytes.length > queueMax) {
      this.#discard();
      return {
        code: "line-too-slow",
        says: `${this.name} does not carry what is to be sent; the queue was thrown away`,
        advice: "raise baud on all nodes",
      };
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#timer === undefined) this.#write();
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#shut();
    if (this.#lock !== undefined) rmSync(this.#lock, { force: true });
  }

  open(): Fault | undefined {
    this.#failedAt = performance.now();
    const settings = rawLine(this.#config.baud);
    if (settings === undefined) return this.#failure("baud", `no speed ${this.#config.baud}`);
    let fd: number;
    try {
      fd = openSync(this.#config.device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    } catch (error) {
      return this.#failure("open", error instanceof Error ? error.message : String(error));
    }
    const set = this.#system.control(fd, request.setTermios2, settings);
    const watching = set < 0 ? set : this.#system.watch(fd, ready.readable, () => this.#read(fd));
    if (watching < 0) {
      closeSync(fd);
      return this.#failure("set", `cannot get tty attributes: ${errnoText(watching)}`);
    }
    this.#system.control(fd, request.flush, flushBoth);
    this.#line = { fd, watching };
    this.#framer = new ControlFramer();
    this.#system.control(fd, request.beginBreak, 0); // a pseudo terminal knows no breaks
    this.#after(breakLength, () => {
      this.#system.control(fd, request.endBreak, 0);
      this.#write();
    });
    return undefined;
  }

  #read(fd: number): void {
    for (let taken = 0; taken < batch && this.#line?.fd === fd; taken++) {
      const length = this.#system.read(fd, this.#buffer);
      if (length === errno.EAGAIN) return;
      // The device is gone: the descriptor would be ready for ever.
      if (length <= 0) return this.#fail(length < 0 ? errnoText(length) : "the line was hung up");
      for (const bytes of this.#framer.push(this.#buffer.subarray(0, length)).messages) this.#hands.onMessage(bytes);
    }
  }

  /** Hands over one piece, and comes back when the line has had time for it. */
  #write(): void {
    const first = this.#queue[0];
    if (this.#line === undefined || first === undefined) return;
    const piece = first.subarray(0, pieceMax);
    const written = this.#system.write(this.#line.fd, piece);
    if (written === errno.EAGAIN || written === 0) return this.#stuck();
    if (written < 0) return this.#fail(errnoText(written));
    this.#stuckSince = undefined;
    this.#queued -= written;
    if (written < first.length) this.#queue[0] = first.subarray(written);
    else this.#queue.shift();
    if (this.#queue.length > 0) this.#after((written * 10_000) / this.#config.baud, () => this.#write()); // ten bits a byte
  }

  #stuck(): void {
    const now = performance.now();
    this.#stuckSince ??= now;
    if (now - this.#stuckSince < writeLimit) return this.#after(retryPiece, () => this.#write());
    this.#discard();
    if (this.#warnedAt !== undefined && now - this.#warnedAt < warnAfter) return;
    this.#warnedAt = now;
    this.#hands.warn(
      `glib: TTY write timeout on [${this.#config.device}] (no connection or bad cable? [see documentation])`,
    );
  }

  #discard(): void {
    this.#queue = [];
    this.#queued = 0;
    this.#stuckSince = undefined;
    if (this.#line !== undefined) this.#system.control(this.#line.fd, request.flush, flushOutput);
  }

  #fail(why: string): void {
    this.#fault = this.#failure("lost", why);
    this.#failedAt = performance.now();
    this.#shut();
  }

  #shut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#discard();
    const line = this.#line;
    this.#line = undefined;
    if (line === undefined) return;
    this.#system.unwatch(line.watching);
    closeSync(line.fd);
  }

  #after(wait: number, then: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      then();
    }, wait);
  }

  #failure(code: string, why: string): Fault {
    return { code: `line-${code}`, says: `serial ${this.#config.device}: ${why}` };
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false; // ours from a life before this one
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
