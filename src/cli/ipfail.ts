/**
 * ipfail: moves all resources to the node that reaches more ping nodes. A client of the daemon of its own node, ours or the original.
 *
 * With our daemon there is no need for it: that does the same itself when a `respawn` line names ipfail in its usual place.
 *
 * Source: docs/reference/resources.md, section 14 (exit codes, start), client-api.md, section 4.
 */
import { once } from "node:events";
import { type Instant, instant, milliseconds } from "../base/units.ts";
import { HeartbeatError } from "../client/error.ts";
import { defaultSocketPath, HeartbeatClient } from "../client/hbclient.ts";
import { Ipfail, type IpfailInput } from "../core/connectivity/ipfail.ts";
import { stringOf } from "../wire/message.ts";
import { exitCode } from "./exit-code.ts";
import { optionsOf, usageOf } from "./options.ts";
import { originalLine } from "./original-log.ts";
import type { Io, Program } from "./program.ts";

/** The daemon must not start us again: there is nothing for us to do here. */
const unwanted = 100;

const form = {
  command: "ipfail",
  summary:
    "Moves all resources to the node that reaches more ping nodes. Runs until it is ended, as a client of heartbeat.",
  options: {
    socket: { type: "string", value: "PATH", default: defaultSocketPath, says: "heartbeat's client socket" },
  },
  noWords: "the nodes and ping nodes are those of heartbeat",
  more: "heartbeat 4 does this itself for `respawn hacluster /usr/libexec/heartbeat/ipfail`; the program is for a daemon that does not.",
} as const;

export const ipfail: Program = {
  name: "ipfail",
  summary: form.summary,
  usage: usageOf(form),
  async run(argv, io) {
    const options = optionsOf(form, argv, io);
    if (typeof options === "number") return options;
    try {
      const heartbeat = await HeartbeatClient.signOn({ id: "ipfail", socketPath: options.values.socket });
      return await work(heartbeat, io);
    } catch (error) {
      if (!(error instanceof HeartbeatError)) throw error;
      io.err(originalLine("ipfail", "ERROR", `Cannot work with heartbeat: ${error.says} [${error.code}]`));
      return exitCode.failed;
    }
  },
};

async function work(heartbeat: HeartbeatClient, io: Io): Promise<number> {
  const log = (level: "ERROR" | "WARN" | "info", text: string) => io.err(originalLine("ipfail", level, text));
  const events = heartbeat.events();
  if ((await heldBy(heartbeat)) === undefined) {
    log("ERROR", "No managed resources");
    return unwanted;
  }
  const failback = await heartbeat.parameter("auto_failback");
  if (failback === undefined) log("ERROR", "Couldn't get auto_failback setting.");
  else if (!/^(?:true|on|yes|y|1|false|off|no|n|0)$/i.test(failback)) {
    log("ERROR", `auto_failback set to incompatible ${failback} option.`);
    return unwanted;
  }
  await heartbeat.setFilter(1);
  const machine = new Ipfail({
    self: heartbeat.info.node,
    autoFailback: /^(?:true|on|yes|y|1)$/i.test(failback ?? ""),
    keepalive: milliseconds(heartbeat.info.keepalive),
  });
  const feed = (input: IpfailInput): void => {
    for (const output of machine.step(input, now())) {
      if (output.is === "log")
        log(output.level === "error" ? "ERROR" : output.level === "warn" ? "WARN" : "info", output.text);
      else if (output.is === "ask-resources") void heldBy(heartbeat).then((held) => feed({ on: "resources", held }));
      else {
        const fields = output.body.filter(({ name }) => name !== "t" && name !== "dest");
        heartbeat.send(stringOf(output.body, "t") ?? "", fields, stringOf(output.body, "dest"));
      }
    }
    arm();
  };
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const next = machine.nextDeadline();
    if (next !== undefined) timer = setTimeout(() => feed({ on: "deadline" }), Math.max(0, next - now()));
  };
  feed({ on: "start", nodes: await heartbeat.nodes() });
  await heartbeat.setSignal(0);
  const ended = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]).then(() => heartbeat.signOff());
  for await (const { message } of events) feed({ on: "message", message });
  clearTimeout(timer);
  await ended;
  return exitCode.ok;
}

const now = (): Instant => instant(performance.now());

/** Undefined: heartbeat does not say. */
async function heldBy(heartbeat: HeartbeatClient): Promise<string | undefined> {
  try {
    return await heartbeat.heldResources();
  } catch {
    return undefined;
  }
}
