/** Writes a first ha.cf, authkeys and haresources for all nodes of a cluster, from options or from answers. */
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { ConfigurationFiles } from "../config/configuration-files.ts";
import { readConfiguration } from "../config/index.ts";
import { hostFacts } from "../drivers/host-facts.ts";
import { newAuthkeys } from "./keygen.ts";
import { defaultDirectory, optionsOf, renderAll } from "./load-options.ts";
import type { Io, Program } from "./program.ts";
import { writeNewFiles } from "./write-new-files.ts";

const usage =
  'heartbeat init [--ha-dir DIR] --node NAME --node NAME --medium "bcast eth1"... [--group "NODE ADDRESS SCRIPT..."]...';

interface Plan {
  readonly nodes: readonly string[];
  readonly media: readonly string[];
  readonly groups: readonly string[];
}

export const init: Program = {
  name: "init",
  summary: "Write ha.cf, authkeys and haresources for a new cluster.",
  usage,
  async run(argv, io) {
    const parsed = optionsOf(argv, {
      "ha-dir": { type: "string", default: defaultDirectory },
      node: { type: "string", multiple: true, default: [] },
      medium: { type: "string", multiple: true, default: [] },
      group: { type: "string", multiple: true, default: [] },
    });
    if (!parsed.ok) {
      io.err(`${parsed.says}\nusage: ${usage}\n`);
      return 2;
    }
    const { node: nodes, medium: media, group: groups } = parsed.values;
    const directory = parsed.values["ha-dir"];
    const given: Plan = { nodes, media, groups };
    const complete = nodes.length > 0 && media.length > 0;
    if (!complete && !(io.terminal && process.stdin.isTTY)) {
      io.err(`the nodes and at least one medium are needed\nusage: ${usage}\n`);
      return 2;
    }
    return write(directory, complete ? given : await ask(given, hostFacts(directory).uname), io);
  },
};

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
  const file = (text: string, mode: number) => ({ bytes: Buffer.from(text), mode, uid: 0 });
  const files: ConfigurationFiles = {
    directory,
    haCf: file(texts.haCf, 0o644),
    authkeys: file(texts.authkeys, 0o600),
    haresources: file(texts.haresources, 0o644),
  };
  const { diagnostics, exitCode } = readConfiguration(files, hostFacts(directory));
  io.err(renderAll(diagnostics, files, false));
  if (exitCode !== 0) {
    io.err("nothing was written\n");
    return exitCode;
  }
  const written = writeNewFiles([
    { path: join(directory, "ha.cf"), text: texts.haCf, mode: 0o644 },
    { path: join(directory, "authkeys"), text: texts.authkeys, mode: 0o600 },
    { path: join(directory, "haresources"), text: texts.haresources, mode: 0o644 },
  ]);
  if (!written.ok) {
    io.err(`${written.error}\n`);
    return 1;
  }
  io.out(`${directory} has ha.cf, authkeys and haresources. They are the same on all nodes; copy them:\n`);
  const local = hostFacts(directory).uname;
  for (const node of plan.nodes.filter((name) => name !== local))
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
