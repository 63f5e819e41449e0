/**
 * Fencing devices by name: what the core orders becomes a command, and what the program said becomes the core's answer, without the secrets that
 * it may have printed.
 */
import { unreachable } from "../base/exhaustive.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { AgentOutcome, FencingOutcome } from "../core/input.ts";
import type { Runner } from "../drivers/runner.ts";
import { outputMax } from "../drivers/runner-protocol.ts";
import { type FencingDevice, secretsOf, withoutSecrets } from "../stonith/device.ts";
import { deviceType } from "../stonith/index.ts";
import { osText } from "../syntax/text.ts";
import type { Drivers } from "./perform.ts";

/** Of what a device printed, for a line of the log. */
const saidMax = 200;

export class Fences {
  readonly #config: ClusterConfig;
  readonly #asked = new Map<number, FencingDevice>();

  constructor(config: ClusterConfig) {
    this.#config = config;
  }

  hands(runner: Runner): Drivers["fences"] {
    return {
      ask: ({ operation, device: name, action, victim, timeLimit }) => {
        const device = this.#config.fencing.devices.find((each) => each.name === name);
        if (device === undefined) return; // the core knows no others
        this.#asked.set(operation, device);
        const { program, argv, input } = deviceType(device.kind).command(device, action, victim);
        runner.askDevice({ operation, program, argv, input, timeLimit });
      },
      drop: (operation) => runner.dropDevice(operation),
    };
  }

  /** What became of an operation. */
  outcomeOf(operation: number, outcome: AgentOutcome): FencingOutcome {
    const device = this.#asked.get(operation);
    this.#asked.delete(operation);
    if (device === undefined) return { result: "failed", says: "nobody asked for it" };
    return fencingOutcome(device, outcome, this.#config.nodes);
  }
}

export function fencingOutcome(
  device: FencingDevice,
  outcome: AgentOutcome,
  nodes: ClusterConfig["nodes"],
): FencingOutcome {
  const failed = (says: string): FencingOutcome => ({ result: "failed", says });
  const { kind, type } = device;
  switch (outcome.result) {
    case "exited": {
      const answer = deviceType(kind).judge(outcome.code);
      if (answer !== "failed") return { result: answer };
      const said = shownOf(device, outcome.output, nodes);
      return failed(`exit code ${outcome.code}${said === "" ? "" : `: ${said}`}`);
    }
    case "killed":
      return failed(`killed by signal ${outcome.signal}`);
    case "timed-out":
      return failed(`not finished within ${device.timeLimit / 1000} s, and killed`);
    case "not-found":
      return failed(
        kind === "glue"
          ? "the program stonith is not there: install cluster-glue"
          : `the program ${type} is not there: install fence-agents`,
      );
    case "lost":
      return failed(outcome.says);
    default:
      return unreachable(outcome);
  }
}

/**
 * What a device printed, as far as it may be shown. Of one whose parameters stand in a file of the administrator we do not know which words
 * are secrets, so nothing is. A word at the place where a long output was cut off may be a part of one.
 */
function shownOf(device: FencingDevice, output: string, nodes: ClusterConfig["nodes"]): string {
  const { type, parameters } = device;
  if (parameters.in === "file")
    return output.trim() === "" ? "" : `to see what it prints: stonith -t ${type} -F ${parameters.file} -S`;
  const whole = output.length < outputMax ? output : output.replace(/\S*$/, "");
  return withoutSecrets(osText(whole), secretsOf(device, nodes)).trim().replaceAll(/\s+/g, " ").slice(-saidMax);
}
