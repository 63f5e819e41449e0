/**
 * The sub-commands of cl_status: what each asks the daemon and how it says the answer.
 *
 * Scripts of two decades read these lines, so every space, every exit code and every oddity of spelling is the original's.
 *
 * Source: docs/reference/files-and-cli.md, section 2, and its transcripts.
 */
import { registry } from "../base/registry.ts";
import { HeartbeatError } from "../client/error.ts";
import type { HeartbeatClient } from "../client/hbclient.ts";
import type { Options } from "./getopt.ts";

export const exitCodes = { ok: 0, negative: 1, parameter: 11, timeout: 12, other: 13 };

export interface Answer {
  readonly code: number;
  readonly out?: string;
  /** Plain text on standard error. */
  readonly err?: string;
  /** Lines for standard error in the form of a log. */
  readonly errors?: readonly string[];
}

export interface SubCommand {
  readonly name: string;
  /** For getopt. */
  readonly letters: string;
  /** How the original puts off an option it does not know: it has two ways. Undefined: it goes on without it. */
  readonly sayUnknown?: string;
  readonly run: (heartbeat: HeartbeatClient, options: Options) => Promise<Answer>;
}

const unknownCode = "Error: getopt returnedcharacter code ?.";
const unknownPlain = "Error: getopt returnedcharacter ?.";

const say = (out: string, code = exitCodes.ok): Answer => ({ code, out: `${out}\n` });
const wrong = (err: string): Answer => ({ code: exitCodes.parameter, err: `${err}\n` });
const lines = (...each: string[]): string => each.map((line) => `${line}\n`).join("");

/** What the daemon said against a request; anything else (no answer, no connection) is not this sub-command's to explain. */
async function refusal<T>(asked: Promise<T>): Promise<{ ok: true; value: T } | { ok: false; reason: string }> {
  try {
    return { ok: true, value: await asked };
  } catch (error) {
    if (error instanceof HeartbeatError && error.code === "bad-request") return { ok: false, reason: error.says };
    throw error;
  }
}

/** `NODE` in, one value out. */
function aboutNode(
  name: string,
  sayMissing: string,
  sayWrong: string,
  ask: (heartbeat: HeartbeatClient, node: string) => Promise<string>,
  sentence: (node: string, value: string) => string,
  code: (value: string) => number = () => exitCodes.ok,
): SubCommand {
  return {
    name,
    letters: "m",
    sayUnknown: unknownPlain,
    async run(heartbeat, { given, parameters: [node] }) {
      if (node === undefined) return wrong(sayMissing);
      const asked = await refusal(ask(heartbeat, node));
      if (!asked.ok) return wrong(sayWrong);
      return say(given.has("m") ? sentence(node, asked.value) : asked.value, code(asked.value));
    },
  };
}

const notEnough = "Not enough parameters.";
const noEnough = "No enough parameter.";
const wrongName = "Error. May be due to incorrect node name";

