/**
 * `heartbeat cleanup`, `heartbeat move`, `heartbeat maintenance`: orders to the whole cluster, given on any of its nodes, by root.
 *
 * Exit codes are LSB's: 0 done, 1 refused or not done in time, 2 wrong arguments, 4 not permitted, 7 heartbeat does not run.
 */
import { setTimeout as pause } from "node:timers/promises";
import { failed, ok, type Result } from "../base/result.ts";
import type { OperatorAnswer, OperatorOrder } from "../core/takeover/language.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { askDaemon, type NoAnswer, noSense } from "./ask-daemon.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Io, Program } from "./program.ts";
import { runsOn } from "./rehearsal.ts";
import { askView } from "./status.ts";

const notRunning = 7;
const codes = "Exit codes: 0 done, 1 refused or not done in time, 2 wrong arguments, 4 not permitted, 7 not running.";
/** In milliseconds: how often a move is looked at while it is under way. */
const lookEvery = 100;

const common = {
  json: { type: "boolean", default: false, says: 'print the answer as one line of JSON: {"ok":...,"says":...}' },
  root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
} as const satisfies OptionTable;

const cleanupForm = {
  command: "heartbeat cleanup",
  summary:
    "Try again what did not start: the failures of a group, or of all, are forgotten on every node, and it goes where it belongs.",
  words: "[GROUP]",
  options: common,
  more: `GROUP is the first resource of its line in haresources. ${codes}`,
} as const satisfies Form<OptionTable>;

const moveForm = {
  command: "heartbeat move",
  summary:
    "Move one group to another node, and wait until it runs there. It stays there, auto_failback or not, until it is moved again or its node goes.",
  words: "GROUP [NODE]",
  options: {
    ...common,
    wait: { type: "string", default: "120", value: "SECONDS", says: "how long to wait for it; 0: not at all" },
  },
  more: `Without NODE it goes to the node that is next for it: its own if that can take it. ${codes}`,
} as const satisfies Form<OptionTable>;

const maintenanceForm = {
  command: "heartbeat maintenance",
  summary:
    "While it is on, no node of the cluster starts, stops or moves anything, whatever happens. It ends with `off`, or when every node has been stopped.",
  words: "on|off",
  options: common,
  more: `heartbeat -k stops a node all the same, with what it runs; what was held twice after a partition is settled. ${codes}`,
} as const satisfies Form<OptionTable>;

export const cleanup: Pick<Program, "run"> = {
  run: async (argv, io) => {
    const given = optionsOf(cleanupForm, argv, io);
    if (typeof given === "number") return given;
    const [group, ...more] = given.positionals;
    if (more.length > 0) return misused(cleanupForm, io);
    return await order(cleanupForm.command, { do: "cleanup", group }, given.values, io);
  },
};

export const maintenance: Pick<Program, "run"> = {
  run: async (argv, io) => {
    const given = optionsOf(maintenanceForm, argv, io);
    if (typeof given === "number") return given;
    const [word, ...more] = given.positionals;
    if (more.length > 0 || (word !== "on" && word !== "off")) return misused(maintenanceForm, io);
    return await order(maintenanceForm.command, { do: "maintenance", on: word === "on" }, given.values, io);
  },
};

export const move: Pick<Program, "run"> = {
  run: async (argv, io) => {
    const given = optionsOf(moveForm, argv, io);
    if (typeof given === "number") return given;
    const [group, to, ...more] = given.positionals;
    const { wait, root } = given.values;
    if (group === undefined || more.length > 0 || !/^\d{1,5}$/.test(wait)) return misused(moveForm, io);
    let goal: string | undefined;
    const code = await order(
      moveForm.command,
      { do: "move", group, to: to?.toLowerCase() },
      given.values,
      io,
      (answer) => {
        goal = answer.to;
      },
    );
    if (code !== exitCode.ok || goal === undefined || wait === "0") return code;
    if (await arrives(pathsBelow(root).control, group, goal, Number(wait) * 1000)) return exitCode.ok;
    io.err(`${moveForm.command}: ${group} does not run on ${goal} after ${wait} s: heartbeat status says why\n`);
    return exitCode.failed;
  },
};

async function order(
  command: string,
  what: OperatorOrder,
  { json, root }: { readonly json: boolean; readonly root: string },
  io: Io,
  onAnswer: (answer: OperatorAnswer) => void = () => {},
): Promise<number> {
  const answer = await giveOrder(pathsBelow(root).control, what);
  if (!answer.ok) {
    io.err(`${command}: ${answer.error.says}\n`);
    if (answer.error.code === "not-running") return notRunning;
    return answer.error.code === "not-permitted" ? exitCode.notPermitted : exitCode.failed;
  }
  onAnswer(answer.value);
  if (json) io.out(`${JSON.stringify(answer.value)}\n`);
  else if (answer.value.ok) io.out(`${answer.value.says}\n`);
  else io.err(`${command}: ${answer.value.says}\n`);
  return answer.value.ok ? exitCode.ok : exitCode.failed;
}

/** Gives an order to the daemon of this machine. */
export async function giveOrder(path: string, what: OperatorOrder): Promise<Result<OperatorAnswer, NoAnswer>> {
  const answer = await askDaemon(path, JSON.stringify(what));
  if (!answer.ok) return answer;
  return isAnswer(answer.value) ? ok(answer.value) : failed(noSense);
}

const isAnswer = (value: unknown): value is OperatorAnswer =>
  typeof value === "object" && value !== null && "ok" in value && "says" in value;

/** It runs on that node, as the daemon here sees it. */
async function arrives(control: string, group: string, node: string, within: number): Promise<boolean> {
  for (const end = Date.now() + within; Date.now() < end; await pause(lookEvery)) {
    const view = await askView(control);
    if (!view.ok) continue;
    if (view.value.groups.find(({ key }) => key === group)?.failedOn?.includes(node)) return false;
    if (runsOn(view.value, group, node)) return true;
  }
  return false;
}

function misused(form: Form<OptionTable>, io: Io): number {
  io.err(`Usage: ${usageOf(form)}; see ${form.command} --help\n`);
  return exitCode.usage;
}
