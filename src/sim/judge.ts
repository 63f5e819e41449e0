/**
 * Looks at a simulated cluster after every step: what runs where, who hears whom, who switched whom off. What must hold is written down in
 * `checkers.ts`; here is what it is asked of, and when.
 */
import type { NodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { View } from "../core/view.ts";
import {
  activeAnywhereOnce,
  activeOnce,
  anythingTwice,
  HandOvers,
  Hearing,
  type LiveNode,
  mutualKill,
  type Strike,
  unconverged,
} from "./checkers.ts";
import type { Machine } from "./machine.ts";

/** A script's release is bounded in the simulator: so many milliseconds are granted for settling after a partition. */
const releaseMax = 3000;

export class Judge {
  readonly hearing: Hearing;
  readonly #machines: ReadonlyMap<NodeName, Machine>;
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  readonly #viewOf: (node: NodeName) => View | undefined;
  readonly #handOvers: HandOvers;
  /** Every node can fence every other. */
  readonly #allArmed: boolean;
  readonly #strikes: Strike[] = [];
  #settling: number;
  /** How often anything began or ceased to be active, when we last looked; and whether anything was active twice then. */
  #activity = 0;
  #doubled = false;

  /** `machines`: those of the world, now and later; `groups`: see `namesByGroup`. */
  constructor(
    machines: ReadonlyMap<NodeName, Machine>,
    config: ClusterConfig,
    groups: ReadonlyMap<string, readonly string[]>,
    viewOf: (node: NodeName) => View | undefined,
  ) {
    this.#machines = machines;
    this.#groups = groups;
    this.#viewOf = viewOf;
    this.hearing = new Hearing(config.deadtime - 1.5 * config.keepalive);
    this.#allArmed = config.fencing.armed.length === config.nodes.length;
    const addressGroups = config.groups.filter(({ resources }) => resources.every(({ kind }) => kind === "address"));
    const keys = new Set(addressGroups.map(({ key }) => key));
    this.#handOvers = new HandOvers((group, from, to) => {
      const view = keys.has(group) ? viewOf(from)?.groups.find(({ key }) => key === group) : undefined;
      return view?.movingTo === to;
    });
    this.#settling = 2 * config.keepalive + releaseMax;
  }

  /** Milliseconds that an address was up on giver and taker, at most so far. */
  get longestHandOver(): number {
    return this.#handOvers.longest;
  }

  /** After a cut something may be active twice for so many milliseconds longer. */
  grant(duration: number): void {
    this.#settling += duration;
  }

  /** A device switched a node off. */
  struck(strike: Strike): string | undefined {
    this.#strikes.push(strike);
    return this.#allArmed ? mutualKill(this.#strikes) : undefined;
  }

  /** Whether anything runs there. */
  isActive(machine: Machine): boolean {
    return this.#activeOn(machine).activeGroups.size > 0;
  }

  /** Most of the time nothing is active twice anywhere, and then there is nothing to look at before that changes. */
  twice(now: number): string | undefined {
    let activity = 0;
    for (const { host } of this.#machines.values()) activity += host.changes;
    if (activity === this.#activity && !this.#doubled) return undefined;
    this.#activity = activity;
    const all = this.#all();
    this.#doubled = anythingTwice(all);
    this.#handOvers.look(all, now, (name) => (this.#machines.get(name)?.stalledUntil ?? 0) > now);
    return this.#allArmed
      ? activeAnywhereOnce(all, this.#handOvers, now)
      : activeOnce(this.#live(now), this.hearing, this.#handOvers, now, this.#settling);
  }

  /** What is not as it should be once all is calm; empty when every group runs exactly once. */
  unconverged(now: number): string[] {
    return unconverged(this.#live(now), [...this.#groups.keys()]);
  }

  /** Which running nodes do not see each other active; empty once all is calm. */
  strangers(): string[] {
    const running = [...this.#machines.values()].filter(({ node }) => node !== undefined).map(({ host }) => host.name);
    return running.flatMap((on) => {
      const table = this.#viewOf(on)?.nodes ?? [];
      const missing = running.filter((of) => table.find(({ name }) => name === of)?.status !== "active");
      const names = table.map(({ name }) => name);
      return [
        ...missing.map((of) => `${on} does not see ${of} active`),
        ...(new Set(names).size === names.length ? [] : [`${on} lists a node twice: ${names.join(" ")}`]),
      ];
    });
  }

  #live(now: number): LiveNode[] {
    return [...this.#machines.values()].flatMap((machine): LiveNode[] =>
      machine.node === undefined || machine.stalledUntil > now ? [] : [this.#activeOn(machine)],
    );
  }

  #all(): LiveNode[] {
    return [...this.#machines.values()].map((machine) => this.#activeOn(machine));
  }

  #activeOn({ host }: Machine): LiveNode {
    const active = [...this.#groups].filter(([, names]) => names.some((name) => host.active.has(name)));
    return { name: host.name, activeGroups: new Set(active.map(([key]) => key)) };
  }
}

/** Of each group, by its key: the names under which its resources are active. */
export const namesByGroup = ({ groups }: ClusterConfig): ReadonlyMap<string, readonly string[]> =>
  new Map(groups.map(({ key, resources }) => [key, resources.map(activeName)]));

const activeName = (resource: ClusterConfig["groups"][number]["resources"][number]): string =>
  resource.kind === "address" ? resource.address.ip : [resource.script, ...resource.args].join("::");
