/** Writes a first ha.cf, authkeys and haresources for all nodes of a cluster, from options or from answers. */
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { ConfigurationFiles } from "../config/configuration-files.ts";
import type { HostFacts } from "../config/host-facts.ts";
import { readConfiguration } from "../config/index.ts";
import { readConfigurationFile } from "../drivers/configuration-files.ts";
import { hostFacts } from "../drivers/host-facts.ts";
import { exitCode as exitCodes } from "./exit-code.ts";
import { newAuthkeys } from "./keygen.ts";
import { haDir, isNoDirectory, renderAll } from "./load-options.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Io, Program } from "./program.ts";
import { writeNewFiles } from "./write-new-files.ts";

const form = {
  command: "heartbeat init",
  summary: "Write ha.cf, authkeys and haresources for a new cluster. What is not given is asked for on a terminal.",
  options: {
    "ha-dir": haDir,
    node: {
      ...{ type: "string", multiple: true, default: [], needed: true, value: "NAME" },
      says: "a node, as uname -n prints it there; give all of them",
    },
    medium: {
      ...{ type: "string", multiple: true, default: [], needed: true, value: '"bcast eth1"' },
      says: "a path for heartbeats, as a line of ha.cf",
    },
    group: {
      ...{ type: "string", multiple: true, default: [], value: '"NODE ADDRESS SCRIPT"' },
      says: "a group of resources, as a line of haresources",
    },
  },
  more: "An authkeys that is there already and good is kept; the other two files are never overwritten.",
} as const satisfies Form<OptionTable>;

interface Plan {
  readonly nodes: readonly string[];
  readonly media: readonly string[];
  readonly groups: readonly string[];
}

export const init: Program = {
  name: "init",
  summary: "Write ha.cf, authkeys and haresources for a new cluster.",
  usage: usageOf(form),
  async run(argv, io) {
    const parsed = optionsOf(form, argv, io);
    if (typeof parsed === "number") return parsed;
    const { "ha-dir": directory, node: nodes, medium: media, group: groups } = parsed.values;
    if (isNoDirectory(directory, form.command, io)) return exitCodes.usage;
    const given: Plan = { nodes, media, groups };
    const complete = nodes.length > 0 && media.length > 0;
    if (!complete && !(io.terminal && process.stdin.isTTY)) {
      io.err(`${form.command}: the nodes and at least one medium are needed; see ${form.command} --help\n`);
      return exitCodes.usage;
    }
    const plan = complete ? given : await ask(given, hostFacts(directory).uname);
    const fault = planFault(plan, hostFacts(directory));
    if (fault === undefined) return write(directory, plan, io);
    io.err(`${form.command}: ${fault}\n`);
    return exitCodes.usage;
  },
};

/** Slips that would make a file with another meaning, or a message about a line that nobody wrote. */
function planFault({ nodes, media }: Plan, { interfaces }: HostFacts): string | undefined {
  const several = nodes.find((name) => /\s/.test(name) || name === "");
  if (several !== undefined)
    return `${JSON.stringify(several)} is no name of a node: ${several
      .trim()
      .split(/\s+/)
      .map((name) => `--node ${name}`)
      .join(" ")}`;
  const bare = media.find((medium) => interfaces.some(({ name }) => name === medium.trim()));
  return bare === undefined
    ? undefined
    : `a medium has a kind, too; did you mean ${JSON.stringify(`bcast ${bare.trim()}`)}?`;
}

/** Asks for what the options leave open. */
async function ask(given: Plan, uname: string): Promise<Plan> {
  const questions = createInterface({ input: process.stdin, output: process.stdout });
  const list = async (question: string, answers: readonly string[], separator: RegExp): Promise<readonly string[]> =>
    answers.length > 0
      ? answers
      : (await questions.question(question)).split(separator).filter((answer) => answer !== "");
  try {
    return {
      nodes: await list(`Names of all nodes, as uname -n prints them there (here: ${uname}): `, given.nodes, /[\s,]+/),
      media: await list(
        "Paths for heartbeats, separated by semicolons (bcast eth1; ucast eth0 10.0.0.2): ",
        given.media,
        /\s*;\s*/,
      ),
      groups: await list(
        "Groups of resources, separated by semicolons (NODE 10.0.0.10/24 SCRIPT): ",
        given.groups,
        /\s*;\s*/,
      ),
    };
  } finally {
    questions.close();
  }
}

function write(directory: string, plan: Plan, io: Io): number {
  const texts = { haCf: haCfOf(plan), authkeys: newAuthkeys(), haresources: haresourcesOf(plan) };
  const present = readConfigurationFile(join(directory, "authkeys"));
  const keep = !("missing" in present && present.missing === "ENOENT");
  const file = (text: string, mode: number) => ({ bytes: Buffer.from(text), mode, uid: 0 });
  const files: ConfigurationFiles = {
    directory,
    haCf: file(texts.haCf, 0o644),
    authkeys: keep ? present : file(texts.authkeys, 0o600),
    haresources: file(texts.haresources, 0o644),
  };
  const { diagnostics, exitCode } = readConfiguration(files, hostFacts(directory));
  io.err(renderAll(diagnostics, files, false));
  if (exitCode !== 0) {
    io.err(`${form.command}: nothing was written\n`);
    return exitCode;
  }
  const written = writeNewFiles([
    { path: join(directory, "ha.cf"), text: texts.haCf, mode: 0o644 },
    ...(keep ? [] : [{ path: join(directory, "authkeys"), text: texts.authkeys, mode: 0o600 }]),
    { path: join(directory, "haresources"), text: texts.haresources, mode: 0o644 },
  ]);
  if (!written.ok) {
    io.err(`${form.command}: ${written.error}\n`);
    return exitCodes.failed;
  }
  const kept = keep ? " (authkeys was there and is kept)" : "";
  io.out(`${directory} has ha.cf, authkeys and haresources${kept}. They are the same on all nodes.\n`);
  const local = hostFacts(directory).uname.toLowerCase();
  const others = plan.nodes.filter((name) => name.toLowerCase() !== local);
  if (others.length > 0) io.out("Copy them:\n");
  for (const node of others)
    io.out(
      `    scp -p ${["ha.cf", "authkeys", "haresources"].map((name) => join(directory, name)).join(" ")} root@${node}:${directory}/\n`,
    );
  return 0;
}

const haCfOf = ({ nodes, media }: Plan): string =>
  [
    "# The same on all nodes. heartbeat check looks for mistakes, heartbeat explain DIRECTIVE tells more.",
    "logfacility local0",
    "keepalive 1",
    "warntime 5",
    "deadtime 10",
    "initdead 60",
    ...media,
    "auto_failback on",
    ...nodes.map((name) => `node ${name}`),
    "",
  ].join("\n");

const haresourcesOf = ({ groups }: Plan): string =>
  [
    "# NODE RESOURCE...: the node that prefers a group, and the group from left to right. The same on all nodes.",
    ...groups,
    "",
  ].join("\n");
