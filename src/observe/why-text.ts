/**
 * Why a group is where it is, as a chain from what is to what caused it: state and reason of the group, what its owner and its holder
 * are doing, what stands in the way, and the events that led there.
 */
import type { EventView, GroupView, NodeView, View } from "../core/view.ts";

export interface WhyTextOptions {
  /** A point in time, given in seconds since 1970, as people want to read it. */
  readonly time: (seconds: number) => string;
  /** The newest so many events of each group are shown. */
  readonly events: number;
}

/** Lines about one group, or about all of them. Undefined: there is no such group. */
export function whyText(view: View, key: string | undefined, options: WhyTextOptions): string[] | undefined {
  const groups = view.groups.filter((group) => key === undefined || isMeant(group, key));
  if (key !== undefined && groups.length === 0) return undefined;
  if (groups.length === 0) return [`${view.node} knows of no groups: haresources is empty`];
  return groups.flatMap((group, index) => [...(index > 0 ? [""] : []), ...about(view, group, options)]);
}

/** By its first resource, by any of its resources, or by the name of the node that prefers it. */
const isMeant = ({ key, owner, resources }: GroupView, asked: string): boolean =>
  key === asked || owner === asked || resources.some(({ text }) => text === asked);

function about(view: View, group: GroupView, options: WhyTextOptions): string[] {
  const { key, owner, holder, state, because, movingTo, failedOn = [] } = group;
  const unwell = group.resources.filter(({ state: each }) => each === "failed");
  return [
    holder === undefined ? `${key} is on no node` : `${key} is on ${holder}`,
    `  because ${because}`,
    `  on ${view.node} it is ${state}`,
    `  it belongs to ${owner}, ${nodeWords(view, owner)}`,
    ...(holder === undefined || holder === owner ? [] : [`  its holder ${holder} is ${nodeWords(view, holder)}`]),
    ...(movingTo === undefined ? [] : [`  it is moving to ${movingTo}`]),
    ...failedOn.map((node) => `  it did not start on ${node}: heartbeat cleanup lets that node try again`),
    ...unwell.map(({ text, monitor }) => `  ${text} has failed${monitor?.last ? `: ${monitor.last.says}` : ""}`),
    ...(view.maintenance ? ["  nothing moves while maintenance is on"] : []),
    ...view.events
      .filter((event) => concerns(event, group))
      .slice(-options.events)
      .map(
        ({ at, text, because: reason }) =>
          `  ${options.time(at)} ${text}${reason === undefined ? "" : ` (because ${reason})`}`,
      ),
  ];
}

function nodeWords(view: View, name: string): string {
  const node = view.nodes.find((each) => each.name === name);
  if (node === undefined) return "which is not known";
  const heard = name === view.node ? "this node" : heardWords(node);
  return `${node.status} (${heard}), holding ${node.holds}${node.stable ? "" : ", not settled yet"}`;
}

const heardWords = ({ heardAgo, deadtime }: NodeView): string =>
  heardAgo === undefined
    ? "never heard"
    : `heard ${(heardAgo / 1000).toFixed(1)} s ago, dead after ${deadtime / 1000} s`;

/** It names the group, one of its resources or one of its nodes, or it is about resources as a whole. */
function concerns({ text, because = "" }: EventView, { key, owner, holder, resources }: GroupView): boolean {
  const said = `${text} ${because}`;
  const names = [key, owner, ...(holder === undefined ? [] : [holder]), ...resources.map((each) => each.text)];
  return names.some((name) => said.includes(name)) || /resource|standby|takeover|failback|acquir|releas/i.test(said);
}
