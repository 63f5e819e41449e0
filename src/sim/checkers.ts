/**
 * What must hold in every simulated run.
 *
 * Safety: a group is never active on two live nodes that hear each other. Two nodes *hear each other* once each has received
 * from the other without a pause that comes near the dead time; after a partition they need the time of one keepalive, one
 * release and the delivery to settle who keeps what, and not longer. One exception: a group of nothing but addresses may be up on two
 * nodes while one hands it over to the other, for as long as the product promises.
 */
import type { NodeName } from "../base/units.ts";

export interface LiveNode {
  readonly name: NodeName;
  /** Keys of the groups of which any resource is active. */
  readonly activeGroups: ReadonlySet<string>;
}

/** Keeps book of who received from whom. */
export class Hearing {
  readonly #pauseMax: number;
  readonly #last = new Map<string, number>();
  readonly #since = new Map<string, number>();

  /** `pauseMax` in milliseconds; shorter than the dead time, because a node may hear other things than heartbeats. */
  constructor(pauseMax: number) {
    this.#pauseMax = pauseMax;
  }

  received(to: NodeName, from: NodeName, at: number): void {
    const key = `${from}>${to}`;
    const last = this.#last.get(key);
    if (last === undefined || at - last >= this.#pauseMax) this.#since.set(key, at);
    this.#last.set(key, at);
  }

  /** A process ended: what it heard, and what was heard of it, counts no more. */
  forget(node: NodeName): void {
    for (const map of [this.#last, this.#since])
      for (const key of map.keys()) if (key.startsWith(`${node}>`) || key.endsWith(`>${node}`)) map.delete(key);
  }

  /** Whether it received from the other without a pause until now. */
  hears(to: NodeName, from: NodeName, now: number): boolean {
    const last = this.#last.get(`${from}>${to}`);
    return last !== undefined && now - last < this.#pauseMax;
  }

  /** Since when both hear each other without a pause; undefined: they do not now. */
  mutualSince(a: NodeName, b: NodeName, now: number): number | undefined {
    const since = [`${a}>${b}`, `${b}>${a}`].map((key) => {
      const last = this.#last.get(key);
      return last === undefined || now - last >= this.#pauseMax ? undefined : this.#since.get(key);
    });
    const [there, back] = since;
    return there === undefined || back === undefined ? undefined : Math.max(there, back);
  }
}

/** Whether any group is active on two nodes at all, whatever may excuse that. */
export function anythingTwice(nodes: readonly LiveNode[]): boolean {
  const seen = new Set<string>();
  for (const { activeGroups } of nodes)
    for (const group of activeGroups) {
      if (seen.has(group)) return true;
      seen.add(group);
    }
  return false;
}

/** Milliseconds that an address may be up on giver and taker. */
export const handOverMax = 20;

/** Keeps book of hand-overs in which both nodes have the addresses. */
export class HandOvers {
  readonly #handing: (group: string, from: NodeName, to: NodeName) => boolean;
  /** Since when both have it; undefined: it did not begin as a hand-over. */
  readonly #since = new Map<string, number | undefined>();
  #longest = 0;

  /** `handing`: this node says that it gives the group to that one, and may. */
  constructor(handing: (group: string, from: NodeName, to: NodeName) => boolean) {
    this.#handing = handing;
  }

  /**
   * To be told of every state of the world: which groups are active twice now. While one of the two is frozen (`frozen`) it cannot let go,
   * and its time does not count.
   */
  look(nodes: readonly LiveNode[], now: number, frozen: (node: NodeName) => boolean): void {
    const seen = new Set<string>();
    for (const [i, a] of nodes.entries())
      for (const b of nodes.slice(i + 1))
        for (const group of a.activeGroups) {
          if (!b.activeGroups.has(group)) continue;
          const key = `${group} ${a.name} ${b.name}`;
          seen.add(key);
          const handing = (): boolean => this.#handing(group, a.name, b.name) || this.#handing(group, b.name, a.name);
          const began = this.#since.has(key) ? this.#since.get(key) !== undefined : handing();
          if (!this.#since.has(key) || frozen(a.name) || frozen(b.name)) this.#since.set(key, began ? now : undefined);
        }
    for (const [key, since] of this.#since) {
      if (seen.has(key)) continue;
      this.#since.delete(key);
      if (since !== undefined) this.#longest = Math.max(this.#longest, now - since);
    }
  }

  /** The longest of those that have ended, in milliseconds. */
  get longest(): number {
    return this.#longest;
  }

  allows(group: string, a: NodeName, b: NodeName, now: number): boolean {
    const since = this.#since.get(`${group} ${a} ${b}`);
    return since !== undefined && now - since <= handOverMax;
  }
}

/** The first violation found, as a sentence. */
export function activeOnce(
  nodes: readonly LiveNode[],
  hearing: Hearing,
  handOvers: HandOvers,
  now: number,
  settling: number,
): string | undefined {
  for (const [i, a] of nodes.entries()) {
    for (const b of nodes.slice(i + 1)) {
      const since = hearing.mutualSince(a.name, b.name, now);
      if (since === undefined || now - since <= settling) continue;
      for (const group of a.activeGroups)
        if (b.activeGroups.has(group) && !handOvers.allows(group, a.name, b.name, now))
          return `${group} is active on both ${a.name} and ${b.name}, which have heard each other for ${Math.round(now - since)} ms`;
    }
  }
  return undefined;
}

/** Where every node can fence: nowhere twice, whoever hears whom. Machines whose daemon is frozen or dead count, too. */
export function activeAnywhereOnce(nodes: readonly LiveNode[], handOvers: HandOvers, now: number): string | undefined {
  for (const [i, a] of nodes.entries())
    for (const b of nodes.slice(i + 1))
      for (const group of a.activeGroups)
        if (b.activeGroups.has(group) && !handOvers.allows(group, a.name, b.name, now))
          return `${group} is active on both ${a.name} and ${b.name}, and both can fence`;
  return undefined;
}

/** One order to switch a node off. */
export interface Strike {
  readonly by: NodeName;
  readonly victim: NodeName;
  readonly orderedAt: number;
  readonly struckAt: number;
  /** The victim ran something when the order was given. Two that were started in a cut at any distance in time may meet, while neither runs anything. */
  readonly held: boolean;
}

/** Two that switched each other off at the same time, though one of them ran something that should have gone on. */
export function mutualKill(strikes: readonly Strike[]): string | undefined {
  const last = strikes.at(-1);
  const other = strikes.findLast(({ by, victim }) => by === last?.victim && victim === last.by);
  if (last === undefined || other === undefined || !(last.held || other.held)) return undefined;
  return last.orderedAt < other.struckAt && other.orderedAt < last.struckAt
    ? `${last.by} and ${last.victim} switched each other off`
    : undefined;
}

/** After all faults have ended and time has passed: every group runs on exactly one node. */
export function unconverged(nodes: readonly LiveNode[], groups: readonly string[]): string[] {
  if (nodes.length === 0) return [];
  return groups.flatMap((group) => {
    const holders = nodes.filter((node) => node.activeGroups.has(group)).map((node) => node.name);
    return holders.length === 1
      ? []
      : [`${group} is active on ${holders.length === 0 ? "no node" : holders.join(" and ")}`];
  });
}
