/**
 * How the core tells its launcher that it is up, or why it is not: one line of JSON on descriptor 3.
 *
 * The original's launcher leaves before a medium is opened, so that a missing interface shows in the log only. Ours waits for this line and
 * passes the failure on, text and exit code (quirk 31).
 */
import { closeSync, writeSync } from "node:fs";

export type StartReport =
  | { readonly started: true }
  | { readonly started: false; readonly code: number; readonly says: readonly string[] };

/** The descriptor that `launch.ts` connects. */
export const reportDescriptor = 3;

/** What `launch.ts` adds to the core's arguments. Without it the descriptor is some other one, and not ours to touch. */
export const reportOption = "--report";

/**
 * Only the first report counts. Without a launcher (systemd starts the core itself) a failure goes to standard error.
 */
export class StartReporter {
  readonly #launched: boolean;
  #done = false;

  constructor(launched: boolean) {
    this.#launched = launched;
  }

  report(report: StartReport): void {
    if (this.#done) return;
    this.#done = true;
    if (!this.#launched) {
      if (!report.started) for (const line of report.says) process.stderr.write(`heartbeat: ${line}\n`);
      return;
    }
    try {
      writeSync(reportDescriptor, `${JSON.stringify(report)}\n`);
      closeSync(reportDescriptor);
    } catch {
      // The launcher is gone.
    }
  }
}

/** What a launcher makes of everything that arrived until the descriptor was closed. */
export function readReport(text: string): StartReport {
  try {
    const report: unknown = JSON.parse(text);
    if (typeof report === "object" && report !== null && "started" in report) {
      if (report.started === true) return { started: true };
      if ("code" in report && "says" in report && typeof report.code === "number" && Array.isArray(report.says))
        return { started: false, code: report.code, says: report.says.map(String) };
    }
  } catch {
    // Falls through: an unfinished line is no report.
  }
  return { started: false, code: 1, says: ["The daemon ended before it was up."] };
}
