/**
 * Our own side of every share: what we hold, want, or are giving up, and what the others are told of it.
 *
 * Terms number the acquisitions of a share across the cluster: each one counts higher than any that was seen, so that after a
 * split the older holder can be told from the newer.
 */
import { invariant } from "../../base/invariant.ts";
import type { NodeName } from "../../base/units.ts";
import { termMax } from "../limits.ts";
import type { HoldWord } from "../view.ts";
import { heir } from "./ownership.ts";
import type { Peer } from "./peers.ts";
import type { Grant, SuccessorState } from "./successor.ts";
import { holdWord } from "./words.ts";

export type ShareState = "none" | "claiming" | "acquiring" | "held" | "releasing";

export interface Share {
  readonly owner: NodeName;
  state: ShareState;
  /** Of our last acquisition or claim. */
  term: number;
  /** The highest term seen anywhere. */
  lastTerm: number;
  /** We took it because its owner was away: it is to go home. */
  needsFailback: boolean;
  /** We gave it away and leave it to others until one of them holds it. */
  yielded: boolean;
  /** Somebody else holds it, too: when that ends, the network is told again whose the addresses are. */
  contested: boolean;
  because: string;
}

export class Shares {
  readonly #self: NodeName;
  readonly #nodes: readonly NodeName[];
  readonly #shares: ReadonlyMap<NodeName, Share>;

  constructor(self: NodeName, nodes: readonly NodeName[]) {
    this.#self = self;
    this.#nodes = nodes;
    const blank = {
      state: "none",
      term: 0,
      lastTerm: 0,
      needsFailback: false,
      yielded: false,
      contested: false,
      because: "",
    } as const;
    this.#shares = new Map(nodes.map((owner): [NodeName, Share] => [owner, { owner, ...blank }]));
  }

  of(owner: NodeName): Share {
    const share = this.#shares.get(owner);
    invariant(share !== undefined, `takeover: no share of ${owner}`);
    return share;
  }

  find(owner: NodeName): Share | undefined {
    return this.#shares.get(owner);
  }

  all(): Share[] {
    return [...this.#shares.values()];
  }

  owners(): NodeName[] {
    return [...this.#shares.keys()];
  }

  has(...states: readonly ShareState[]): boolean {
    return this.all().some((share) => states.includes(share.state));
  }

  /** A start or a stop is under way. */
  get busy(): boolean {
    return this.has("acquiring", "releasing");
  }

  /** What we claim, in the original's words: an intention while a start runs, given up when a release begins. */
  get word(): HoldWord {
    const mine = this.all().filter((share) => share.state === "acquiring" || share.state === "held");
    return holdWord(
      mine.some((share) => share.owner === this.#self),
      mine.some((share) => share.owner !== this.#self),
    );
  }

  /** A term was seen in a peer's state. */
  saw(owner: NodeName, term: number): void {
    const share = this.#shares.get(owner);
    if (share !== undefined && term <= termMax) share.lastTerm = Math.max(share.lastTerm, term);
  }

  nextTerm(share: Share): void {
    share.term = share.lastTerm + 1;
    share.lastTerm = share.term;
  }

  /** What goes into our `hb4` field of it. */
  statement(): Pick<SuccessorState, "holds" | "claims" | "yields"> {
    const termsOf = (...states: readonly ShareState[]): Map<NodeName, number> =>
      new Map(this.all().flatMap((s) => (states.includes(s.state) ? [[s.owner, s.term] as const] : [])));
    return {
      holds: termsOf("acquiring", "held", "releasing"),
      claims: termsOf("claiming"),
      yields: new Set(this.all().flatMap((share) => (share.yielded ? [share.owner] : []))),
    };
  }

  /** The claims of others that we agree to: of what we neither have nor want more than they may. */
  grants(peers: Iterable<Peer>): Grant[] {
    const grants: Grant[] = [];
    for (const peer of peers) {
      if (!peer.present) continue;
      for (const [owner, term] of peer.state?.claims ?? []) {
        const state = this.#shares.get(owner)?.state;
        if (state === "none" || (state === "claiming" && this.precedes(peer.name, owner)))
          grants.push({ to: peer.name, share: owner, term });
      }
    }
    return grants;
  }

  /** Of two claimants the one nearer to the owner in the succession wins. */
  precedes(node: NodeName, owner: NodeName): boolean {
    return heir(owner, this.#nodes, (each) => each === node || each === this.#self) === node;
  }
}
