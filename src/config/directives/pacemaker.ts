/** pacemaker and its family: for clusters that another resource manager runs. Only "off" is ours; the rest is read and explained. */
import { type Arg, anyText, boolean, didYouMean, parseBoolean } from "../../syntax/args.ts";
import { type Directive, scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

const modes = ["respawn", "minimal", "manual", "ccm-only", "valgrind"];

const mode: Arg<string> = {
  form: "off|on|MODE",
  legal: `off; on, ${modes.join(", ")} are refused`,
  words: ["off"],
  read(word, report) {
    const text = word.text.toLowerCase();
    const value = parseBoolean(text);
    if (value !== undefined) return value ? "on" : "off";
    if (modes.includes(text)) return text;
    report.add(
      "HB0214",
      word,
      `pacemaker [${shown(word.text)}] is not legal`,
      didYouMean(word, ["off", "on", ...modes]),
    );
    return undefined;
  },
};

const pacemakerNamed = (name: "pacemaker" | "crm"): Directive<Scope> =>
  scalar({
    name,
    arg: mode,
    ...(name === "pacemaker" ? { default: "false" } : { recorded: false }),
    summary: "Whether Pacemaker manages the resources instead of haresources.",
    details: "Only off is supported: this Heartbeat manages the resources of haresources.",
    example: `${name} off`,
    set({ draft, report }: Scope, value, word) {
      const on = value !== "off";
      if (on) {
        report.add(
          "HB0623",
          word,
          `Failed to add pacemaker client child: ${name} ${shown(word.text)} is not supported`,
          "manage resources in haresources and write pacemaker off, or use Pacemaker with Corosync",
        );
        return false;
      }
      const said = "pacemaker/crm directive used multiple times!";
      if (draft.pacemaker !== undefined) report.add("HB0624", word, `${said} The values agree`, "remove one of them");
      draft.pacemaker = on;
      draft.parameters.set("pacemaker", { text: word.text, origin: { from: "file", place: word } });
      return true;
    },
  });

export const pacemaker = pacemakerNamed("pacemaker");
export const crm = pacemakerNamed("crm");

export const crmDaemonDir = scalar({
  name: "crm_daemon_dir",
  arg: anyText("DIRECTORY", "a path"),
  summary: "Where Pacemaker's programs are.",
  details:
    "Without effect, because Pacemaker is not supported. The original refuses the line unless it follows pacemaker.",
  example: "crm_daemon_dir /usr/lib/pacemaker",
  set({ draft, report }: Scope, value, word) {
    if (draft.pacemaker === undefined)
      report.add(
        "HB0625",
        word,
        `crm_daemon_dir [${shown(value)}] has no effect, and 3.0.6 refuses it before the pacemaker directive`,
        "remove the line",
      );
    else
      report.add(
        "HB0626",
        word,
        `If you specify ${shown(value)}, it must come before the pacemaker directive; here it has no effect`,
        "remove the line",
      );
    return true;
  },
});

export const crmdSpawnsPengine = scalar({
  name: "crmd_spawns_pengine",
  arg: boolean,
  summary: "Who starts Pacemaker's policy engine.",
  details: "Without effect, because Pacemaker is not supported.",
  example: "crmd_spawns_pengine on",
  phrase: (text) => `ha_config_check_boolean:Invalid directive value ${shown(text)}`,
  set({ draft, report }: Scope, _value, word) {
    if (draft.pacemaker === undefined) return true;
    report.add(
      "HB0627",
      word,
      `If you specify ${shown(word.text)}, it must come before the pacemaker directive`,
      "remove the line: it has no effect",
    );
    return false;
  },
});

const kept = (name: string, summary: string): Directive<Scope> =>
  scalar({
    name,
    arg: boolean,
    default: "on",
    summary,
    details: "Kept and given to scripts; without effect, because Pacemaker is not supported.",
    example: `${name} on`,
    phrase: (text) => `ha_config_check_boolean:Invalid directive value ${shown(text)}`,
    set: () => true,
  });

export const recordConfigChanges = kept(
  "record_config_changes",
  "Whether Pacemaker logs changes of its configuration.",
);
export const recordPengineInputs = kept(
  "record_pengine_inputs",
  "Whether Pacemaker logs the input of its policy engine.",
);
export const enableConfigWrites = kept("enable_config_writes", "Whether Pacemaker writes its configuration to disk.");
