/** What live tests ask of a resource group made of a test service and an address. */
import assert from "node:assert/strict";
import { Lab, type Settings } from "../lab.ts";

export interface Group {
  readonly owner: string;
  readonly service: string;
  readonly address: string;
}

const runsWholly = (lab: Lab, { service, address }: Group, node: string): boolean =>
  lab.runs(node, service) && lab.hasAddress(node, address);

/** Waits until all of the group is on `node` and nothing of it elsewhere; tells how long that took, in milliseconds. */
export function groupMoves(lab: Lab, group: Group, node: string, limitSeconds: number): Promise<number> {
  const others = Object.keys(lab.settings.nodes).filter((name) => name !== node);
  return lab.until(
    `${group.service} and ${group.address} are on ${node} alone`,
    () =>
      runsWholly(lab, group, node) &&
      others.every((other) => !lab.runs(other, group.service) && !lab.hasAddress(other, group.address)),
    limitSeconds,
  );
}

/** Waits until each group is with its owner and every node says so: a cluster at rest. */
export async function settle(lab: Lab, groups: readonly Group[], limitSeconds = 40): Promise<void> {
  for (const group of groups) await groupMoves(lab, group, group.owner, limitSeconds);
  for (const node of Object.keys(lab.settings.nodes))
    await lab.until(`${node} holds its own`, async () => (await lab.holds(node)) === "local", limitSeconds);
  for (const group of groups) assert.ok(runsWholly(lab, group, group.owner), `${group.service} stays with its owner`);
}

/** A cluster that has come up and is at rest. */
export async function clusterAtRest(settings: Settings, groups: readonly Group[]): Promise<Lab> {
  const lab = await Lab.create(settings);
  try {
    await lab.start();
    await settle(lab, groups);
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose](); // nobody else knows of it yet
    throw error;
  }
}
