/** What happens in most of the recorded stories, and where the groups are afterwards. */
import type { Step } from "./story.ts";

export const start = (places: Step["places"], ...nodes: string[]): Step => ({
  says: `start ${nodes.join(" and ") || "both"}`,
  act: (lab) => lab.start(...nodes),
  places,
});
export const crash = (node: string, places: Step["places"]): Step => ({
  says: `power cut of ${node}`,
  act: (lab) => lab.crash(node),
  places,
  dead: [node],
});
export const stop = (node: string, places: Step["places"]): Step => ({
  says: `stop of ${node}`,
  act: (lab) => lab.stop(node),
  places,
});
export const tool = (node: string, program: string, set: string, places: Step["places"]): Step => ({
  says: `${program} ${set} on ${node}`,
  act: (lab) => lab.tool(node, program, ...(set === "" ? [] : [set])),
  places,
});
