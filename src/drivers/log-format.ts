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

/** The word for a severity, 0 to 7. */
export const wordOf = (severity: number): string =>
  Object.values(levels).find(([, each]) => each === severity)?.[0] ?? "debug";
export const severityOf = (level: LogLevel): number => levels[level][1];

/** What makes a line, whoever wrote it. */
export interface LineParts {
  readonly entity: string;
  readonly pid: number;
  /** For the priority; undefined: it is not said. */
  readonly word: string | undefined;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A line for a file or standard error, newline included. */
export const fileLine = ({ level, text, at }: LogText, target: LogTarget): string =>
  lineOfFile({ ...target, word: levels[level][0], text, at }, target.syslogMessageFormat);

export function lineOfFile(parts: LineParts & { readonly host: string }, syslogMessageFormat: boolean): string {
  const { entity, pid, host, at } = parts;
  const time = new Date(at);
  const clock = clockOf(time);
  const day = two(time.getDate());
  const said = saidOf(parts);
  if (syslogMessageFormat) {
    const when = `${months[time.getMonth()]} ${day} ${clock}`;
    return `${when} ${host} ${oneLine(entity)}: [${pid}]: ${said}\n`;
  }
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${day}`;
  return `${oneLine(entity)}[${pid}]: ${date}_${clock} ${said}\n`;
}

const saidOf = ({ word, text }: LineParts): string => `${word === undefined ? "" : `${word}: `}${oneLine(text)}`;

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
export const syslogDatagram = ({ level, text, at }: LogText, target: LogTarget): string =>
  lineOfSyslog({ ...target, word: levels[level][0], text, at }, levels[level][1], target);

export function lineOfSyslog(
  parts: LineParts,
  severity: number,
  target: { readonly facility?: string; readonly syslogPrefix?: string | undefined },
): string {
  const { entity, pid, at } = parts;
  const facility = syslogFacilities.get(target.facility ?? "daemon") ?? 3;
  const time = new Date(at);
  const day = String(time.getDate()).padStart(2); // here it is a blank that fills up, RFC 3164, section 4.1.2
  const when = `${months[time.getMonth()]} ${day} ${clockOf(time)}`;
  const name = oneLine(entity);
  const writer = target.syslogPrefix === undefined ? `${name}: [${pid}]` : `${target.syslogPrefix}: ${name}[${pid}]`;
  return `<${facility * 8 + severity}>${when} ${writer}: ${saidOf(parts)}\0`;
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
export const oneLine = (text: string): string =>
  text.slice(0, textMax).replace(/(?![\t\u0080-\u009f])\p{Cc}/gu, (character) => (character === "\n" ? " " : "?"));
