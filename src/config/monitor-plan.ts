/** When a resource is looked at, and what its failures lead to: the monitoring options of ha4.cf, with their defaults. */

import type { Probe } from "../agents/probes/probe.ts";
import type { Resource } from "../agents/resource.ts";
import { type Milliseconds, seconds } from "../base/units.ts";
import type { ResourceOptions } from "./ha4-options.ts";

export interface MonitorPlan {
  readonly interval: Milliseconds;
  /** One question; then it counts as failed. */
  readonly timeLimit: Milliseconds;
  /** From the end of the start to the first question. */
  readonly delay: Milliseconds;
  /** So many failures within the window are answered by a restart in place; one more gives the group up. */
  readonly failuresAllowed: number;
  readonly failureWindow: Milliseconds;
  /** Asked in order, until one fails; none: the resource's own `status` or `monitor`. */
  readonly probes: readonly Probe[];
}

const timeLimitDefault = seconds(10);
const failuresAllowedDefault = 2;
const failureWindowDefault = seconds(600);

/** Undefined: the resource is not looked at. */
export function monitorPlan(options: ResourceOptions, resource: Resource): MonitorPlan | undefined {
  const { monitorInterval: interval, probes = [] } = options;
  if (interval === undefined || interval === 0) return undefined;
  // An address is watched by the kernel's own word; it needs no questions, unless somebody wants one asked about it.
  if (resource.kind === "address" && probes.length === 0) return undefined;
  return {
    interval,
    timeLimit: options.monitorTimeout ?? options.statusTimeout ?? timeLimitDefault,
    delay: options.monitorDelay ?? interval,
    failuresAllowed: options.failuresAllowed ?? failuresAllowedDefault,
    failureWindow: options.failureWindow ?? failureWindowDefault,
    probes,
  };
}
