/**
 * Who is in the cluster and what each of them last said of itself.
 *
 * The table is the original's: nodes in the order of ha.cf, ping nodes and this node among them, and behind them whoever came later.
 */
import type { Prng } from "../../base/prng.ts";
import { type Milliseconds, type NodeName, type Seq, seq } from "../../base/units.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Acknowledgement } from "../../wire/kinds.ts";
import { Acknowledge } from "../delivery/acknowledge.ts";
import { HeldNotices } from "../delivery/held-notices.ts";
import { SeqTrack } from "../delivery/seqtrack.ts";
import type { KeptPatience } from "../keepsake.ts";
import { parseSuccessor, type SuccessorState } from "../takeover/successor.ts";
import type { UnitTable } from "../takeover/units.ts";
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
  /** The `hb4` field of its newest status; undefined: an original, or nothing was heard. */
  successor: string | undefined;
  /** What the field was last read to say. */
  #read: { readonly text: string; readonly state: SuccessorState | undefined } | undefined;
  readonly track: SeqTrack;
  readonly acknowledge: Acknowledge;
  readonly notices = new HeldNotices();

  /** `track`: of the same node under another name. */
  constructor(name: NodeName, deadtime: Milliseconds, prng: Prng, track = new SeqTrack()) {
    this.name = name;
    this.deadtime = deadtime;
    this.acknowledge = new Acknowledge(prng);
    this.track = track;
  }

  /** From one heartbeat to the next it mostly says the same. */
  stateOf(text: string, units: UnitTable): SuccessorState | undefined {
    if (this.#read?.text !== text) this.#read = { text, state: parseSuccessor(text, units) };
    return this.#read.state;
  }
}

export class Roster {
  readonly #self: NodeName;
  readonly #deadtime: Milliseconds;
  readonly #prng: Prng;
  readonly #members: Map<NodeName, Member>;
  #table: readonly NodeName[];
  #changes = 0;

  constructor(
    { localNode, nodes, nodeTable, deadtime }: Pick<ClusterConfig, "localNode" | "nodes" | "nodeTable" | "deadtime">,
    prng: Prng,
  ) {
    this.#self = localNode;
    this.#deadtime = deadtime;
    this.#prng = prng;
    this.#table = nodeTable;
    const others = nodes.filter((node) => node !== localNode);
    this.#members = new Map(others.map((name) => [name, new Member(name, deadtime, prng)]));
  }

  /** All names: cluster nodes, this one among them, and ping nodes. */
  get table(): readonly NodeName[] {
    return this.#table;
  }

  /** The cluster nodes of the table, this one among them. */
  get nodes(): NodeName[] {
    return this.#table.filter((name) => name === this.#self || this.#members.has(name));
  }

  get(name: NodeName): Member | undefined {
    return this.#members.get(name);
  }

  /** The node with this identity, whatever its name. */
  withUuid(uuid: Uint8Array): Member | undefined {
    return this.all().find((each) => each.uuid !== undefined && sameBytes(uuid, each.uuid));
  }

  /** What we have of other successors and did not tell them; from now on it is told. */
  acknowledgements(): Acknowledgement[] {
    return this.all().flatMap(({ acknowledge, name: originator, successor }) => {
      const upTo = successor === undefined ? undefined : acknowledge.byTheWay();
      return upTo === undefined ? [] : [{ originator, upTo }];
    });
  }

  /** The others, in the order of the table. */
  all(): Member[] {
    return this.#table.flatMap((name) => this.#members.get(name) ?? []);
  }

  /** Grows with whatever changes of the patience that somebody asks for. */
  get changes(): number {
    return this.#changes;
  }

  /** For the next core: who asks for another patience than we do. */
  patience(): KeptPatience[] {
    return this.all().flatMap(({ name, deadtime }) => (deadtime === this.#deadtime ? [] : [{ node: name, deadtime }]));
  }

  setPatience(node: NodeName, deadtime: Milliseconds): void {
    const member = this.#members.get(node);
    if (member === undefined || member.deadtime === deadtime) return;
    member.deadtime = deadtime;
    this.#changes++;
  }

  /** Behind all others; the name must not be in the table yet. */
  add(name: NodeName): Member {
    const member = new Member(name, this.#deadtime, this.#prng);
    this.#members.set(name, member);
    this.#table = [...this.#table, name];
    return member;
  }

  remove(name: NodeName): void {
    if (this.#members.delete(name)) this.#table = this.#table.filter((each) => each !== name);
  }

  /** The same node, in the same place, under another name: what was said in its old one still proves what is a replay. */
  rename(before: Member, name: NodeName): Member {
    const member = new Member(name, before.deadtime, this.#prng, before.track);
    member.uuid = before.uuid;
    member.status = before.status;
    member.lastStatus = before.lastStatus;
    this.#members.delete(before.name);
    this.#members.set(name, member);
    this.#table = this.#table.map((each) => (each === before.name ? name : each));
    return member;
  }
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
