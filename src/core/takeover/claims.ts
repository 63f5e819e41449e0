/**
 * Judges who may take a share that nobody holds, and when a claim to one is won.
 *
 * A claim needs the consent of every present successor. Whoever holds the share does not consent, nor does a claimant that is
 * nearer to its owner; everybody else does. So of two nodes that hear each other at most one ever starts a share, whatever each
 * of them believes of the rest of the cluster.
 */
import type { NodeName } from "../../base/units.ts";
import { heir } from "./ownership.ts";
import type { Peer } from "./peers.ts";
import type { Share, Shares } from "./shares.ts";

export class Claims {
  readonly #self: NodeName;
  readonly #nodes: readonly NodeName[];
  readonly #shares: Shares;
  readonly #peers: ReadonlyMap<NodeName, Peer>;

  constructor(self: NodeName, nodes: readonly NodeName[], shares: Shares, peers: ReadonlyMap<NodeName, Peer>) {
    this.#self = self;
    this.#nodes = nodes;
    this.#shares = shares;
    this.#peers = peers;
  }

  /** Another node that may have it active. */
  holder(owner: NodeName): Peer | undefined {
    return this.#all().find((peer) => peer.holds(owner, this.#nodes));
  }

  present(): Peer[] {
    return this.#all().filter((peer) => peer.present);
  }

  originals(): Peer[] {
    return this.present().filter((peer) => peer.original);
  }

  /** Whose consent a claim needs: also of those that are still starting. */
  electors(): Peer[] {
    return this.present().filter((peer) => !peer.original);
  }

  /** Among successors: is it ours to take a share that nobody holds? */
  isOurs(owner: NodeName): boolean {
    const peer = this.#peers.get(owner);
    if (peer?.present === true && !peer.reported) return false; // it has just started: its share waits for it
    return heir(owner, this.#nodes, (node) => this.#mayTake(node, owner)) === this.#self;
  }

  /** Beside an original: our own share, when the original is stable and does not hold it (quirk 19). Its own it takes itself. */
  isOursBesideOriginals(owner: NodeName): boolean {
    return owner === this.#self && this.originals().every((peer) => peer.reported && peer.active && peer.saysStable);
  }

  verdict(share: Share): "won" | "lost" | "open" {
    const rivals = this.#all().filter((peer) => peer.alive);
    const beaten = rivals.some(
      (peer) => peer.present && peer.state?.claims.has(share.owner) && this.#shares.precedes(peer.name, share.owner),
    );
    if (beaten || this.holder(share.owner) !== undefined) return "lost";
    const consents = (peer: Peer): boolean =>
      peer.state?.grants.some(
        ({ to, share: owner, term }) => to === this.#self && owner === share.owner && term === share.term,
      ) ?? false;
    return this.electors().every(consents) ? "won" : "open";
  }

  reason(owner: NodeName): string {
    if (owner === this.#self) return "it is ours and nobody holds it";
    const peer = this.#peers.get(owner);
    if (peer?.left || peer?.state?.leaving) return `${owner} has shut down`;
    if (peer?.alive !== true) return `${owner} is dead`;
    return peer.state?.yields.has(owner) ? `${owner} gave it up` : `nobody holds ${owner}'s resources`;
  }

  #mayTake(node: NodeName, share: NodeName): boolean {
    if (node === this.#self) return true;
    const peer = this.#peers.get(node);
    return peer?.willing === true && !(peer.state?.yields.has(share) ?? false);
  }

  #all(): Peer[] {
    return [...this.#peers.values()];
  }
}
