/**
 * What must hold of services that are watched, in every simulated run: nothing is asked that is stopped or on its way, and what failed on a node is not
 * started there again before somebody has said that it may be.
 *
 * It knows what the machines do and what people order, not what the nodes think.
 */
import type { NodeName, OperationId } from "../base/units.ts";
import type { Effect } from "../core/effect.ts";

type RunAgent = Extract<Effect, { readonly do: "run-agent" }>;

interface Order {
  readonly name: string;
  readonly action: "start" | "stop";
}

/** A node that sleeps hears an order when it wakes, and forgives what has failed by then; in milliseconds. */
const allowedFor = 30_000;

export class ServiceRules {
  /** What is active when a group is. */
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  /** Starts and stops that have not ended, of each machine. */
  readonly #underWay = new Map<NodeName, Map<OperationId, Order>>();
  /** Groups that were given up on a node, and when. */
  readonly #failed = new Map<NodeName, Map<string, number>>();
  #allowedAt = Number.NEGATIVE_INFINITY;

  constructor(groups: ReadonlyMap<string, readonly string[]>) {
    this.#groups = groups;
  }

  /**
   * A script is about to be run. `active`: what it is about has been started and not stopped since; `stateOf`: what the node says of it.
   * What is wrong with that; undefined: nothing.
   */
  ordered(
    node: NodeName,
    { operation, action }: RunAgent,
    name: string,
    active: boolean,
    stateOf: () => string,
  ): string | undefined {
    const underWay = mapOf(this.#underWay, node);
    const other = [...underWay.values()].find((order) => order.name === name);
    if (other !== undefined) return `${node} orders ${name} ${action} while its ${other.action} is under way`;
    if (action !== "status") {
      underWay.set(operation, { name, action });
      return undefined;
    }
    if (active) return undefined;
    const state = stateOf();
    // Whoever starts or stops asks, too.
    return state === "starting" || state === "stopping" ? undefined : `${node} asks ${name}, which is ${state}`;
  }

  ended(node: NodeName, operation: OperationId): void {
    this.#underWay.get(node)?.delete(operation);
  }

  /** What a node has logged tells of its groups. What is wrong with it; undefined: nothing. */
  logged(node: NodeName, { id, text }: Extract<Effect, { readonly do: "log" }>, now: number): string | undefined {
    if (id === "giving-up-group") {
      const resource = text.replace(/^.* failure of /, "");
      for (const [group, names] of this.#groups)
        if (names.includes(resource)) mapOf(this.#failed, node).set(group, now);
    }
    return id === "acquiring-group" ? this.#acquiring(node, text.split(" ")[4] ?? "", now) : undefined;
  }

  #acquiring(node: NodeName, group: string, now: number): string | undefined {
    const at = this.#failed.get(node)?.get(group);
    if (at === undefined || at < this.#allowedAt + allowedFor) return undefined;
    const since = Math.round(now - at);
    return `${node} starts ${group} again, ${since} ms after it was given up there, and nobody has allowed it`;
  }

  /** Somebody orders something that may bring back what failed, wherever. */
  allowed(now: number): void {
    this.#failed.clear();
    this.#allowedAt = now;
  }

  /** A daemon starts that takes nothing over: it knows nothing of what failed, and what ran for the last one is nobody's. */
  startsAnew(node: NodeName): void {
    this.#underWay.delete(node);
    this.#failed.delete(node);
  }
}

function mapOf<K, V>(maps: Map<NodeName, Map<K, V>>, node: NodeName): Map<K, V> {
  const known = maps.get(node);
  if (known !== undefined) return known;
  const map = new Map<K, V>();
  maps.set(node, map);
  return map;
}
