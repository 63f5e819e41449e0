/** The kinds of programs that run resources, in the order in which a token of haresources is offered to them. */
import type { Agent } from "./agent.ts";
import { ocf } from "./ocf.ts";
import type { ProgramKind } from "./resource.ts";
import { resourceD } from "./resource-d.ts";
import { systemd } from "./systemd.ts";

export const agents: readonly Agent[] = [ocf, systemd, resourceD];

export function agentOf(kind: ProgramKind): Agent {
  return agents.find((agent) => agent.kind === kind) ?? resourceD;
}
