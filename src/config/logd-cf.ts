/**
 * Reads logd.cf, the file of the logging daemon: the line rules of ha.cf, but names in any case and only the first value counts.
 *
 * Source: docs/reference/configuration.md, section 10.
 * Deviations: logmode takes effect, also for a daemon in the background.
 */

import { registry } from "../base/registry.ts";
import { atoi, didYouMean, parseBoolean, suggestedMax } from "../syntax/args.ts";
import { type Diagnostic, Report } from "../syntax/diagnostic.ts";
import { fileSizeMax, linesOf, type Word, withoutComment, wordsOf } from "../syntax/lexer.ts";
import { osText, shown } from "../syntax/text.ts";
import type { ConfigurationFile } from "./configuration-files.ts";
import { facilities } from "./directives/logging.ts";
import { reportOddLines } from "./odd-lines.ts";

export interface LogdConfig {
  debugfile: string | undefined;
  logfile: string | undefined;
  /** A syslog facility's name. */
  facility: string;
  entity: string;
  syslogPrefix: string | undefined;
  /** Permissions of the log files. */
  mode: number;
  syslogMessageFormat: boolean;
}

interface LogdDirective {
  readonly name: string;
  readonly form: string;
  readonly summary: string;
  readonly default?: string;
  readonly apply: (config: LogdConfig, value: Word, report: Report) => void;
}

/** The original's buffer for entity and prefix, without the terminator. */
const wordMax = 63;

const cutWord = (name: string, value: Word, report: Report): string => {
  const { text } = value;
  if (text.length > wordMax)
    report.add(
      "HB0903",
      value,
      `setting ${name} to ${shown(text.slice(0, wordMax))} (truncated from ${shown(text)})`,
      `at most ${wordMax} characters`,
    );
  return osText(text.slice(0, wordMax));
};

const queueLength = (name: "send" | "recv"): LogdDirective => ({
  name: `${name}qlen`,
  form: "N",
  summary: "Without effect: queues hold 128 messages, as in 3.0.6.",
  apply(_config, value, report) {
    const length = atoi(value.text);
    if (length < 0)
      report.add(
        "HB0902",
        value,
        `negative ${name} queue length [${shown(value.text)}]`,
        "the line has no effect: remove it",
      );
    else report.add("HB0903", value, `${name}qlen has no effect`, "remove the line");
  },
});

const path = (name: "debugfile" | "logfile", summary: string): LogdDirective => ({
  name,
  form: "PATH",
  summary,
  apply(config, value) {
    config[name] = value.text === "" ? undefined : osText(value.text);
  },
});

export const logdDirectives = registry<LogdDirective>([
  path("debugfile", "The file for all messages, including those for debugging."),
  {
    name: "entity",
    form: "WORD",
    summary: "The name in front of the logging daemon's own messages.",
    default: "logd",
    apply(config, value, report) {
      config.entity = cutWord("entity", value, report);
    },
  },
  path("logfile", "The file for all messages but those for debugging."),
  {
    name: "logfacility",
    form: "FACILITY",
    summary: "The syslog facility for messages.",
    default: "daemon",
    apply(config, value, report) {
      const facility = facilities.find((each) => each === value.text);
      if (facility === undefined)
        report.add("HB0902", value, `Log facility(${shown(value.text)}) not valid`, didYouMean(value, facilities));
      else config.facility = facility;
    },
  },
  {
    name: "logmode",
    form: "OCTAL",
    summary: "The permissions of the log files.",
    default: "0644",
    apply(config, value, report) {
      if (!/^[0-7]{1,4}$/.test(value.text)) {
        report.add("HB0902", value, `Invalid log mode [${shown(value.text)}]`, "write an octal number: 0640");
        return;
      }
      if (!value.text.startsWith("0"))
        report.add("HB0903", value, `Log mode [${shown(value.text)}] assumed to be octal`, `write 0${value.text}`);
      config.mode = Number.parseInt(value.text, 8);
    },
  },
  queueLength("recv"),
  queueLength("send"),
  {
    name: "syslogmsgfmt",
    form: "on|off",
    summary: "Whether lines in log files look like those of syslog.",
    default: "on",
    apply(config, value, report) {
      const on = parseBoolean(value.text);
      if (on === undefined)
        report.add("HB0902", value, `syslogmsgfmt: not a switch [${shown(value.text)}]`, "write on or off");
      else config.syslogMessageFormat = on;
    },
  },
  {
    name: "syslogprefix",
    form: "WORD",
    summary: "A word in front of each message to syslog.",
    apply(config, value, report) {
      config.syslogPrefix = cutWord("syslogprefix", value, report);
    },
  },
]);

export interface LogdReading {
  /** Undefined if there is an error. */
  readonly config: LogdConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: 0 | 6;
}

export function readLogdCf(file: ConfigurationFile, name: string): LogdReading {
  const config: LogdConfig = {
    debugfile: undefined,
    logfile: undefined,
    facility: "daemon",
    entity: "logd",
    syslogPrefix: undefined,
    mode: 0o644,
    syslogMessageFormat: true,
  };
  if ("missing" in file) {
    const report = new Report(name);
    report.add("HB0904", undefined, `Cannot open config file [${name}]`, "the defaults are used");
    return { config, diagnostics: report.diagnostics, exitCode: 0 };
  }
  const lines = file.bytes.length > fileSizeMax ? [] : linesOf(file.bytes);
  const report = new Report(name, lines);
  if (file.bytes.length > fileSizeMax) report.add("HB0108", undefined, `the file is larger than ${fileSizeMax} bytes`);
  reportOddLines(lines, report, () => true);
  for (const line of lines) {
    const [directive, value] = wordsOf(withoutComment(line.text), line.number, "blanks and commas");
    if (directive) readDirective(directive, value, config, report);
  }
  return {
    config: report.errors > 0 ? undefined : config,
    diagnostics: report.diagnostics,
    exitCode: report.errors > 0 ? 6 : 0,
  };
}

function readDirective(name: Word, value: Word | undefined, config: LogdConfig, report: Report): void {
  const directive = logdDirectives.get(name.text.toLowerCase());
  if (directive === undefined) {
    const near = report.full || name.text.length > suggestedMax ? undefined : logdDirectives.suggest(name.text);
    report.add(
      "HB0901",
      name,
      `Illegal directive [${shown(name.text)}] in ${report.file}`,
      near === undefined ? `directives: ${logdDirectives.names().join(", ")}` : `did you mean ${near}?`,
    );
    return;
  }
  if (value === undefined)
    report.add("HB0903", name, `${directive.name} has no value`, `write: ${directive.name} ${directive.form}`);
  // A missing value is passed on as an empty one, as in the original.
  directive.apply(config, value ?? { ...name, text: "", start: name.end, end: name.end }, report);
}
