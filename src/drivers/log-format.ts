/**
 * Log lines in the original's forms, byte for byte, because people grep for them and tools parse them.
 *
 * Source: docs/reference/files-and-cli.md, section 6.
 */
import { createHash } from "node:crypto";
import type { LogId } from "../base/log-lines/index.ts";
import { syslogFacilities } from "../base/syslog-facility.ts";
import type { LogLevel } from "../core/effect.ts";
import type { LogdMessage } from "../wire/logd-message.ts";

/** What a line says, and when. */
export interface LogText {
  readonly level: LogLevel;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface LogRecord extends LogText {
  readonly id: LogId;
  /** The group that it is about. */
  readonly group?: string;
}

/** Where log lines go, and how they name their writer. */
export interface LogTarget {
  /** The program: `heartbeat`. */
  readonly entity: string;
  /** Of the process that says it, not of the one that writes it down. */
  readonly pid: number;
  /** `uname -n`. */
  readonly host: string;
  /** All but debug. */
  readonly logfile?: string;
  /** Everything. */
  readonly debugfile?: string;
  /** Whose the files become that are made here; undefined: the writer's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** A syslog facility's name; undefined: no syslog. */
  readonly facility?: string;
  /** systemd's journal, which takes what would go to syslog with its fields; syslog is for the time that it is away. */
  readonly journal?: { readonly path: string; readonly node: string };
  /** The logging daemon goes before all other places; they are for the time that it is away. */
  readonly logd?: { readonly path: string; readonly retryAfter: number };
  /** True: `Mon DD HH:MM:SS host ...` in files; false: `heartbeat[pid]: YYYY/MM/DD_HH:MM:SS ...`. */
  readonly syslogMessageFormat: boolean;
  /** Foreground with debugging: on standard error, too. */
  readonly stderr: boolean;
}

/** The longest text (MAXLINE); the rest is cut off. */
const textMax = 5120;

/** Name in the log and severity of RFC 5424. */
const levels: { readonly [L in LogLevel]: readonly [word: string, severity: number] } = {
  emerg: ["EMERG", 0],
  alert: ["ALERT", 1],
  crit: ["CRIT", 2],
  error: ["ERROR", 3],
  warn: ["WARN", 4],
  notice: ["notice", 5],
  info: ["info", 6],
  debug: ["debug", 7],
};

export const isLogLevel = (word: string): word is LogLevel => Object.hasOwn(levels, word);

/** A line for a file or standard error, newline included. */
export function fileLine({ level, text, at }: LogText, target: LogTarget): string {
  const [word] = levels[level];
  const time = new Date(at);
  const clock = clockOf(time);
  const day = two(time.getDate());
  if (target.syslogMessageFormat)
    return `${months[time.getMonth()]} ${day} ${clock} ${target.host} ${target.entity}: [${target.pid}]: ${word}: ${oneLine(text)}\n`;
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${day}`;
  return `${target.entity}[${target.pid}]: ${date}_${clock} ${word}: ${oneLine(text)}\n`;
}

/** A line for the logging daemon, which puts the word for the priority before it. */
export const logdMessage = ({ level, text, at }: LogText, { entity, pid, facility }: LogTarget): LogdMessage => ({
  facility: (syslogFacilities.get(facility ?? "daemon") ?? 3) * 8,
  priority: levels[level][1],
  sayPriority: true,
  pid,
  entity,
  seconds: Math.floor(at / 1000),
  text: Buffer.from(oneLine(text), "utf8"),
});

/** A datagram for /dev/log, with the NUL at its end. An unknown facility counts as `daemon`. */
export function syslogDatagram({ level, text, at }: LogText, target: LogTarget): string {
  const [word, severity] = levels[level];
  const facility = syslogFacilities.get(target.facility ?? "daemon") ?? 3;
  const time = new Date(at);
  const day = String(time.getDate()).padStart(2); // here it is a blank that fills up, RFC 3164, section 4.1.2
  const when = `${months[time.getMonth()]} ${day} ${clockOf(time)}`;
  return `<${facility * 8 + severity}>${when} ${target.entity}: [${target.pid}]: ${word}: ${oneLine(text)}\0`;
}

/**
 * A datagram for systemd's journal: lines of NAME=value. The message is what it would be over syslog.
 *
 * Source: systemd, "Native Journal Protocol" (no value here has a line end, so none needs the binary form).
 */
export function journalDatagram({ id, level, text, group }: LogRecord, target: LogTarget): string {
  const [word, severity] = levels[level];
  const fields: Readonly<Record<string, string | number | undefined>> = {
    MESSAGE: `[${target.pid}]: ${word}: ${oneLine(text)}`,
    MESSAGE_ID: messageId(id),
    PRIORITY: severity,
    SYSLOG_FACILITY: syslogFacilities.get(target.facility ?? "daemon") ?? 3,
    SYSLOG_IDENTIFIER: target.entity,
    SYSLOG_PID: target.pid,
    HB_ID: id,
    HEARTBEAT_NODE: target.journal?.node,
    HEARTBEAT_GROUP: group === undefined ? undefined : oneLine(group),
  };
  return Object.entries(fields)
    .map(([name, value]) => (value === undefined ? "" : `${name}=${value}\n`))
    .join("");
}

/** The journal wants 128 bits that stand for a kind of line for ever. */
export const messageId = (id: string): string =>
  createHash("sha256").update(`heartbeat ${id}`).digest("hex").slice(0, 32);

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number: number): string => String(number).padStart(2, "0");
const clockOf = (time: Date): string => `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;

/** Texts quote what came from the network: a line break or a NUL in one must not make a line of its own. */
const oneLine = (text: string): string =>
  text.slice(0, textMax).replace(/(?![\t\u0080-\u009f])\p{Cc}/gu, (character) => (character === "\n" ? " " : "?"));
