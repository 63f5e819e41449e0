/** What happens in most of the recorded stories, and where the groups are afterwards. */
import type { Step } from "./story.ts";

/** The next step may not come before a node that was started takes part: where nothing moves, nothing else tells. */
export const start = (places: Step["places"], ...nodes: string[]): Step => ({
  says: `start ${nodes.join(" and ") || "both"}`,
  act: async (lab) => {
    await lab.start(...nodes);
    for (const node of nodes)
      await lab.until(`${node} takes part`, async () => (await lab.sees(node, node)) === "active", startLimit);
  },
  places,
});
const startLimit = 60; // seconds
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
