/**
 * Options of ha4.cf that stand for themselves, in no section: for the node as a whole. Each is a row here; the reader, `heartbeat explain` and the
 * manual take them from this table.
 */
import { registry } from "../base/registry.ts";
import { type Milliseconds, milliseconds } from "../base/units.ts";
import { time } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Word } from "../syntax/lexer.ts";
import { osText } from "../syntax/text.ts";

export interface AloneOptions {
  /** Between two nodes that can fence each other, for each place in the `node` order; ten seconds if not said. */
  fenceWait?: Milliseconds;
  /** With a watchdog, too, a daemon that is started after the death of another takes over what that one held. */
  restartAdopts?: boolean;
  /** How long one attempt of a device of ha.cf may take. */
  stonithTimeout?: Milliseconds;
  /** The kernel's module that is loaded if the watchdog's device is missing at the start. */
  watchdogModule?: string;
  /** After which time without a pat the machine is reset; the dead time in whole seconds if not said. */
  watchdogTimeout?: Milliseconds;
}

interface AloneOption {
  readonly name: string;
  readonly form: string;
  readonly example: string;
  readonly summary: string;
  /** Sets what the word says; false: it says nothing. Its own faults are reported by it. */
  readonly read: (word: Word, options: AloneOptions, report: Report) => boolean;
}

const limit = time(1);

const timeOption = (
  name: string,
  key: "fenceWait" | "stonithTimeout" | "watchdogTimeout",
  example: string,
  summary: string,
): AloneOption => ({
  name,
  form: "TIME",
  example: `${name} ${example}`,
  summary,
  read: (word, options, report) => {
    const value = limit.read(word, report);
    if (value !== undefined) options[key] = milliseconds(value);
    return true;
  },
});

export const aloneOptions = registry<AloneOption>([
  timeOption(
    "fence-wait",
    "fenceWait",
    "10",
    "Between two nodes that can fence each other: how far apart their attempts are; longer than a device takes (10).",
  ),
  {
    name: "restart-adopts",
    form: "on|off",
    example: "restart-adopts on",
    summary: "With a watchdog, too, a daemon that is started anew takes over what the last one held.",
    read: ({ text }, options) => {
      if (text !== "on" && text !== "off") return false;
      options.restartAdopts = text === "on";
      return true;
    },
  },
  timeOption("stonith-timeout", "stonithTimeout", "60", "How long one attempt of a device of ha.cf may take (60)."),
  {
    name: "watchdog-module",
    form: "NAME",
    example: "watchdog-module softdog",
    summary: "The kernel's module that is loaded at the start if the watchdog's device is missing.",
    read: ({ text }, options) => {
      if (!/^[a-z0-9][a-z0-9_-]{0,55}$/i.test(text)) return false;
      options.watchdogModule = osText(text);
      return true;
    },
  },
  timeOption(
    "watchdog-timeout",
    "watchdogTimeout",
    "9",
    "After which time without a pat the watchdog resets the machine; less than deadtime, and it is gone before it is taken over (deadtime, in whole seconds).",
  ),
]);

export function readAlone(first: Word, words: readonly Word[], options: AloneOptions, report: Report): void {
  const option = aloneOptions.get(first.text);
  if (option === undefined) return;
  const [value] = words;
  if (value !== undefined && option.read(value, options, report)) return;
  const says = option.form.includes("|") ? `is ${option.form.replace("|", " or ")}` : `needs ${option.form}`;
  report.add("HB1103", value ?? first, `${option.name} ${says}`, `write: ${option.example}`);
}
