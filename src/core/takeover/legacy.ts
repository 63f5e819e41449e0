/**
 * Beside an original in legacy mode (`auto_failback legacy`): every node asks for its own groups before it starts them, and gives up what
 * it is asked for. Such a node says neither what it holds nor when it is stable; what it asked for and got is all that is known of it.
 *
 * An answer means `you may start it`, so it is given when the group is down here, and not at all when it would not stop.
 * A question that came too early is lost, so ours is repeated until it is answered. In the other modes we ask, too, when an original
 * stays mute: the administrator of one node may have changed its mode and forgotten the other (quirk 54).
 *
 * Source: docs/reference/resources.md, sections 7 and 9.6.
 */
import type { NodeName } from "../../base/units.ts";
import type { TakeoverMessage } from "./language.ts";
import type { Peer } from "./peers.ts";

interface Request {
  readonly from: NodeName;
  readonly group: string;
  /** The share that it belongs to. */
  readonly owner: NodeName;
}

export class LegacyRequests {
  readonly #ownGroups: readonly string[];
  #pending: Request[] = [];

  /** `ownGroups`: keys of the groups to ask for. */
  constructor(ownGroups: readonly string[]) {
    this.#ownGroups = ownGroups;
  }

  /** To be answered when the share is down. */
  remember(request: Request): void {
    this.#pending.push(request);
  }

  forget(node: NodeName): void {
    this.#pending = this.#pending.filter(({ from }) => from !== node);
  }

  /** The release of a share ended: whom may we tell to go on? */
  released(owner: NodeName, clean: boolean): readonly Request[] {
    const requests = this.#pending.filter((request) => request.owner === owner);
    this.#pending = this.#pending.filter((request) => request.owner !== owner);
    return clean ? requests : [];
  }

  /** What is to be asked, again or for the first time: whatever one of these nodes has not answered. */
  questions(peers: readonly Peer[]): readonly TakeoverMessage[] {
    return this.#ownGroups
      .filter((group) => peers.some((peer) => !peer.answered.has(group)))
      .map((group) => ({ say: "release-request", group }));
  }

  /** A node answered. True: it has now given up everything of ours. */
  answered(peer: Peer, group: string): boolean {
    peer.answered.add(group);
    return this.#ownGroups.every((each) => peer.answered.has(each));
  }
}
