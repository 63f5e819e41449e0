/**
 * Judges who may take a unit that nobody holds or that its holder gives away, and when a claim to one is won.
 *
 * A claim needs the consent of every present successor, and of a holder that gives it to us. Any other holder does not
 * consent, nor does a claimant that is nearer to its owner; everybody else does. So of two nodes that hear each other at most one
 * ever starts a unit, whatever each of them believes of the rest of the cluster.
 */
import type { NodeName } from "../../base/units.ts";
import type { Holdings, Unit } from "./holdings.ts";
import { heir } from "./ownership.ts";
import type { Peer } from "./peers.ts";

export class Claims {
  readonly #self: NodeName;
  readonly #nodes: readonly NodeName[];
  readonly #holdings: Holdings;
  readonly #peers: ReadonlyMap<NodeName, Peer>;

  constructor(self: NodeName, nodes: readonly NodeName[], holdings: Holdings, peers: ReadonlyMap<NodeName, Peer>) {
    this.#self = self;
    this.#nodes = nodes;
    this.#holdings = holdings;
    this.#peers = peers;
  }

  /** Other nodes that may have it active. */
  holders(unit: Unit): Peer[] {
    return this.#all().filter((peer) => peer.holds(unit, this.#nodes));
  }

  holder(unit: Unit): Peer | undefined {
    return this.holders(unit)[0];
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

  /** Whoever has it gives it to us, or nobody has it. */
  isFree(unit: Unit): boolean {
    return this.holders(unit).every((peer) => peer.state?.gives.get(unit.id) === this.#self);
  }

  /** Whose consent is needed to take it. */
  consenting(unit: Unit): Peer[] {
    return [...new Set([...this.electors(), ...this.holders(unit)])];
  }

  /** Among successors: is it ours to take a unit that is free? */
  isOurs(unit: Unit): boolean {
    const given = this.#givenTo(unit);
    if (given !== undefined) return given === this.#self;
    const owner = this.#peers.get(unit.owner);
    if (owner?.present === true && !owner.reported && !owner.overdue) return false; // it has just started
    return heir(unit.owner, this.#nodes, (node) => this.mayTake(node, unit)) === this.#self;
  }

  /** Its giver has let go of it, or is about to, and waits for us to take it. */
  isGift(unit: Unit): boolean {
    return this.#givenTo(unit) === this.#self;
  }

  /** Beside an original: our own share, when the original is stable and does not hold it (quirk 19). Its own it takes itself. */
  isOursBesideOriginals({ owner }: Unit): boolean {
    return owner === this.#self && this.originals().every((peer) => peer.reported && peer.active && peer.saysStable);
  }

  verdict(unit: Unit): "won" | "lost" | "open" {
    const beaten = this.present().some(
      (peer) => peer.state?.claims.has(unit.id) && this.#holdings.precedes(peer.name, unit),
    );
    if ((beaten && !this.isGift(unit)) || !this.isFree(unit)) return "lost";
    const consents = (peer: Peer): boolean =>
      peer.state?.grants.some((g) => g.to === this.#self && g.unit === unit.id && g.term === unit.term) ?? false;
    return this.consenting(unit).every(consents) ? "won" : "open";
  }

  /** It is there, takes part, has not failed to start it, and nobody is fitter. */
  mayTake(node: NodeName, unit: Unit): boolean {
    return this.#isAble(node, unit) && !this.isBarred(node, unit);
  }

  /** It is not fit to hold anything, and a node that is could have it. Where none is, the unit is better there than nowhere. */
  isBarred(node: NodeName, unit: Unit): boolean {
    return !this.isFit(node) && this.#nodes.some((other) => this.isFit(other) && this.#isAble(other, unit));
  }

  isFit(node: NodeName): boolean {
    return node === this.#self ? this.#holdings.unfit === undefined : this.#peers.get(node)?.state?.unfit !== true;
  }

  #isAble(node: NodeName, unit: Unit): boolean {
    if (node === this.#self) return unit.failedAt === undefined;
    const peer = this.#peers.get(node);
    return peer?.willing === true && !(peer.state?.failed.has(unit.id) ?? false);
  }

  /** Where it should go when it leaves this node. */
  successorOf(unit: Unit): NodeName | undefined {
    return heir(unit.owner, this.#nodes, (node) => node !== this.#self && this.mayTake(node, unit));
  }

  reason(unit: Unit): string {
    const { owner } = unit;
    const giver = this.#all().find((peer) => peer.alive && peer.state?.gives.get(unit.id) === this.#self);
    if (giver !== undefined) return `${giver.name} gives it to us`;
    if (owner === this.#self) return "it is ours and nobody holds it";
    const peer = this.#peers.get(owner);
    if (peer?.left || peer?.state?.leaving) return `${owner} has shut down`;
    if (peer?.alive !== true) return `${owner} is dead`;
    return peer.state?.failed.has(unit.id) ? `${owner} could not start it` : `nobody holds it`;
  }

  /** The node that a giver, we or another, chose; undefined when there is none, or it cannot take it. */
  #givenTo(unit: Unit): NodeName | undefined {
    const givers = this.#all().filter((peer) => peer.alive && !peer.left);
    const chosen = [unit.giveTo, ...givers.map((peer) => peer.state?.gives.get(unit.id))];
    return chosen.find((node) => node !== undefined && this.mayTake(node, unit));
  }

  #all(): Peer[] {
    return [...this.#peers.values()];
  }
}
