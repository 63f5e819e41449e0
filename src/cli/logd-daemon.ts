/** The logging daemon at work: its socket, its pid file, its signals, until it is told to end. */
import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { claimPidFile } from "../drivers/files.ts";
import { LogdPlaces, type LogdPlacesOptions } from "../drivers/logd-places.ts";
import { LogdServer } from "../drivers/logd-server.ts";
import { processName } from "../drivers/priority.ts";

export interface LogdPaths {
  readonly socket: string;
  readonly pidFile: string;
}

export interface LogdOrder {
  readonly paths: LogdPaths;
  readonly places: LogdPlacesOptions;
  /** What its first line says of the configuration. */
  readonly startedWith: string;
  /** What the configuration has that is not quite right. */
  readonly warnings: readonly string[];
  readonly isLogd: (pid: number) => boolean;
}

export type LogdStart =
  | { readonly is: "serving"; readonly logd: RunningLogd }
  | { readonly is: "running-already" }
  | { readonly is: "failed"; readonly says: string };

/** What senders wrote before they were told that it ends is still read, for so many milliseconds. */
const lastWords = 100;
/** A disk that hangs keeps the end waiting for so long, in milliseconds. */
const endPatience = 3000;
/** What turns senders away is told once in so many milliseconds, with their number. */
const turnedAwayInterval = 10_000;

export async function startLogd(order: LogdOrder): Promise<LogdStart> {
  processName("ha_logd");
  const fault = claimPidFile(order.paths.pidFile, process.pid, order.isLogd);
  if (fault?.code === "already-running") return { is: "running-already" };
  if (fault !== undefined) return { is: "failed", says: fault.says };
  const logd = new RunningLogd(order);
  try {
    await logd.open();
  } catch (error) {
    rmSync(order.paths.pidFile, { force: true });
    return { is: "failed", says: `cannot listen: ${error instanceof Error ? error.message : error}` };
  }
  return { is: "serving", logd };
}

export class RunningLogd {
  readonly #order: LogdOrder;
  readonly #places: LogdPlaces;
  readonly #server: LogdServer;
  #turnedAway = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(order: LogdOrder) {
    this.#order = order;
    this.#places = new LogdPlaces(order.places);
    this.#server = new LogdServer({
      onMessage: (message) => this.#places.write(message),
      onTurnedAway: (says) => this.#turnAway(says),
    });
  }

  async open(): Promise<void> {
    await this.#server.listen(this.#order.paths.socket);
    this.#places.tell("info", `logd started with ${this.#order.startedWith}.`);
    for (const says of this.#order.warnings) this.#places.tell("warn", says);
  }

  /** SIGHUP: somebody has moved the files away. */
  reopen(): void {
    this.#places.follow();
    this.#places.tell("info", "SIGHUP received, re-opened log files");
  }

  async end(): Promise<void> {
    this.#server.stopListening();
    await setTimeout(lastWords);
    this.#server.close();
    this.#places.tell("info", "Exiting write process");
    rmSync(this.#order.paths.pidFile, { force: true }); // quirk 281
    await Promise.race([this.#places.end(), setTimeout(endPatience, undefined, { ref: false })]);
  }

  /** Anybody on this machine can send rubbish, and nobody may fill the log with it. */
  #turnAway(says: string): void {
    this.#turnedAway++;
    const now = performance.now();
    if (now - this.#toldAt < turnedAwayInterval) return;
    this.#toldAt = now;
    const number = this.#turnedAway === 1 ? "A sender was" : `${this.#turnedAway} senders were`;
    this.#turnedAway = 0;
    this.#places.tell("error", `${number} turned away: ${says}`);
  }
}
