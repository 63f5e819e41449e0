/**
 * The course of a drill: a group goes to another node and comes back, each way is timed, and whatever happens in between, it is brought back to
 * where it was. The hands are given, so that every course can be tried without a cluster.
 */
import { isIP } from "node:net";
import type { Result } from "../base/result.ts";
import type { GroupView, View } from "../core/view.ts";

export interface Way {
  readonly to: string;
  /** From the order until it runs there, in milliseconds. */
  readonly took: number;
  /** The longest time without an answer, in milliseconds; undefined: nothing was asked. */
  readonly outage?: number;
}

export interface DrillHands {
  view(): Promise<Result<View, { readonly says: string }>>;
  /** Orders the move; what was answered, or why it is refused. */
  move(to: string): Promise<Result<string, { readonly says: string }>>;
  /** Undefined: nothing is asked. */
  readonly meter: { mark(): void; readonly longest: number; readonly silence: number } | undefined;
  /** The operator wants to stop. */
  interrupted(): boolean;
  pause(milliseconds: number): Promise<void>;
  now(): number;
  tell(text: string): void;
}

export interface Plan {
  readonly group: string;
  readonly from: string;
  readonly to: string;
  /** How long it stays there, and the longest that a way may take; milliseconds. */
  readonly stay: number;
  readonly patience: number;
}

export type Course =
  | { readonly is: "done"; readonly away: Way; readonly back: Way }
  /** It is where it was. */
  | { readonly is: "broken-off"; readonly because: string }
  /** It is not where it was. */
  | { readonly is: "stranded"; readonly because: string };

const lookEvery = 50;
/** An answer not older than this is one of now, in milliseconds. */
const fresh = 200;
/** How long a node that has it may need until it is heard from outside, in milliseconds. */
const answerPatience = 10_000;

/** Why nothing may be tried now; undefined: all is whole and calm. */
export function objection(view: View, key: string, to: string | undefined): string | undefined {
  if (!view.managesResources) return "heartbeat was started with -M and manages no resources";
  if (view.maintenance) return "maintenance is on";
  if (view.stopping || view.phase !== "stable" || view.resourceStatus === "transition")
    return "this node is not settled: try again when it is";
  for (const { name, type, status, stable, version, links, differs } of view.nodes) {
    if (type === "ping") {
      if (links.some((link) => link.status === "dead")) return `ping node ${name} does not answer`;
      continue;
    }
    if (status !== "active") return `the cluster is not whole: node ${name} is ${status}`;
    if (name !== view.node && version === undefined) return `${name} runs 3.0.6 and cannot be told of one group`;
    if (!stable) return `node ${name} is not settled: try again when it is`;
    const dead = links.find((link) => link.status === "dead");
    if (dead !== undefined) return `the cluster is not whole: link ${name}:${dead.medium} is dead`;
    if (differs !== undefined && differs.length > 0)
      return `the configuration of ${name} differs: ${differs.join("; ")}`;
  }
  const group = view.groups.find((each) => each.key === key);
  if (group === undefined) return `there is no group ${key}: ${view.groups.map((each) => each.key).join(", ")}`;
  for (const each of view.groups) {
    const { failedOn = [] } = each;
    if (failedOn.length > 0)
      return `${each.key} did not start on ${failedOn.join(", ")}: heartbeat cleanup ${each.key}, when it is mended`;
    if (each.holder === undefined) return `${each.key} runs nowhere`;
    if (each.movingTo !== undefined || each.starting === true || each.state === "stop-failed")
      return `${each.key} is not settled: try again when it is`;
  }
  if (to === undefined) return otherNode(view, group) === undefined ? "there is no other node" : undefined;
  if (to === group.holder) return `${key} is on ${to} already`;
  return view.nodes.some(({ name, type }) => name === to && type === "normal") ? undefined : `there is no node ${to}`;
}

