/** `heartbeat why [GROUP]`: the chain of reasons that put a group where it is. */
import { pathsBelow } from "../daemon/paths.ts";
import { whyText } from "../observe/why-text.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io } from "./program.ts";
import { askView, clockTime } from "./status.ts";

const eventsShown = 10;
const notRunning = 7;

const form = {
  command: "heartbeat why",
  summary: "Why groups are where they are: from what is to what caused it. For root.",
  options: {
    json: { type: "boolean", default: false, says: "print groups, nodes and events as one line of JSON" },
    root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
  },
  words: "[GROUP]",
  more: "GROUP is a group's first resource, any of its resources, or the node that prefers it.\nExit codes: 0 told, 1 no such group, 2 wrong arguments, 7 not running.",
} as const satisfies Form<OptionTable>;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const given = optionsOf(form, args, io);
  if (typeof given === "number") return given;
  const [key, second] = given.positionals;
  if (second !== undefined) {
    io.err(`${form.command}: one group at a time, or none for all; see ${form.command} --help\n`);
    return exitCode.usage;
  }
  const view = await askView(pathsBelow(given.values.root).control);
  if (!view.ok) {
    io.err(`${form.command}: ${view.error.says}\n`);
    return view.error.code === "not-running" ? notRunning : exitCode.failed;
  }
  const lines = whyText(view.value, key, { time: clockTime, events: eventsShown });
  if (lines === undefined) {
    const known = view.value.groups.map((group) => group.key).join(", ");
    io.err(`${form.command}: there is no group ${JSON.stringify(key)}; groups: ${known || "none"}\n`);
    return exitCode.failed;
  }
  const { node, maintenance, groups, nodes, events } = view.value;
  if (given.values.json) io.out(`${JSON.stringify({ node, maintenance, groups, nodes, events })}\n`);
  else io.out(`${lines.join("\n")}\n`);
  return exitCode.ok;
}
