/** How long the scripts of resources may take: what ha4.cf says of each, and a minute where it says nothing. */
import type { AgentAction, Resource, ResourceGroup } from "../../agents/resource.ts";
import { type Milliseconds, milliseconds } from "../../base/units.ts";
import { type Extension, optionsFor } from "../../config/ha4-cf.ts";
import { agentTimeLimit } from "../limits.ts";

export type ProgramResource = Exclude<Resource, { readonly kind: "address" }>;

const actions: readonly AgentAction[] = ["start", "status", "stop"];

/** `group`: its key. */
export function timeLimitOf(
  options: Extension | undefined,
  group: string,
  resource: ProgramResource,
  action: AgentAction,
): Milliseconds {
  if (options === undefined) return agentTimeLimit;
  const { startTimeout, statusTimeout, stopTimeout } = optionsFor(options, group, resource);
  return { start: startTimeout, status: statusTimeout, stop: stopTimeout }[action] ?? agentTimeLimit;
}

/** For an order of which only the group is known. */
export function longestLimitOf(options: Extension | undefined, { key, resources }: ResourceGroup): Milliseconds {
  const limits = resources.flatMap((resource) =>
    resource.kind === "address" ? [] : actions.map((action) => timeLimitOf(options, key, resource, action)),
  );
  return milliseconds(Math.max(agentTimeLimit, ...limits));
}
