/**
 * cl_status: what scripts ask a running heartbeat.
 *
 * Source: docs/reference/files-and-cli.md, section 2.
 * Deviations: `clientstatus` for a node that does not exist fails at once instead of after its time-out (quirk 48); an overall time-out
 * says so; a user who may not ask is told that, and not "stopped" (code 13: nothing is known).
 */
import { setTimeout } from "node:timers/promises";
import { HeartbeatError } from "../client/error.ts";
import { defaultSocketPath, HeartbeatClient } from "../client/hbclient.ts";
import { type Answer, exitCodes, type SubCommand, subCommands } from "./cl-status-commands.ts";
import { getopt } from "./getopt.ts";
import { originalLine } from "./original-log.ts";
import type { Io, Program } from "./program.ts";

/** For everything together, in milliseconds. */
const patience = 5000;
/** So much of a sub-command's name counts. */
const nameLength = 16;

export const clStatus: Program = clStatusAt(defaultSocketPath);

export function clStatusAt(socketPath: string): Program {
  return {
    name: "cl_status",
    summary: "Ask the running heartbeat about nodes, links, resources and parameters.",
    usage: "cl_status <sub-command> [<options>] [<parameters>]",
    async run(argv, io) {
      const { code, out = "", err = "", errors = [] } = await answer(argv, io, socketPath);
      io.out(out);
      io.err(err + errors.map((line) => originalLine("cl_status", "ERROR", line)).join(""));
      return code;
    },
  };
}

async function answer(argv: readonly string[], io: Io, socketPath: string): Promise<Answer> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "-h" || name === "--help") return { code: exitCodes.ok, out: help };
  const subCommand = subCommands.get(name.slice(0, nameLength));
  if (subCommand === undefined) return { code: exitCodes.parameter, errors: [`${name}: invalid sub-command.`] };
  const done = new AbortController();
  const tooLate: Answer = { code: exitCodes.timeout, errors: [`no answer from heartbeat within ${patience} ms`] };
  try {
    const late = setTimeout(patience, tooLate, { signal: done.signal });
    return await Promise.race([late, signedOn(name, rest, io, socketPath, subCommand)]);
  } finally {
    done.abort();
  }
}

async function signedOn(
  name: string,
  argv: readonly string[],
  io: Io,
  socketPath: string,
  subCommand: SubCommand,
): Promise<Answer> {
  let heartbeat: HeartbeatClient;
  try {
    heartbeat = await HeartbeatClient.signOn({ socketPath, patience });
  } catch (error) {
    if (error instanceof HeartbeatError) return notSignedOn(name, argv, error);
    throw error;
  }
  try {
    const options = getopt(argv, subCommand.letters);
    const [complaint] = options.errors;
    if (complaint === undefined) return await subCommand.run(heartbeat, options);
    io.err(`${name}: ${complaint}
`);
    if (subCommand.sayUnknown === undefined) return await subCommand.run(heartbeat, options);
    return { code: exitCodes.parameter, errors: [subCommand.sayUnknown] };
  } catch (error) {
    if (!(error instanceof HeartbeatError)) throw error;
    return { code: exitCodes.other, errors: [error.says] };
  } finally {
    await heartbeat.signOff();
  }
}

function notSignedOn(name: string, argv: readonly string[], why: HeartbeatError): Answer {
  const reason =
    why.code === "cannot-connect"
      ? "hb_api_signon: Can't initiate connection to heartbeat"
      : why.code === "not-permitted"
        ? "permission denied: only root and the members of group haclient may ask heartbeat"
        : why.says;
  if (name !== "hbstatus")
    return { code: exitCodes.negative, errors: ["Cannot signon with heartbeat", `REASON: ${reason}`] };
  // The original says "stopped" here, which it cannot know (quirk 227).
  if (why.code === "not-permitted") return { code: exitCodes.other, errors: [reason] };
  const options = getopt(argv, "mv");
  const detail = options.given.has("v") ? `(${reason})\n` : "";
  const err = options.errors.map((complaint) => `${name}: ${complaint}\n`).join("");
  return why.code === "refused"
    ? {
        code: exitCodes.ok,
        out: `Heartbeat is apparently running on this machine, but refuses my connection\n${detail}`,
        err,
      }
    : { code: exitCodes.negative, out: `Heartbeat is stopped on this machine.\n${detail}`, err };
}

const help = `Usage: cl_status <sub-command> [<options>] [<parameters>]

About this machine:
  hbstatus [-mv]                  is heartbeat running? -v: what it knows, too
  rscstatus [-m]                  which resources it holds: none, local, foreign, all, transition
  hbparameter -p <name> [-m]      a parameter as it stands in ha.cf
About nodes:
  listnodes [-mpnv]               their names; -p: ping nodes only, -n: cluster nodes only,
                                  -v: with status, type and links
  nodestatus [-m] <node>          init, up, active, dead, ping
  nodetype [-m] <node>            normal, ping
  nodeweight [-m] <node>
  nodesite [-m] <node>
About heartbeat links:
  listhblinks [-mv] <node>        their names; -v: with status
  hblinkstatus [-m] <node> <link> up, dead
About programs that use heartbeat:
  clientstatus <node> <program> [<milliseconds>]
                                  online, offline
  test                            a few values, to try the connection

-m: a sentence for people instead of a word for programs.
Exit codes: 0 yes, 1 no, 11 wrong parameters, 12 no answer in time, 13 another error.
`;
