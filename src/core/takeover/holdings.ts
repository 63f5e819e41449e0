/**
 * Our own side of every unit: what we hold, want, give away or could not start, and what the others are told of it.
 *
 * Terms number the acquisitions across the cluster: each one counts higher than any that was seen, so that after a split the
 * older holder can be told from the newer. What is acquired or claimed in one step has one term, so that the `hb4` field names whole
 * shares in one word.
 */
import { invariant } from "../../base/invariant.ts";
import type { NodeName } from "../../base/units.ts";
import { termMax } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import type { KeptUnit } from "./language.ts";
import { heir } from "./ownership.ts";
import type { Peer } from "./peers.ts";
import type { Directed, SuccessorState } from "./successor.ts";
import type { UnitId, UnitSketch, UnitTable } from "./units.ts";
import { holdWord } from "./words.ts";

export type UnitState = "none" | "claiming" | "acquiring" | "held" | "releasing";

export interface Unit extends UnitSketch {
  state: UnitState;
  /** Of our last acquisition or claim. */
  term: number;
  /** We took it because its owner was away or could not start it: it is to go home. */
  needsFailback: boolean;
  /** We gave it to an original and leave it alone until that holds it. */
  yielded: boolean;
  /** The successor that we give it to, until it holds it. */
  giveTo: NodeName | undefined;
  /** Somebody else holds it, too: when that ends, the network is told again whose the addresses are. */
  contested: boolean;
  /** The term of a start that failed here. */
  failedAt: number | undefined;
  /** It was said that it runs nowhere because it starts nowhere. */
  downTold: boolean;
  because: string;
}

export class Holdings {
  readonly #self: NodeName;
  readonly #nodes: readonly NodeName[];
  readonly #units: ReadonlyMap<UnitId, Unit>;
  /** Why this node must not hold anything; undefined: it is fit. */
  unfit: string | undefined;
  /** The highest term seen anywhere. */
  #lastTerm = 0;
  #termOfStep: number | undefined;

  constructor(self: NodeName, nodes: readonly NodeName[], table: UnitTable) {
    this.#self = self;
    this.#nodes = nodes;
    const blank = {
      state: "none",
      term: 0,
      needsFailback: false,
      yielded: false,
      giveTo: undefined,
      contested: false,
      failedAt: undefined,
      downTold: false,
      because: "",
    } as const;
    this.#units = new Map(table.all.map((sketch): [UnitId, Unit] => [sketch.id, { ...sketch, ...blank }]));
  }

  of(id: UnitId): Unit {
    const unit = this.#units.get(id);
    invariant(unit !== undefined, `takeover: no unit ${id}`);
    return unit;
  }

  find(id: UnitId): Unit | undefined {
    return this.#units.get(id);
  }

