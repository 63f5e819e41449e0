/**
 * What the end of a script says of its resource.
 *
 * Source: docs/reference/resources.md, sections 3.1 to 3.4.
 */
import { agentOf } from "../../agents/index.ts";
import type { Resource } from "../../agents/resource.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { AgentOutcome } from "../input.ts";

const lsbNotRunning = 3;

/** Why a script did not do what it was asked; undefined when it did. */
export function failure(outcome: AgentOutcome): string | undefined {
  switch (outcome.result) {
    case "exited":
      return outcome.code === 0 ? undefined : `return code ${outcome.code}`;
    case "killed":
      return `killed by ${outcome.signal}`;
    case "timed-out":
      return "not finished within its time limit, killed";
    case "not-found":
      return "Cannot locate resource script";
    case "lost":
      return outcome.says;
    default:
      return unreachable(outcome);
  }
}

/** What an answer to `status` says. */
export function found(resource: Resource | undefined, outcome: AgentOutcome): "running" | "stopped" | "unknown" {
  if (outcome.result === "not-found" || resource === undefined || resource.kind === "address") return "stopped";
  if (outcome.result !== "exited") return "unknown";
  const { code, output, init = false } = outcome;
  return agentOf(resource.kind).judge({ code, output, init });
}

/** Of a script that is judged by its text there was none, and its exit code is not that of the LSB for what does not run (quirk 51). */
export function saysNothing(resource: Resource | undefined, outcome: AgentOutcome): boolean {
  if (resource?.kind !== "script" || outcome.result !== "exited" || outcome.init) return false;
  return outcome.code !== lsbNotRunning && outcome.output.trim() === "";
}
