/**
 * The core's end of the log: hands records to the log writer process and never waits for it. When the writer cannot keep up, lines are
 * dropped and counted, and the count is logged when it reads again.
 */
import type { LogId } from "../base/log-lines/index.ts";
import type { LogLevel } from "../core/effect.ts";
import { HelperProcess } from "./helper-process.ts";
import type { LogRecord, LogTarget } from "./log-format.ts";

/** Bytes that wait for the writer to read. One that does not read this much is as good as gone. */
const backlogMax = 1024 * 1024;

export class LogWriter {
  readonly #process: HelperProcess;
  #dropped = 0;
  /** How the last writer ended, for its successor to write down. */
  #lost: string | undefined;

  private constructor(target: LogTarget) {
    this.#process = new HelperProcess("hb-log", "runner/log-main", {
      onStarted: () => {
        this.#process.send(target);
        if (this.#lost !== undefined) this.write("log-writer-lost", "error", this.#lost);
        this.#lost = undefined;
      },
      onLost: (says) => {
        this.#lost = says;
      },
    });
  }

  /** Starts the writer; to be called before real time is taken. */
  static start(target: LogTarget): LogWriter {
    const writer = new LogWriter(target);
    writer.#process.start();
    return writer;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** `at`: milliseconds since 1970. */
  write(id: LogId, level: LogLevel, text: string, group?: string, at = Date.now()): void {
    if (this.#dropped > 0) {
      const notice: LogRecord = {
        id: "log-dropped",
        level: "warn",
        text: `cl_log: ${this.#dropped} messages were dropped`,
        at,
      };
      if (!this.#send(notice)) {
        this.#dropped++;
        return;
      }
      this.#dropped = 0;
    }
    const record: LogRecord = { id, level, text, at, ...(group === undefined ? {} : { group }) };
    if (!this.#send(record)) this.#dropped++;
  }

  /** Resolves when everything is written, or after two seconds. */
  async close(): Promise<void> {
    await this.#process.end();
  }

  #send(record: LogRecord): boolean {
    return this.#process.backlog <= backlogMax && this.#process.send(record);
  }
}