export const subCommands = registry<SubCommand>([
  {
    name: "hbstatus",
    letters: "mv",
    async run(heartbeat, { given }) {
      if (!given.has("v")) return say("Heartbeat is running on this machine.");
      const { version, pacemaker } = heartbeat.info;
      const own = /^(?:false|off|no|n|0|none)$/i.test(pacemaker);
      const head = given.has("m")
        ? lines(`Heartbeat version ${version}`, `Resources controlled by ${own ? '"haresources"' : "Pacemaker."}`)
        : lines(`version:\t${version}`, `managed by:\t${own ? '"haresources"' : `pacemaker\t(${pacemaker})`}`);
      return { code: exitCodes.ok, out: head + (await nodeList(heartbeat, given)) };
    },
  },
  {
    name: "listnodes",
    letters: "mpnv",
    sayUnknown: unknownCode,
    run: async (heartbeat, { given }) => ({ code: exitCodes.ok, out: await nodeList(heartbeat, given) }),
  },
  aboutNode(
    "nodestatus",
    notEnough,
    wrongName,
    (heartbeat, node) => heartbeat.nodeStatus(node),
    (node, status) => `The cluster node ${node} is ${status}`,
    (status) => (/^(?:active|up|ping)/.test(status) ? exitCodes.ok : exitCodes.negative),
  ),
  aboutNode(
    "nodeweight",
    notEnough,
    "Error. Maybe due to incorrect node name.",
    (heartbeat, node) => heartbeat.nodeWeight(node),
    (node, weight) => `The weight of the cluster node ${node} is ${weight}`,
  ),
  aboutNode(
    "nodesite",
    notEnough,
    wrongName,
    (heartbeat, node) => heartbeat.nodeSite(node),
    (node, site) => `The site of the cluster node ${node} is ${site}`,
  ),
  aboutNode(
    "nodetype",
    noEnough,
    wrongName,
    (heartbeat, node) => heartbeat.nodeType(node),
    (node, type) => `The node ${node}'s type: ${type}`,
  ),
  {
    name: "listhblinks",
    letters: "mv",
    sayUnknown: unknownCode,
    async run(heartbeat, { given, parameters: [node] }) {
      if (node === undefined) return wrong(noEnough);
      const listed = await refusal(linkList(heartbeat, node, given));
      if (listed.ok) return { code: exitCodes.ok, out: listed.value };
      const errors = ["Cannot start heartbeat link interface walk.", `REASON: ${listed.reason}`];
      return { code: exitCodes.other, errors };
    },
  },
  {
    name: "hblinkstatus",
    letters: "m",
    sayUnknown: unknownPlain,
    async run(heartbeat, { given, parameters: [node, link] }) {
      if (node === undefined || link === undefined) return wrong(noEnough);
      const asked = await refusal(heartbeat.linkStatus(node, link));
      // The original's library has no reason to give here, although the daemon gives one.
      if (!asked.ok) return { code: exitCodes.other, errors: ["Cannot get heartbeat link status", "REASON: "] };
      const status = asked.value;
      const sentence = `The node ${node}'s heartbeat link ${link} is ${status}`;
      return say(given.has("m") ? sentence : status, status === "up" ? exitCodes.ok : exitCodes.negative);
    },
  },
  {
    name: "clientstatus",
    letters: "m",
    sayUnknown: unknownPlain,
    async run(heartbeat, { parameters: [node, client, patience = "500"] }) {
      if (node === undefined || client === undefined) return wrong(noEnough);
      try {
        const status = await heartbeat.clientStatus(node, client, Number.parseInt(patience, 10) || 0);
        const code = ["online", "offline", "join", "leave"].indexOf(status);
        return say(status, code < 0 ? exitCodes.other : code);
      } catch (error) {
        // A refusal reads like silence in the original, which waits for an answer of another kind.
        if (!(error instanceof HeartbeatError) || !["bad-request", "no-answer"].includes(error.code)) throw error;
        const errors = [`Cannot get heartbeat client ${client}'s status`, "REASON: No timely response."];
        return { code: exitCodes.other, errors };
      }
    },
  },
  {
    name: "rscstatus",
    letters: "m",
    sayUnknown: unknownPlain,
    async run(heartbeat, { given }) {
      const asked = await refusal(heartbeat.heldResources());
      if (!asked.ok) return { code: exitCodes.negative, errors: [asked.reason] };
      return say(given.has("m") ? `This node is holding ${asked.value} resources.` : asked.value);
    },
  },
  {
    name: "hbparameter",
    letters: "mp:",
    sayUnknown: unknownCode,
    async run(heartbeat, { given }) {
      const name = given.get("p");
      if (name === undefined) return { code: exitCodes.parameter, errors: ["parameter name required"] };
      const value = await parameter(heartbeat, name);
      if (value === undefined)
        return { code: exitCodes.negative, errors: [`Cannot get parameter ${name}'s value`, "REASON: "] };
      return say(given.has("m") ? `Heartbeat parameter ${name}'s value: ${value}` : value);
    },
  },
  {
    name: "test",
    letters: "",
    sayUnknown: unknownPlain,
    async run(heartbeat) {
      const { deadtime, keepalive, node } = heartbeat.info;
      const held = await heartbeat.heldResources();
      // "keeplive" is the original's spelling.
      const out = lines(
        `Dead time: ${deadtime}`,
        ` keeplive time: ${keepalive}`,
        ` mynodeid: ${node}`,
        ` rsc: ${held}`,
      );
      return { code: exitCodes.ok, out };
    },
  },
]);

/** Last in the configuration comes first: the original's library builds its lists that way. */
async function nodeList(heartbeat: HeartbeatClient, given: ReadonlyMap<string, string>): Promise<string> {
  let out = given.has("m") ? "The nodes are as follow:\n" : "";
  const both = given.has("p") === given.has("n");
  for (const { name, type, status } of (await heartbeat.nodes()).reverse()) {
    if (!both && given.has("p") !== (type === "ping")) continue;
    if (!given.has("v")) out += `${name}\n`;
    else out += `\n${name}\t${status}\t(nodetype: ${type})\n${await linkList(heartbeat, name, given)}`;
  }
  return out;
}

async function linkList(heartbeat: HeartbeatClient, node: string, given: ReadonlyMap<string, string>): Promise<string> {
  const links = (await heartbeat.links(node)).reverse();
  const head = given.has("m") ? "\tthis node has the following heartbeat links:\n" : "";
  return head + lines(...links.map(({ name, status }) => (given.has("v") ? `\t${name}\t${status}` : `\t${name}`)));
}

/** Two parameters are known from the sign-on, with more detail than a request would tell. */
async function parameter(heartbeat: HeartbeatClient, name: string): Promise<string | undefined> {
  if (name === "hbversion") return heartbeat.info.version;
  if (name === "pacemaker") return heartbeat.info.pacemaker;
  return await heartbeat.parameter(name);
}
