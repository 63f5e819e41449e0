/**
 * `heartbeat drill`: is what was built for the worst day good for it? One group goes to another node and comes back, while its address or a probe is
 * asked all the time. Only in a cluster that is whole and calm, only when somebody says yes, and it is brought back in any case.
 *
 * Exit codes: 0 done, 1 refused or failed, 2 wrong arguments, 4 not permitted, 7 heartbeat does not run, 130 interrupted.
 */
import { createInterface } from "node:readline/promises";
import { setTimeout as pause } from "node:timers/promises";
import { failed, ok } from "../base/result.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { exitCode } from "./exit-code.ts";
import { giveOrder } from "./operate.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import { addressTarget, ask, OutageMeter, probeTarget, type Target } from "./outage.ts";
import type { Io } from "./program.ts";
import { addressOf, type Course, type DrillHands, objection, otherNode, type Plan, rehearse } from "./rehearsal.ts";
import { askView } from "./status.ts";

const notRunning = 7;
const interruptedCode = 130;

const form = {
  command: "heartbeat drill",
  summary:
    "A fail-over on trial: move a group to another node and back, and measure how long nobody answered. It ends where it began, also after an error or Ctrl-C.",
  words: "GROUP [NODE]",
  options: {
    probe: { type: "string", value: "tcp:HOST:PORT", says: "what is asked; otherwise the group's first address" },
    stay: { type: "string", default: "3", value: "SECONDS", says: "how long it stays on the other node" },
    wait: { type: "string", default: "120", value: "SECONDS", says: "the longest that one way may take" },
    yes: { type: "boolean", default: false, says: "do not ask for confirmation" },
    json: { type: "boolean", default: false, says: "print the result as one line of JSON" },
    root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
  },
  more: "Refused unless every node is active, every link up, every group settled and maintenance off. Best called where the clients are near: what is measured is what this machine sees.\n\nExit codes: 0 done, 1 refused or failed, 2 wrong arguments, 4 not permitted, 7 not running, 130 interrupted and brought back.",
} as const satisfies Form<OptionTable>;

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const given = optionsOf(form, argv, io);
  if (typeof given === "number") return given;
  const { probe, stay, wait, yes, json, root } = given.values;
  const [group, node, ...more] = given.positionals;
  const seconds = /^\d{1,5}$/;
  if (group === undefined || more.length > 0 || !seconds.test(stay) || !seconds.test(wait)) {
    io.err(`Usage: ${usageOf(form)}; see ${form.command} --help\n`);
    return exitCode.usage;
  }
  const complain = (says: string, code: number = exitCode.failed): number => {
    io.err(`${form.command}: ${says}\n`);
    return code;
  };
  const probed = probe === undefined ? undefined : probeTarget(probe);
  if (probe !== undefined && probed === undefined)
    return complain(`--probe ${probe}: write tcp:HOST:PORT`, exitCode.usage);

  const { control } = pathsBelow(root);
  const view = await askView(control);
  if (!view.ok) {
    const codes = { "not-running": notRunning, "not-permitted": exitCode.notPermitted, unknown: exitCode.failed };
    return complain(view.error.says, codes[view.error.code]);
  }
  const says = objection(view.value, group, node?.toLowerCase());
  const found = view.value.groups.find(({ key }) => key === group);
  if (says !== undefined || found?.holder === undefined) return complain(says ?? `${group} runs nowhere`);
  const to = node?.toLowerCase() ?? otherNode(view.value, found);
  if (to === undefined) return complain("there is no other node");
  const address = addressOf(found);
  const target = probed ?? (address === undefined ? undefined : addressTarget(address));
  if (target !== undefined && !(await ask(target)))
    return complain(
      `${describe(target)} does not answer now, before anything was moved${probe === undefined ? " (a firewall?): name something that does with --probe tcp:HOST:PORT" : ""}`,
    );

  const plan: Plan = { group, from: found.holder, to, stay: Number(stay) * 1000, patience: Number(wait) * 1000 };
  if (!yes) {
    if (!process.stdin.isTTY) return complain("say --yes, since there is no terminal to ask at", exitCode.usage);
    const question = `Move ${group} from ${plan.from} to ${to} and back, clients included? [y/N] `;
    if (!(await confirmed(question))) return complain("nothing was moved");
  }
  const course = await carryOut(plan, target, control, (text) => (json ? undefined : io.out(`${text}\n`)));
  if (json) io.out(`${JSON.stringify({ ...plan, asked: target && describe(target), ...course })}\n`);
  if (course.is === "done") return exitCode.ok;
  complain(course.is === "stranded" ? course.because : `${course.because}; ${group} is on ${plan.from} as before`);
  return course.is === "broken-off" && course.because === "interrupted" ? interruptedCode : exitCode.failed;
}

const describe = ({ host, port, refusedCounts }: Target): string => (refusedCounts ? host : `tcp:${host}:${port}`);

async function carryOut(
  plan: Plan,
  target: Target | undefined,
  control: string,
  tell: (text: string) => void,
): Promise<Course> {
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  const meter = target === undefined ? undefined : new OutageMeter(target);
  const hands: DrillHands = {
    view: () => askView(control),
    move: async (to) => {
      const answer = await giveOrder(control, { do: "move", group: plan.group, to });
      if (!answer.ok) return answer;
      return answer.value.ok ? ok(answer.value.says) : failed({ says: answer.value.says });
    },
    meter,
    interrupted: () => interrupted,
    pause: async (milliseconds) => void (await pause(milliseconds)),
    now: () => performance.now(),
    tell,
  };
  try {
    return await rehearse(plan, hands);
  } finally {
    meter?.stop();
    for (const signal of signals) process.removeListener(signal, interrupt);
  }
}

async function confirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const given = new AbortController();
  for (const event of ["SIGINT", "close"] as const) terminal.once(event, () => given.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: given.signal })).trim());
  } catch {
    return false; // Ctrl-C, or the terminal is gone
  } finally {
    terminal.close();
  }
}
