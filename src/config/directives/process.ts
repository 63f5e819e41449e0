/** How the daemon itself runs: priority, memory, cores, identity, watchdog, and what its scripts find in their environment. */
import { anyText, boolean, integer, oneOf } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { osText, shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

const int32Max = 2 ** 31 - 1;

export const realtime = scalar({
  name: "realtime",
  arg: boolean,
  default: "true",
  summary: "Whether the daemon runs with real-time priority.",
  details: "A node whose daemon waits for a busy processor looks dead to the others.",
  example: "realtime on",
  set({ draft }: Scope, value) {
    draft.realtime = value;
    return true;
  },
});

export const rtprio = scalar({
  name: "rtprio",
  arg: integer(1, 99),
  derived: "1, the lowest real-time priority",
  summary: "The real-time priority.",
  details: "",
  example: "rtprio 5",
  phrase: (text) => `Illegal realtime priority [${shown(text)}]`,
  set({ draft }: Scope, value) {
    draft.rtprio = value;
    return true;
  },
});

export const memreserve = scalar({
  name: "memreserve",
  arg: integer(1, int32Max, "kilobytes"),
  default: "6500",
  summary: "Memory that the original reserves at its start, in kilobytes.",
  details: "Kept for scripts and clients that ask for it; this daemon does not lock memory.",
  example: "memreserve 6500",
  set: () => true,
});

export const coredumps = scalar({
  name: "coredumps",
  arg: boolean,
  default: "true",
  summary: "Whether a crash leaves a core file.",
  details:
    "Of the daemon and of what it starts. Where it lies and what it is called, the kernel decides: /proc/sys/kernel/core_pattern.",
  example: "coredumps on",
  set: () => true,
});

export const coreroot = scalar({
  name: "coreroot",
  arg: anyText("DIRECTORY", "an existing directory"),
  summary: "The directory for core files.",
  details:
    "Its subdirectory root is where the daemon and its scripts work; without it they stay in /var/lib/heartbeat/cores/root.",
  example: "coreroot /var/lib/heartbeat/cores",
  set({ facts, report }: Scope, value, word) {
    if (facts.fileKind(value) === "missing")
      report.add(
        "HB0602",
        word,
        `Cannot chdir to [${shown(value)}]: No such file or directory`,
        `mkdir -p ${shown(value)}`,
      );
    return true;
  },
});

export const watchdog = scalar({
  name: "watchdog",
  arg: anyText("DEVICE", "a watchdog device"),
  repeat: "once",
  summary: "The watchdog device that reboots the machine when the daemon stops.",
  details: "Its timeout is the dead time in whole seconds; `watchdog-timeout` of ha4.cf sets another.",
  example: "watchdog /dev/watchdog",
  set: () => true, // what is wrong with it depends on ha4.cf, too: watchdog.ts
});

export const hbgenmethod = scalar({
  name: "hbgenmethod",
  arg: oneOf(["file", "time"]),
  default: "file",
  summary: "Where the generation number comes from that grows with every start.",
  details:
    "file: counted in a file, and never behind the clock. time: taken from the clock, which must never go back then.",
  example: "hbgenmethod file",
  phrase: (text) => `Illegal hb generation method [${shown(text)}]`,
  set({ draft }: Scope, value) {
    draft.generationMethod = value;
    return true;
  },
});

export const uuidfrom = scalar({
  name: "uuidfrom",
  arg: oneOf(["file", "nodename"]),
  default: "file",
  summary: "Where the node's unique identifier comes from.",
  details: "",
  example: "uuidfrom file",
  phrase: (text) => `Invalid uuidfrom directive [${shown(text)}]`,
  set({ draft }: Scope, value) {
    draft.uuidFrom = value;
    return true;
  },
});

export const useApphbd = scalar({
  name: "use_apphbd",
  arg: boolean,
  recorded: false,
  summary: "Whether the daemon registers with the application heartbeat monitor.",
  details: "That program is gone; the line is read and ignored.",
  example: "use_apphbd off",
  set({ report }: Scope, value, word) {
    if (value)
      report.add("HB0604", word, "there is no apphbd to register with: the line has no effect", "remove the line");
    return true;
  },
});

export const env = scalar({
  name: "env",
  arg: anyText("NAME=VALUE...", "pairs without blanks around the equals sign"),
  recorded: false,
  repeat: "adds",
  summary: "Variables for resource scripts: NAME=value appears there as HA_NAME.",
  details: "The line is split at blanks, so a value cannot contain one.",
  example: "env LOGLEVEL=3",
  set({ draft, report }: Scope, value, word) {
    const equals = value.indexOf("=");
    if (equals > 0) {
      draft.environment.set(osText(value.slice(0, equals)), osText(value.slice(equals + 1)));
      draft.kept.push({ directive: "env", text: value, at: word });
      return true;
    }
    if (equals === 0) report.add("HB0605", word, `set_env: invalid nvpair(${shown(value)})`, "write NAME=value");
    else
      report.add(
        "HB0606",
        word,
        `[${shown(value)}] has no value`,
        draft.environment.size > 0 ? "a value cannot contain a blank; write NAME=value" : `write ${shown(value)}=value`,
      );
    return false;
  },
});
