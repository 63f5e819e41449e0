/**
 * The daemon's log as the core process sees it: what is said goes to the log writer, unless it is for debugging and nobody asked.
 */
import { hostname } from "node:os";
import type { LogId } from "../base/log-lines/index.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevel } from "../core/effect.ts";
import type { LogTarget } from "../drivers/log-format.ts";
import { LogWriter } from "../drivers/log-writer.ts";
import { below } from "./paths.ts";
import { processName } from "./running.ts";

/** The socket of ha_logd. */
const logDaemon = "/var/lib/heartbeat/log_daemon";
/** The socket of systemd's journal. */
const journal = "/run/systemd/journal/socket";
/** An octet, as in ha.cf. */
const debugMax = 255;

export type LoggedConfig = Pick<ClusterConfig, "logging" | "localNode">;

export class Log {
  readonly #writer: LogWriter;
  #debug: number;

  /** `managed`: by systemd, whose journal takes fields. `owner`: whose new files become. */
  constructor(
    config: LoggedConfig,
    root: string,
    { managed, owner }: { readonly managed: boolean; readonly owner: LogTarget["owner"] },
  ) {
    this.#debug = config.logging.debug;
    this.#writer = LogWriter.start({ ...logTarget(config, root, managed), ...(owner === undefined ? {} : { owner }) });
  }

  get debug(): number {
    return this.#debug;
  }

  /** One up or down, within its bounds; returns the new level. */
  changeDebug(by: 1 | -1): number {
    this.#debug = Math.min(debugMax, Math.max(0, this.#debug + by));
    return this.#debug;
  }

  /** `group`: what it is about. */
  write(id: LogId, level: LogLevel, text: string, group?: string): void {
    if (level !== "debug" || this.#debug > 0) this.#writer.write(id, level, text, group);
  }

  /** Resolves when everything is written, or after a bounded time. */
  async close(): Promise<void> {
    await this.#writer.close();
  }
}

export function logTarget({ logging, localNode }: LoggedConfig, root: string, managed: boolean): LogTarget {
  const { logfile, debugfile, facility, syslogMessageFormat, logdRetryAfter } = logging;
  return {
    entity: processName,
    pid: process.pid,
    host: hostname(),
    syslogMessageFormat,
    stderr: false,
    ...(managed ? { journal: { path: below(root, journal), node: localNode } } : {}),
    ...(logfile === undefined ? {} : { logfile: below(root, logfile) }),
    ...(debugfile === undefined ? {} : { debugfile: below(root, debugfile) }),
    ...(facility === undefined ? {} : { facility }),
    ...(logdRetryAfter === undefined ? {} : { logd: { path: below(root, logDaemon), retryAfter: logdRetryAfter } }),
  };
}
