/**
 * `heartbeat fence list|test|confirm`: what can switch other nodes off, whether it answers, and the operator's word that a node is off.
 *
 * `test` runs the devices itself, as the daemon would; it asks for their state and their nodes, and resets nothing.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { AgentOutcome } from "../core/input.ts";
import type { OperatorAnswer } from "../core/takeover/language.ts";
import { fencingOutcome } from "../daemon/fences.ts";
import { loadConfiguration } from "../daemon/load-configuration.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { isExecutable, runScript } from "../runner/script.ts";
import type { FencingDevice } from "../stonith/device.ts";
import { deviceType } from "../stonith/index.ts";
import { askDaemon, noSense } from "./ask-daemon.ts";
import { exitCode } from "./exit-code.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";
import type { Io, Program } from "./program.ts";

const form = {
  command: "heartbeat fence",
  summary: "What can switch other nodes off. For root.",
  words: "list|test [NODE]|confirm NODE",
  options: {
    json: { type: "boolean", default: false, says: "list and test: print one line of JSON" },
    root: { type: "string", default: "", value: "DIR", says: "the daemon with all files below DIR" },
  },
  more: [
    "list            the devices of this node, in the order in which they are tried",
    "test [NODE]     ask each device (for NODE) for its state; nothing is reset",
    "confirm NODE    NODE is silent, and I have seen that it is off: take over what it had",
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong arguments, 6 the configuration is faulty.",
  ].join("\n"),
} as const satisfies Form<OptionTable>;

export const fence: Pick<Program, "run"> = {
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { json, root } = given.values;
    const [what = "", node, ...more] = given.positionals;
    const wrong = (says: string): number => {
      io.err(`${form.command}: ${says}; see ${form.command} --help\n`);
      return exitCode.usage;
    };
    if (!["list", "test", "confirm"].includes(what)) return wrong("say list, test or confirm");
    if (more.length > 0 || (what === "list" && node !== undefined)) return wrong("too many words");
    if (what === "confirm") return node === undefined ? wrong("confirm which node?") : await confirm(root, node, io);
    const { config } = await loadConfiguration(pathsBelow(root).configuration, 0, root);
    if (config === undefined) {
      io.err(`${form.command}: the configuration is faulty: heartbeat check\n`);
      return exitCode.notConfigured;
    }
    if (node !== undefined && !config.nodes.some((each) => each === node.toLowerCase()))
      return wrong(`${node} is no node of ha.cf`);
    const devices = config.fencing.devices.filter(
      ({ victims }) => node === undefined || (victims?.some((each) => each === node.toLowerCase()) ?? true),
    );
    return what === "list" ? list(devices, json, io) : await test(devices, config, json, io);
  },
};

async function confirm(root: string, node: string, io: Io): Promise<number> {
  const asked = await askDaemon(pathsBelow(root).control, JSON.stringify({ do: "fence-confirm", node }));
  const { ok, says } = asked.ok ? answerOf(asked.value) : { ok: false, says: asked.error.says };
  if (ok) io.out(`${says}\n`);
  else io.err(`${form.command}: ${says}\n`);
  return ok ? exitCode.ok : exitCode.failed;
}

function answerOf(value: unknown): OperatorAnswer {
  if (typeof value === "object" && value !== null && "ok" in value && "says" in value)
    return { ok: value.ok === true, says: String(value.says) };
  return { ok: false, says: noSense.says };
}

/** Without the parameters: they hold passwords. */
function list(devices: readonly FencingDevice[], json: boolean, io: Io): number {
  const shown = devices.map(({ name, kind, type, victims, timeLimit }) => ({
    name,
    kind,
    type,
    nodes: victims ?? "all",
    timeout: timeLimit,
  }));
  if (json) io.out(`${JSON.stringify(shown)}\n`);
  else if (shown.length === 0) io.out("no fencing device: shared disks are not protected\n");
  else for (const { name, type, nodes } of shown) io.out(`${name}  ${type}  ${[nodes].flat().join(" ")}\n`);
  return exitCode.ok;
}

async function test(devices: readonly FencingDevice[], config: ClusterConfig, json: boolean, io: Io): Promise<number> {
  const results: { readonly name: string; readonly ok: boolean; readonly says: string }[] = [];
  for (const device of devices) {
    const outcome = fencingOutcome(device, await ask(device), config.nodes);
    const says = outcome.result === "failed" ? outcome.says : "";
    results.push({ name: device.name, ok: outcome.result === "done", says });
  }
  if (json) io.out(`${JSON.stringify(results)}\n`);
  else for (const { name, ok, says } of results) io.out(`${name}  ${ok ? "works" : `FAILED  ${says}`}\n`);
  if (results.length === 0 && !json) io.err(`${form.command}: there is no device to test\n`);
  return results.length > 0 && results.every(({ ok }) => ok) ? exitCode.ok : exitCode.failed;
}

/** As the daemon asks, so that one that hangs ends in time, with all that it started. */
async function ask(device: FencingDevice): Promise<AgentOutcome> {
  const { program, argv, input } = deviceType(device.kind).command(device, "status", undefined);
  const path = program.find(isExecutable);
  if (path === undefined) return { result: "not-found" };
  const directory = mkdtempSync(join(tmpdir(), "hb-fence-"));
  try {
    return await new Promise<AgentOutcome>((resolve) =>
      runScript(
        {
          path,
          argv,
          listen: true,
          environment: process.env,
          workingDirectory: directory,
          timeLimit: device.timeLimit,
          debugLog: undefined,
          input: { text: input, directory },
        },
        resolve,
      ),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
