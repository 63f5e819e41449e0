/**
 * `heartbeat tune`: watches how regularly the other nodes are heard, and says which times ha.cf may have here. It changes nothing.
 *
 * The daemon is asked many times a second how long each node has been silent; the longest silence is what advice is made of. So a silence is
 * known to within the time between two questions.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { View } from "../core/view.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { advise, inHaCf, type Observed } from "../observe/tuning.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io } from "./program.ts";
import { askView } from "./status.ts";

const notRunning = 7;
/** In milliseconds. */
const lookEvery = 25;
const secondsMax = 24 * 3600;

const form = {
  command: "heartbeat tune",
  summary:
    "Watch how late heartbeats are here, and recommend keepalive, warntime and deadtime. Changes nothing. For root.",
  options: {
    seconds: {
      type: "string",
      default: "60",
      value: "N",
      says: "how long to watch; include the busiest hour of the day",
    },
    json: { type: "boolean", default: false, says: "print what was seen and what is advised as JSON" },
    root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
  },
  more: "Exit codes: 0 advised, 1 no other node was heard, 2 wrong arguments, 7 not running.",
} as const satisfies Form<OptionTable>;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const given = optionsOf(form, args, io);
  if (typeof given === "number") return given;
  const seconds = Number(given.values.seconds);
  if (!(seconds > 0 && seconds <= secondsMax)) {
    io.err(`${form.command}: --seconds ${given.values.seconds}: write a number of seconds, up to a day\n`);
    return exitCode.usage;
  }
  const seen = await watch(pathsBelow(given.values.root).control, seconds * 1000);
  if (typeof seen === "string") {
    io.err(`${form.command}: ${seen}\n`);
    return notRunning;
  }
  if (seen.silences.length === 0) {
    io.err(`${form.command}: no other node was heard: start heartbeat there first\n`);
    return exitCode.failed;
  }
  const advice = advise(seen);
  if (given.values.json) {
    io.out(`${JSON.stringify({ ...seen, advice }, undefined, 2)}\n`);
    return exitCode.ok;
  }
  for (const { node, longest, messages } of seen.silences)
    io.out(`${node}: the longest of ${messages} silences was ${Math.round(longest)} ms\n`);
  io.out("\n");
  for (const { directive, now, advised, because } of advice)
    io.out(
      `${directive} ${inHaCf(advised)}${now === undefined || now === advised ? "" : ` (now ${inHaCf(now)})`}\n    ${because}\n`,
    );
  return exitCode.ok;
}

/** What was seen; or why nothing was. */
async function watch(control: string, forMs: number): Promise<Observed | string> {
  const silences = new Map<string, { longest: number; messages: number; last: number }>();
  const began = performance.now();
  let view: View | undefined;
  do {
    const asked = await askView(control);
    if (!asked.ok) return asked.error.says;
    view = asked.value;
    for (const { name, type, status, heardAgo } of view.nodes) {
      if (name === view.node || type === "ping" || status === "dead" || heardAgo === undefined) continue;
      const known = silences.get(name) ?? { longest: 0, messages: 0, last: heardAgo };
      if (heardAgo < known.last) known.messages++;
      silences.set(name, { ...known, longest: Math.max(known.longest, heardAgo), last: heardAgo });
    }
    await pause(lookEvery);
  } while (performance.now() - began < forMs);
  return {
    keepalive: view.keepalive,
    deadtime: view.deadtime,
    silences: [...silences].map(([node, { longest, messages }]) => ({ node, longest, messages })),
    watched: Math.round(performance.now() - began),
  };
}
