/**
 * Hosts outside the cluster that are asked whether they hear us: ping nodes. They are members that say nothing by themselves.
 *
 * With each of our status messages an echo request goes to every one of them, and what it carries is a signed message in the
 * ping node's own name: the echo is its heartbeat. A ping node is a member for displays, clients and the start, where it is waited
 * for as others are; it holds nothing, and nobody takes anything over because it died.
 *
 * Source: docs/reference/wire-protocol.md, sections 7.2 (`NS_st`), 9 and 11.5 to 11.7.
 * Deviations: an answer counts only on the medium that asked (quirk 90).
 */
import type { Instant, MediumName, Milliseconds, NodeName } from "../../base/units.ts";
import { nodeName } from "../../base/units.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { MediumConfig } from "../../media/medium.ts";
import { foldAscii } from "../../syntax/text.ts";
import { Liveness, type LivenessInput, type LivenessOutput } from "./liveness.ts";

type PingMedium = Extract<MediumConfig, { readonly kind: "ping" | "ping6" | "ping_group" }>;

/** A ping medium and the node that answers on it. */
export interface PingPath {
  readonly medium: MediumName;
  readonly kind: PingMedium["kind"];
  readonly node: NodeName;
}

export type PingStatus = "init" | "ping" | "dead";

export const isPingMedium = (medium: MediumConfig): medium is PingMedium => medium.kind.startsWith("ping");

/** As a member a ping node has the name of its line in lower case, as all nodes have. */
const pathOf = ({ name, kind }: PingMedium): PingPath => ({ medium: name, kind, node: nodeName(foldAscii(name)) });

export class PingNodes {
  /** What each medium asks; two lines may name the same host. */
  readonly paths: readonly PingPath[];
  /** In configuration order. */
  readonly names: readonly NodeName[];
  readonly deadtime: Milliseconds;
  readonly #liveness = new Liveness();
  readonly #status = new Map<NodeName, PingStatus>();

  constructor({ media, nodes, deadping }: Pick<ClusterConfig, "media" | "nodes" | "deadping">) {
    // A cluster node that is pinged, too, stays a cluster node.
    this.paths = media
      .filter(isPingMedium)
      .map(pathOf)
      .filter(({ node }) => !nodes.includes(node));
    this.names = [...new Set(this.paths.map(({ node }) => node))];
    this.deadtime = deadping;
    for (const node of this.names) this.#status.set(node, "init");
  }

  /** Undefined: not a ping node. */
  statusOf(node: NodeName): PingStatus | undefined {
    return this.#status.get(node);
  }

  mediumOf(node: NodeName): MediumName | undefined {
    return this.paths.find((path) => path.node === node)?.medium;
  }

  heardAt(node: NodeName): Instant | undefined {
    return this.#liveness.heardAt(node);
  }

  /** Does a message of this originator and kind belong to this medium? */
  answers(originator: NodeName, medium: MediumName, kind: string | undefined): boolean {
    return this.paths.some((path) => path.node === originator && path.medium === medium && path.kind === kind);
  }

  /** True if it was not known to be alive. */
  heard(node: NodeName, now: Instant): boolean {
    this.#liveness.step({ on: "heard", node, deadtime: this.deadtime }, now);
    const news = this.#status.get(node) !== "ping";
    this.#status.set(node, "ping");
    return news;
  }

  /** The deaths that this brings. */
  step(input: Exclude<LivenessInput, { readonly on: "heard" }>, now: Instant): readonly LivenessOutput[] {
    const deaths = this.#liveness.step(input, now);
    for (const { node } of deaths) this.#status.set(node, "dead");
    return deaths;
  }

  nextDeadline(): Instant | undefined {
    return this.#liveness.nextDeadline();
  }
}
