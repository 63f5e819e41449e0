/** auto_failback, and its ancestor nice_failback. */
import { type Arg, boolean, didYouMean, parseBoolean } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

const failbackMode: Arg<"on" | "off" | "legacy"> = {
  form: "on|off|legacy",
  legal: "on, off (any spelling of a switch), legacy",
  words: ["on", "off", "legacy"],
  read(word, report) {
    if (word.text.toLowerCase() === "legacy") return "legacy";
    const value = parseBoolean(word.text);
    if (value !== undefined) return value ? "on" : "off";
    report.add(
      "HB0214",
      word,
      `auto_failback [${shown(word.text)}] is neither on, off nor legacy`,
      didYouMean(word, ["on", "off", "legacy"]),
    );
    return undefined;
  },
};

export const autoFailback = scalar({
  name: "auto_failback",
  arg: failbackMode,
  default: "legacy",
  summary: "Whether resources return to their preferred node when it comes back.",
  details:
    "on: they return. off: they stay where they are. legacy: they return by the protocol of version 1.0, without standby and " +
    "ipfail; it is the default, so every configuration should say on or off. The same on all nodes.",
  example: "auto_failback on",
  set({ draft }: Scope, value) {
    draft.autoFailback = value;
    return true;
  },
});

export const niceFailback = scalar({
  name: "nice_failback",
  arg: boolean,
  recorded: false,
  summary: "Obsolete: auto_failback with the opposite meaning.",
  details:
    "on is taken as auto_failback off; off as auto_failback legacy, or as off where auto_failback stands before it.",
  example: "nice_failback on",
  phrase: (text) =>
    `nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead. See documentation for details. Not a switch: ${shown(text)}`,
  set({ draft, report }: Scope, value, word) {
    const mode = value || draft.autoFailback !== "legacy" ? "off" : "legacy";
    report.add(
      "HB0306",
      word,
      `nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead. 'nice_failback ${shown(word.text)}' has been changed to 'auto_failback ${mode}'`,
      `replace the line by: auto_failback ${mode}`,
    );
    draft.autoFailback = mode;
    draft.parameters.set("auto_failback", { text: mode, origin: { from: "file", place: word } });
    return true;
  },
});
