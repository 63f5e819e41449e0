/**
 * Where the logging daemon's lines go: two files and syslog, in the original's forms. Nothing here waits for a disk (queued-file.ts) or for
 * syslog, and neither keeps the other from its line.
 *
 * Lines are bytes of whoever wrote them, in whatever encoding; one character here is one byte. A sender is anybody, so that a line break
 * in what he sends makes no line of its own (quirk 280).
 *
 * Source: docs/reference/files-and-cli.md, section 6: files have the time of the message, syslog that of its arrival.
 */
import { hostname } from "node:os";
import type { LogLevel } from "../core/effect.ts";
import type { LogdMessage } from "../wire/logd-message.ts";
import { lineOfFile, lineOfSyslog, oneLine, severityOf, wordOf } from "./log-format.ts";
import { QueuedFile } from "./queued-file.ts";
import { Syslog } from "./syslog.ts";

export interface LogdPlacesOptions {
  readonly logfile: string | undefined;
  readonly debugfile: string | undefined;
  /** A syslog facility's name; one that does not exist (`none`): no syslog. */
  readonly facility: string;
  /** The daemon's own name in its lines. */
  readonly entity: string;
  readonly syslogPrefix: string | undefined;
  /** Permissions of the files. */
  readonly mode: number;
  readonly syslogMessageFormat: boolean;
  readonly syslogPath?: string;
  /** A copy of the daemon's own lines. */
  readonly onOwnLine?: (line: string) => void;
}

const debugSeverity = 7;

export class LogdPlaces {
  readonly #options: LogdPlacesOptions;
  readonly #logfile: QueuedFile | undefined;
  readonly #debugfile: QueuedFile | undefined;
  readonly #syslog: Syslog | undefined;

  constructor(options: LogdPlacesOptions) {
    const { logfile, debugfile, facility, syslogPath } = options;
    this.#options = options;
    this.#logfile = this.#file(logfile);
    this.#debugfile = this.#file(debugfile);
    this.#syslog = facility === "none" ? undefined : new Syslog(syslogPath);
  }

  write({ entity, pid, priority, sayPriority, seconds, text }: LogdMessage): void {
    const word = sayPriority ? wordOf(priority) : undefined;
    const said = { entity, pid, word, text: Buffer.from(text).toString("latin1") };
    this.#toFiles(priority, seconds * 1000, said);
    this.#toSyslog(priority, said);
  }

  /** A line of the daemon itself. */
  tell(level: LogLevel, text: string): void {
    const said = this.#own(level, text);
    const line = this.#toFiles(severityOf(level), Date.now(), said);
    this.#toSyslog(severityOf(level), said);
    this.#options.onOwnLine?.(line);
  }

  /** The files may be others from now on. */
  follow(): void {
    this.#logfile?.follow();
    this.#debugfile?.follow();
  }

  /** Resolves when everything is written, or could not be. */
  async end(): Promise<void> {
    await Promise.all([this.#logfile?.end(), this.#debugfile?.end()]);
    this.#syslog?.close();
  }

  #toFiles(priority: number, at: number, said: Said): string {
    const line = lineOfFile({ ...said, host: hostname(), at }, this.#options.syslogMessageFormat);
    const bytes = Buffer.from(line, "latin1");
    if (priority !== debugSeverity) this.#logfile?.push(bytes);
    this.#debugfile?.push(bytes);
    return line;
  }

  #toSyslog(priority: number, said: Said): void {
    if (this.#syslog === undefined) return;
    const datagram = (severity: number, text: Said): Uint8Array =>
      Buffer.from(lineOfSyslog({ ...text, at: Date.now() }, severity, this.#options), "latin1");
    const lost = this.#syslog.dropped;
    if (!this.#syslog.send(datagram(priority, said)) || lost === 0) return;
    this.#syslog.send(datagram(severityOf("warn"), this.#own("warn", `${lost} messages to syslog were dropped`)));
  }

  #own(level: LogLevel, text: string): Said {
    return {
      entity: this.#options.entity,
      pid: process.pid,
      word: wordOf(severityOf(level)),
      text: Buffer.from(oneLine(text), "utf8").toString("latin1"),
    };
  }

  #file(path: string | undefined): QueuedFile | undefined {
    if (path === undefined) return undefined;
    return new QueuedFile({
      path,
      mode: this.#options.mode,
      dropped: (count) => {
        const said = this.#own("warn", `${count} messages to ${path} were dropped`);
        const line = lineOfFile({ ...said, host: hostname(), at: Date.now() }, this.#options.syslogMessageFormat);
        return Buffer.from(line, "latin1");
      },
      // What is wrong with a file goes to those that cannot fail in the same way.
      onTrouble: (says) => this.#toSyslog(severityOf("error"), this.#own("error", says)),
    });
  }
}

interface Said {
  readonly entity: string;
  readonly pid: number;
  /** For the priority; undefined: it is not said. */
  readonly word: string | undefined;
  readonly text: string;
}
