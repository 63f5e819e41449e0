/**
 * `heartbeat status [--json]`: what the running daemon knows of the cluster, and why it does what it does.
 *
 * The daemon answers on a socket that only root may open: the line `view` in, one line of JSON out.
 *
 * Exit codes are those of the LSB for `status`, and of `heartbeat -s`: 0 running, 1 dead but with a pid file, 3 not running,
 * 4 unknown; 2 for wrong arguments.
 */
import { failed, ok, type Result } from "../base/result.ts";
import type { View } from "../core/view.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { findRunning } from "../daemon/running.ts";
import { statusText } from "../observe/status-text.ts";
import { askDaemon, type NoAnswer, noSense } from "./ask-daemon.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io } from "./program.ts";

const exitCodes = { running: 0, dead: 1, notRunning: 3, unknown: 4 };
const eventsShown = 15;

const form = {
  command: "heartbeat status",
  summary: "Nodes, links and who holds what, as the running daemon sees it, and why it did what it did. For root.",
  options: {
    json: { type: "boolean", default: false, says: 'print everything as one line of JSON; stopped: {"running":false}' },
    root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
  },
  more: "Exit codes: 0 running, 1 dead and its pid file is still there, 2 wrong arguments, 3 not running, 4 unknown.",
} as const satisfies Form<OptionTable>;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const given = optionsOf(form, args, io);
  if (typeof given === "number") return given;
  const { json, root } = given.values;
  const paths = pathsBelow(root);
  const view = await askView(paths.control);
  if (!view.ok) {
    io.err(`${form.command}: ${view.error.says}\n`);
    if (view.error.code !== "not-running") return exitCodes.unknown;
    if (json) io.out(`${JSON.stringify({ running: false })}\n`);
    return findRunning(paths).is === "dead" ? exitCodes.dead : exitCodes.notRunning;
  }
  if (json) io.out(`${JSON.stringify(view.value)}\n`);
  else
    io.out(`${statusText(view.value, { colour: colourWanted(), time: clockTime, events: eventsShown }).join("\n")}\n`);
  return exitCodes.running;
}

/** Colour only where somebody looks at it (no-color.org). */
const colourWanted = (): boolean => process.stdout.isTTY === true && !process.env["NO_COLOR"];

export const clockTime = (seconds: number): string => {
  const at = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** The daemon's picture of itself. */
export async function askView(path: string, within?: number): Promise<Result<View, NoAnswer>> {
  const answer = await askDaemon(path, "view", within);
  if (!answer.ok) return answer;
  return isView(answer.value) ? ok(answer.value) : failed(noSense);
}

/** Enough of a look to print it without surprises: it comes from our own daemon, perhaps of another version. */
function isView(value: unknown): value is View {
  if (typeof value !== "object" || value === null) return false;
  const lists = ["nodes", "groups", "events"] as const;
  return (
    "node" in value &&
    "counters" in value &&
    lists.every((name) => name in value && Array.isArray(Reflect.get(value, name)))
  );
}
