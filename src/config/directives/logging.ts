/** Where messages go: logfacility, logfile, debugfile, use_logd, conn_logd_time, syslogmsgfmt, log_badpack, debug. */
import { anyText, boolean, integer, oneOf, time } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

export const facilities = [
  "auth",
  "authpriv",
  "cron",
  "daemon",
  "ftp",
  "kern",
  "lpr",
  "mail",
  "mark",
  "news",
  "security",
  "syslog",
  "user",
  "uucp",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
  "none",
] as const;

export const logfacility = scalar({
  name: "logfacility",
  arg: oneOf(facilities),
  summary: "The syslog facility for messages.",
  details: "none, and kern for historic reasons, mean no syslog.",
  example: "logfacility local0",
  phrase: (text) => `Log facility(${shown(text)}) not valid`,
  set({ draft, report }: Scope, value, word) {
    if (value === "kern")
      report.add(
        "HB0502",
        word,
        "facility kern has number 0, which means no syslog",
        "write daemon or local0, or none if that is meant",
      );
    draft.facility = value;
    return true;
  },
});

const logPath = anyText("PATH", "a full path; /dev/null for none");

function checkPath(text: string, { report, facts }: Scope, word: Parameters<Scope["report"]["add"]>[1]): void {
  if (!text.startsWith("/")) {
    report.add("HB0503", word, `[${shown(text)}] is relative to wherever the daemon runs`, "write the full path");
    return;
  }
  const directory = text.slice(0, text.lastIndexOf("/")) || "/";
  if (facts.fileKind(`${facts.root ?? ""}${directory}`) === "missing")
    report.add(
      "HB0504",
      word,
      `the directory of [${shown(text)}] does not exist: nothing can be written there`,
      `mkdir -p ${facts.root ?? ""}${shown(directory)}`,
    );
}

export const logfile = scalar({
  name: "logfile",
  arg: logPath,
  summary: "The file for all messages but those for debugging.",
  details: "",
  example: "logfile /var/log/ha-log",
  set(scope: Scope, value, word) {
    checkPath(value, scope, word);
    scope.draft.logfile = value;
    return true;
  },
});

export const debugfile = scalar({
  name: "debugfile",
  arg: logPath,
  summary: "The file for all messages, including those for debugging.",
  details: "",
  example: "debugfile /var/log/ha-debug",
  set(scope: Scope, value, word) {
    checkPath(value, scope, word);
    scope.draft.debugfile = value;
    return true;
  },
});

export const useLogd = scalar({
  name: "use_logd",
  arg: boolean,
  derived: "on if no other place for messages is named",
  summary: "Whether messages go through the logging daemon ha_logd.",
  details: "Its own file /etc/logd.cf then says where they end.",
  example: "use_logd on",
  phrase: (text) => `use_logd: not a switch [${shown(text)}]`,
  set({ draft }: Scope, value) {
    draft.useLogd = value;
    return true;
  },
});

export const connLogdTime = scalar({
  name: "conn_logd_time",
  arg: time(1),
  default: "60",
  summary: "How long to wait before the logging daemon is tried again.",
  details: "",
  example: "conn_logd_time 60",
  set({ draft }: Scope, value) {
    draft.times.set("conn_logd_time", value);
    return true;
  },
});

export const syslogmsgfmt = scalar({
  name: "syslogmsgfmt",
  arg: boolean,
  default: "true",
  summary: "Whether lines in log files look like those of syslog.",
  details: "off: heartbeat[pid]: YYYY/MM/DD_HH:MM:SS in front of each line.",
  example: "syslogmsgfmt on",
  set({ draft }: Scope, value) {
    draft.syslogMessageFormat = value;
    return true;
  },
});

export const logBadpack = scalar({
  name: "log_badpack",
  arg: boolean,
  default: "true",
  summary: "Whether unintelligible messages from the network are logged.",
  details:
    "off: what cannot be read or verified is counted only. Replays, foreign nodes and lost messages are logged all the same.",
  example: "log_badpack on",
  set({ draft }: Scope, value) {
    draft.logBadPackets = value;
    return true;
  },
});

export const debug = scalar({
  name: "debug",
  arg: integer(0, 255),
  derived: "the number of -d options",
  summary: "How much is logged for debugging: 0 is nothing.",
  details: "",
  example: "debug 1",
  set({ draft }: Scope, value) {
    draft.debug = value;
    return true;
  },
});
