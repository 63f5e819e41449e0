/**
 * The options of ha4.cf that are given for all resources, for those of a kind, for a group or for one resource. Each is a row: its words, what it
 * is for, and how its value is read. The help of `heartbeat explain`, the reader and the suggestions come from this table.
 */
import { probeKinds } from "../agents/probes/index.ts";
import type { Probe } from "../agents/probes/probe.ts";
import { registry } from "../base/registry.ts";
import { type Milliseconds, milliseconds } from "../base/units.ts";
import { time } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Word } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";

export interface ResourceOptions {
  startTimeout?: Milliseconds;
  stopTimeout?: Milliseconds;
  statusTimeout?: Milliseconds;
  /** 0: not watched. */
  monitorInterval?: Milliseconds;
  monitorDelay?: Milliseconds;
  monitorTimeout?: Milliseconds;
  failuresAllowed?: number;
  failureWindow?: Milliseconds;
  probes?: readonly Probe[];
  stopFailure?: StopFailure;
}

/** What becomes of a machine on which something would not stop. `reboot` is the original's answer. */
export type StopFailure = "reboot" | "hold";

const stopFailures: readonly StopFailure[] = ["reboot", "hold"];

export interface ResourceOption {
  readonly name: string;
  /** The words behind the name, as in a synopsis. */
  readonly form: string;
  readonly example: string;
  readonly summary: string;
  /** Sets what the words say, or reports what is wrong with them. At least one word; more than one only if `many`. */
  readonly read: (words: readonly Word[], options: ResourceOptions, report: Report) => void;
  readonly many?: true;
}

type TimeKey = "startTimeout" | "stopTimeout" | "statusTimeout" | "monitorDelay" | "monitorTimeout" | "failureWindow";

const anyTime = time(0);
const limit = time(1);

const timeOption = (name: string, key: TimeKey, example: string, summary: string): ResourceOption => ({
  name,
  form: "TIME",
  example,
  summary,
  read: ([word], options, report) => {
    const value = word === undefined ? undefined : limit.read(word, report);
    if (value !== undefined) options[key] = milliseconds(value);
  },
});

const bad = (word: Word | undefined, option: string, says: string, help: string, report: Report): void => {
  if (word !== undefined) report.add("HB1103", word, `${option}: ${says} [${shown(word.text)}]`, help);
};

export const resourceOptions = registry<ResourceOption>([
  timeOption(
    "failure-window",
    "failureWindow",
    "failure-window 600",
    "A failure is forgotten after this; 600 s if not given.",
  ),
  {
    name: "failures-allowed",
    form: "NUMBER",
    example: "failures-allowed 2",
    summary:
      "So many failures within the window are answered by a restart in place, one more by a move to another node; 2 if not given.",
    read: ([word], options, report) => {
      const value = Number(word?.text);
      if (/^\d{1,4}$/.test(word?.text ?? "")) options.failuresAllowed = value;
      else bad(word, "failures-allowed", "not a whole number", "write: failures-allowed 2", report);
    },
  },
  {
    name: "monitor",
    form: "TIME|off",
    example: "monitor 10",
    summary: "How often a running resource is asked whether it does its work; not at all if not given.",
    read: ([word], options, report) => {
      const value = word === undefined ? undefined : word.text === "off" ? 0 : anyTime.read(word, report);
      if (value !== undefined) options.monitorInterval = milliseconds(value);
    },
  },
  timeOption(
    "monitor-delay",
    "monitorDelay",
    "monitor-delay 30",
    "From the end of a start to the first question; one interval if not given.",
  ),
  timeOption(
    "monitor-timeout",
    "monitorTimeout",
    "monitor-timeout 5",
    "A question without an answer for so long is a failure; 10 s if not given.",
  ),
  {
    name: "probe",
    form: "KIND ...",
    example: "probe http http://10.0.0.10/ status=200",
    summary: "What to look at instead of the resource's own status; several are asked in order, until one fails.",
    many: true,
    read: ([kind, ...words], options, report) => {
      if (kind === undefined) return;
      const description = probeKinds.get(kind.text);
      if (description === undefined) {
        const near = report.full || kind.text.length > 40 ? undefined : probeKinds.suggest(kind.text);
        const help = near === undefined ? `kinds: ${probeKinds.names().join(", ")}` : `did you mean ${near}?`;
        return bad(kind, "probe", "no kind of probe", help, report);
      }
      const probe = description.read(words.map(({ text }) => text));
      if (probe.ok) options.probes = [...(options.probes ?? []), probe.value].slice(0, probesMax);
      else bad(words[0] ?? kind, "probe", probe.error, `for example: ${description.example}`, report);
    },
  },
  timeOption(
    "start-timeout",
    "startTimeout",
    "start-timeout 60",
    "How long starting a resource may take before it counts as failed.",
  ),
  timeOption(
    "status-timeout",
    "statusTimeout",
    "status-timeout 20",
    "How long asking a resource for its state may take.",
  ),
  {
    name: "stop-failure",
    form: stopFailures.join("|"),
    example: "stop-failure reboot",
    summary: "When it would not stop: restart this machine (default), or keep its share here until somebody helps.",
    read: ([word], options, report) => {
      const found = stopFailures.find((each) => each === word?.text);
      if (found !== undefined) options.stopFailure = found;
      else bad(word, "stop-failure", `it is ${stopFailures.join(" or ")}, not`, "write: stop-failure reboot", report);
    },
  },
  timeOption(
    "stop-timeout",
    "stopTimeout",
    "stop-timeout 60",
    "How long stopping a resource may take before it counts as failed.",
  ),
]);

/** Of one section; they are asked one after the other within one time limit. */
const probesMax = 16;
