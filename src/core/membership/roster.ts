/** Who is in the cluster and what each of them last said of itself. */
import type { Prng } from "../../base/prng.ts";
import { type Milliseconds, type NodeName, type Seq, seq } from "../../base/units.ts";
import { Acknowledge } from "../delivery/acknowledge.ts";
import { SeqTrack } from "../delivery/seqtrack.ts";
import type { NodeStatus } from "../view.ts";

export class Member {
  readonly name: NodeName;
  status: NodeStatus = "init";
  /** 16 bytes; undefined until heard. */
  uuid: Uint8Array | undefined;
  /** The patience it asks us for (field `dt`). */
  deadtime: Milliseconds;
  /** The newest status heard of it; a late older one must not undo it. */
  lastStatus: Seq = seq(0);
  readonly track = new SeqTrack();
  readonly acknowledge: Acknowledge;

  constructor(name: NodeName, deadtime: Milliseconds, prng: Prng) {
    this.name = name;
    this.deadtime = deadtime;
    this.acknowledge = new Acknowledge(prng);
  }
}

export class Roster {
  readonly #members: ReadonlyMap<NodeName, Member>;

  constructor(names: readonly NodeName[], deadtime: Milliseconds, prng: Prng) {
    this.#members = new Map(names.map((name) => [name, new Member(name, deadtime, prng)]));
  }

  get(name: NodeName): Member | undefined {
    return this.#members.get(name);
  }

  /** Configuration order. */
  all(): Member[] {
    return [...this.#members.values()];
  }
}