  all(): Unit[] {
    return [...this.#units.values()];
  }

  /** All units of a share. */
  share(owner: NodeName): Unit[] {
    return this.all().filter((unit) => unit.owner === owner);
  }

  own(): Unit[] {
    return this.share(this.#self);
  }

  has(...states: readonly UnitState[]): boolean {
    for (const unit of this.#units.values()) if (states.includes(unit.state)) return true;
    return false;
  }

  /** A start or a stop is under way. */
  get busy(): boolean {
    return this.has("acquiring", "releasing");
  }

  /** What we claim, in the original's words: an intention while a start runs, given up when a release begins. */
  get word(): HoldWord {
    const mine = this.all().filter((unit) => unit.state === "acquiring" || unit.state === "held");
    return holdWord(
      mine.some((unit) => unit.owner === this.#self),
      mine.some((unit) => unit.owner !== this.#self),
    );
  }

  /** A term was seen in a peer's state. */
  saw(term: number): void {
    if (term <= termMax) this.#lastTerm = Math.max(this.#lastTerm, term);
  }

  beginStep(): void {
    this.#termOfStep = undefined;
  }

  nextTerm(unit: Unit): void {
    if (this.#termOfStep === undefined || this.#termOfStep < this.#lastTerm || this.#termOfStep <= unit.term)
      this.#termOfStep = ++this.#lastTerm;
    unit.term = this.#termOfStep;
  }

  /** For the next core. */
  memory(): KeptUnit[] {
    const kept: KeptUnit[] = [];
    for (const { id, state, term, needsFailback, failedAt, because } of this.#units.values()) {
      const lasting = state === "claiming" ? "none" : state;
      if (failedAt !== undefined) kept.push({ id, state: lasting, term, needsFailback, because, failedAt });
      else if (lasting !== "none") kept.push({ id, state: lasting, term, needsFailback, because });
    }
    return kept;
  }

  /** Units as the last core left them; what is not in the cluster any more is passed over. */
  recall(kept: readonly KeptUnit[]): Unit[] {
    return kept.flatMap(({ id, state, term, needsFailback, failedAt, because }) => {
      const unit = this.#units.get(id);
      if (unit === undefined) return [];
      this.saw(term);
      return [Object.assign(unit, { state, term, needsFailback, failedAt, because })];
    });
  }

  /** What goes into our `hb4` field of it. */
  statement(): Pick<SuccessorState, "holds" | "starting" | "claims" | "gives" | "failed" | "unfit"> {
    const holds = new Map<UnitId, number>();
    const starting = new Set<UnitId>();
    const claims = new Map<UnitId, number>();
    const gives = new Map<UnitId, NodeName>();
    const failed = new Map<UnitId, number>();
    for (const { id, state, term, giveTo, failedAt } of this.#units.values()) {
      if (state === "claiming") claims.set(id, term);
      else if (state !== "none") holds.set(id, term);
      if (state === "acquiring") starting.add(id);
      if (giveTo !== undefined) gives.set(id, giveTo);
      if (failedAt !== undefined) failed.set(id, failedAt);
    }
    return { holds, starting, claims, gives, failed, ...(this.unfit === undefined ? {} : { unfit: true }) };
  }

  /**
   * The claims of others that we agree to: of what we neither have nor want more than they may, or give to them, and what no third
   * node has that we hear, though the claimant may not. `mustBeOff`: a silent node that is to be fenced before anything is taken.
   */
  grants(peers: Iterable<Peer>, mustBeOff: (node: NodeName) => boolean): Directed[] {
    const grants: Directed[] = [];
    const all = [...peers];
    // It may run anything; whoever cannot fence it must wait, too. What the last process here knew of one that we never heard is lost.
    if (all.some((peer) => peer.unfenced || (!peer.known && mustBeOff(peer.name)))) return grants;
    for (const peer of all) {
      if (!peer.present) continue;
      for (const [id, term] of peer.state?.claims ?? [])
        if (this.#grants(this.#units.get(id), peer.name) && !heldByThird(id, peer, all))
          grants.push({ to: peer.name, unit: id, term });
    }
    return grants;
  }

  /** What we do not know we shall never hold. */
  #grants(unit: Unit | undefined, claimant: NodeName): boolean {
    if (unit === undefined || unit.state === "none") return true;
    if (unit.state === "claiming") return this.precedes(claimant, unit);
    return unit.state === "held" && overlaps(unit, claimant);
  }

  /** Of two claimants the one nearer to the owner in the succession wins. */
  precedes(node: NodeName, { owner }: Unit): boolean {
    return heir(owner, this.#nodes, (each) => each === node || each === this.#self) === node;
  }
}

/** Another node that lives has it, and does not give it to the claimant. */
const heldByThird = (id: UnitId, claimant: Peer, peers: readonly Peer[]): boolean =>
  peers.some(
    ({ alive, name, state }) =>
      alive && name !== claimant.name && state?.holds.has(id) === true && state.gives.get(id) !== claimant.name,
  );

/** It may be up on both nodes for the moment of its hand-over. */
export const overlaps = (unit: Unit, taker: NodeName): boolean => unit.addressOnly && unit.giveTo === taker;