/** Where it goes if nothing is said: the next node in the order of ha.cf. */
export function otherNode(view: View, { holder }: Pick<GroupView, "holder">): string | undefined {
  const nodes = view.nodes.filter(({ type }) => type === "normal").map(({ name }) => name);
  const at = holder === undefined ? -1 : nodes.indexOf(holder);
  return [...nodes.slice(at + 1), ...nodes.slice(0, Math.max(0, at))].find((name) => name !== holder);
}

/** The first address of the group. */
export function addressOf({ resources }: Pick<GroupView, "resources">): string | undefined {
  return resources
    .map(({ text }) => text.replace(/^IP(?:addr2?|v6addr)::/, "").split("/")[0] ?? "")
    .find((word) => isIP(word) !== 0);
}

/** It runs on that node, as the daemon here sees it. */
export function runsOn(view: View, group: string, node: string): boolean {
  const now = view.groups.find(({ key }) => key === group);
  return now?.holder === node && now.movingTo === undefined && now.starting !== true;
}

export async function rehearse(plan: Plan, hands: DrillHands): Promise<Course> {
  const away = await go(plan, plan.to, hands, true);
  if (typeof away === "string") return await bringBack(plan, hands, away);
  hands.tell(wayText(plan.group, away));
  const end = hands.now() + plan.stay;
  while (hands.now() < end && !hands.interrupted()) await hands.pause(lookEvery);
  const because = hands.interrupted() ? "interrupted" : undefined;
  if (because !== undefined) return await bringBack(plan, hands, because);
  const back = await go(plan, plan.from, hands, false);
  if (typeof back === "string") return await bringBack(plan, hands, back);
  hands.tell(wayText(plan.group, back));
  return { is: "done", away, back };
}

export const wayText = (group: string, { to, took, outage }: Way): string =>
  `${group} runs on ${to} after ${Math.round(took)} ms${
    outage === undefined ? "" : `; no answer for ${Math.round(outage)} ms`
  }`;

/** One way; or why it was not made. */
async function go(
  { group, patience }: Plan,
  to: string,
  hands: DrillHands,
  interruptible: boolean,
): Promise<Way | string> {
  const { meter } = hands;
  meter?.mark();
  const began = hands.now();
  const ordered = await hands.move(to);
  if (!ordered.ok) return ordered.error.says;
  for (;;) {
    const view = await hands.view();
    if (view.ok && runsOn(view.value, group, to)) break;
    if (view.ok && view.value.groups.find(({ key }) => key === group)?.failedOn?.includes(to))
      return `${group} does not start on ${to}`;
    if (interruptible && hands.interrupted()) return "interrupted";
    if (hands.now() - began > patience) return `${group} does not run on ${to} after ${Math.round(patience / 1000)} s`;
    await hands.pause(lookEvery);
  }
  const took = hands.now() - began;
  if (meter === undefined) return { to, took };
  const arrived = hands.now();
  while (meter.silence > fresh) {
    if (hands.now() - arrived > answerPatience) return `${group} runs on ${to}, and does not answer`;
    await hands.pause(lookEvery);
  }
  return { to, took, outage: meter.longest };
}

/** As often as it needs while there is patience: what is under way must end before it is taken back. */
async function bringBack(plan: Plan, hands: DrillHands, because: string): Promise<Course> {
  const { group, from, patience } = plan;
  hands.tell(`${because}: bringing ${group} back to ${from}`);
  const began = hands.now();
  let says = "";
  while (hands.now() - began < patience) {
    const view = await hands.view();
    if (view.ok && runsOn(view.value, group, from)) return { is: "broken-off", because };
    if (view.ok) {
      const ordered = await hands.move(from);
      if (!ordered.ok) says = ordered.error.says;
    } else says = view.error.says;
    await hands.pause(500);
  }
  return {
    is: "stranded",
    because: `${because}; it could not be brought back to ${from}${says === "" ? "" : `: ${says}`}`,
  };
}
