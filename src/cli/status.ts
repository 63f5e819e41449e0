/**
 * `heartbeat status [--json]`: what the running daemon knows of the cluster, and why it does what it does.
 *
 * The daemon answers on a socket that only root may open: the line `view` in, one line of JSON out.
 *
 * Exit codes are those of the LSB for `status`, and of `heartbeat -s`: 0 running, 1 dead but with a pid file, 3 not running,
 * 4 unknown; 2 for wrong arguments.
 */
import { createConnection } from "node:net";
import { failed, ok, type Result } from "../base/result.ts";
import type { View } from "../core/view.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { findRunning } from "../daemon/running.ts";
import { statusText } from "../observe/status-text.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io } from "./program.ts";
import { systemCode, systemText } from "./system-text.ts";

interface NoView {
  readonly code: "not-running" | "unknown";
  readonly says: string;
}

const exitCodes = { running: 0, dead: 1, notRunning: 3, unknown: 4 };
/** In milliseconds. The daemon answers between two heartbeats; one that takes longer has another problem. */
const patience = 3000;
/** A view of a hundred nodes takes some tens of kilobytes. */
const viewMax = 4 * 1024 * 1024;
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

const clockTime = (seconds: number): string => {
  const at = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** The daemon's picture of itself. */
export function askView(path: string, within = patience): Promise<Result<View, NoView>> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let text = "";
    const end = (result: Result<View, NoView>) => {
      socket.destroy();
      resolve(result);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(within, () => end(failed({ code: "unknown", says: "heartbeat runs, but does not answer" })));
    socket.on("error", (error) => end(failed(connectFault(error, path))));
    socket.on("connect", () => socket.write("view\n"));
    socket.on("data", (piece: string) => {
      text += piece;
      if (text.length > viewMax) end(failed({ code: "unknown", says: "heartbeat's answer is too long" }));
    });
    socket.on("end", () => end(readView(text)));
  });
}

function connectFault(error: Error, path: string): NoView {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ECONNREFUSED") return { code: "not-running", says: "heartbeat is not running" };
  if (code === "EACCES") return { code: "unknown", says: `${path}: only root may ask` };
  return { code: "unknown", says: `cannot ask heartbeat: ${systemText(error)}` };
}

function readView(text: string): Result<View, NoView> {
  try {
    const value: unknown = JSON.parse(text);
    if (isView(value)) return ok(value);
  } catch {
    // no JSON: said below
  }
  return failed({ code: "unknown", says: "heartbeat's answer makes no sense; is it of another version?" });
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
