/** What happens in most of the recorded stories, and where the groups are afterwards. */
import type { Lab } from "../lab.ts";
import type { Step } from "./story.ts";

/**
 * The next step may not come before a node that was started takes part: where nothing moves, nothing else tells. Its log does, which costs the
 * node nothing; an original is slow to answer questions.
 */
export const start = (places: Step["places"], ...nodes: string[]): Step => ({
  says: `start ${nodes.join(" and ") || "both"}`,
  act: async (lab) => {
    const before = nodes.map((node) => timesActive(lab, node));
    await lab.start(...nodes);
    for (const [index, node] of nodes.entries())
      await lab.until(`${node} takes part`, () => timesActive(lab, node) > (before[index] ?? 0), startLimit);
  },
  places,
});
const startLimit = 60; // seconds
const timesActive = (lab: Lab, node: string): number =>
  lab.log(node).match(/Local status now set to: 'active'/g)?.length ?? 0;
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
