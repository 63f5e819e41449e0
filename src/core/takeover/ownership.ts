/**
 * Pure judgements about shares: who should hold one, and who keeps one that two nodes hold. Each comes with its reason.
 *
 * All nodes compute these from the same configuration order, so that they agree without asking; the claims of
 * `takeover.ts` make it safe when their views differ for a moment.
 */
import type { NodeName } from "../../base/units.ts";

/** The nodes in the order in which they should hold the owner's share: the owner, then those after it, round about. */
export function succession(owner: NodeName, nodes: readonly NodeName[]): NodeName[] {
  const start = nodes.indexOf(owner);
  return [...nodes.slice(start), ...nodes.slice(0, start)];
}

/** The first node of the succession that `willing` accepts. */
export function heir(
  owner: NodeName,
  nodes: readonly NodeName[],
  willing: (node: NodeName) => boolean,
): NodeName | undefined {
  return succession(owner, nodes).find(willing);
}

export interface Holding {
  readonly node: NodeName;
  readonly term: number;
  /** It was not running for its dead time or longer, and knows it. */
  readonly stalled: boolean;
  /** The other does not hear it, and so can learn nothing. */
  readonly unheard: boolean;
  /** Ping nodes that answer it; undefined: it does not say. */
  readonly pings: number | undefined;
}

/**
 * Two nodes hold one share, because they could not hear each other. Who slept gives way; then whom the other does not hear; then who is worse connected, because the
 * clients are where the ping nodes are; then who took it later: the earlier term held it before the split.
 */
export function keeper(
  owner: NodeName,
  a: Holding,
  b: Holding,
  nodes: readonly NodeName[],
): { readonly node: NodeName; readonly because: string } {
  if (a.stalled !== b.stalled) {
    const [slept, awake] = a.stalled ? [a.node, b.node] : [b.node, a.node];
    return { node: awake, because: `${slept} was not running for its dead time` };
  }
  if (a.unheard !== b.unheard) {
    const [unheard, other] = a.unheard ? [a.node, b.node] : [b.node, a.node];
    return { node: other, because: `${other} does not hear ${unheard}` };
  }
  if (a.pings !== undefined && b.pings !== undefined && a.pings !== b.pings) {
    const better = a.pings > b.pings ? a : b;
    return { node: better.node, because: `${better.node} reaches more ping nodes` };
  }
  if (a.term !== b.term) {
    const older = a.term < b.term ? a : b;
    return { node: older.node, because: `${older.node} held it before the split` };
  }
  const first = succession(owner, nodes).find((node) => node === a.node || node === b.node) ?? a.node;
  return { node: first, because: `${first} comes first after ${owner} in the node order` };
}
