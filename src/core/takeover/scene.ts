/**
 * What the parts of the take-over work on together: our units, the other nodes, where we are in our life, and what goes out in this step.
 */

import { invariant } from "../../base/invariant.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import type { NodeName } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import type { HoldWord } from "../view.ts";
import { Claims } from "./claims.ts";
import { Holdings, type Unit } from "./holdings.ts";
import type { TakeoverConfig, TakeoverMessage, TakeoverOutput } from "./language.ts";
import { Peer } from "./peers.ts";
import type { Maintenance } from "./successor.ts";
import { type Phase, type PhaseEvent, transitions } from "./transitions.ts";
import { UnitTable } from "./units.ts";

export class Scene {
  readonly config: TakeoverConfig;
  readonly table: UnitTable;
  readonly holdings: Holdings;
  readonly peers: ReadonlyMap<NodeName, Peer>;
  readonly claims: Claims;
  phase: Phase = "init";
  leaving = false;
  /** We gave everything up because we slept, and that has not ended yet. */
  stalled = false;
  /** Nothing is started, stopped or moved. */
  maintenance: Maintenance = { count: 0, on: false };
  #out: TakeoverOutput[] = [];

  constructor(config: TakeoverConfig) {
    this.config = config;
    this.table = new UnitTable(config.nodes, config.groups ?? []);
    this.holdings = new Holdings(config.self, config.nodes, this.table);
    const others = config.nodes.filter((node) => node !== config.self);
    this.peers = new Map(others.map((node): [NodeName, Peer] => [node, new Peer(node)]));
    this.claims = new Claims(config.self, config.nodes, this.holdings, this.peers);
  }

  /** A step begins. Its outputs are read from what this returns when it has ended. */
  begin(): readonly TakeoverOutput[] {
    this.#out = [];
    this.holdings.beginStep();
    return this.#out;
  }

  emit(output: TakeoverOutput): void {
    this.#out.push(output);
  }

  get word(): HoldWord {
    return this.holdings.word;
  }

  /** An original is there: everything is decided share by share, in its words. */
  get besideOriginal(): boolean {
    return this.claims.originals().length > 0;
  }

  /** An original is there that may give all up and start anew: what it is given now nobody would have for a while. */
  get besideUncertain(): boolean {
    return this.claims.originals().some(({ mayStartAnew }) => mayStartAnew);
  }

  acquire(unit: Unit, because: string): void {
    if (unit.state === "acquiring" || unit.state === "held") return;
    if (unit.state === "releasing") return; // what is being stopped is started only once it is down
    if (unit.state !== "claiming") this.holdings.nextTerm(unit); // else: the term that was consented to
    const owner = this.peers.get(unit.owner);
    const absent = owner?.present !== true || owner.overdue || owner.state?.unfit === true;
    const homeless = absent || (owner?.state?.failed.has(unit.id) ?? false);
    unit.state = "acquiring";
    unit.yielded = false;
    unit.giveTo = undefined;
    unit.failedAt = undefined;
    unit.downTold = false;
    unit.needsFailback = unit.owner !== this.config.self && homeless;
    unit.because = because;
    this.emit({ is: "acquire", unit: unit.id, because });
  }

  release(unit: Unit, because: string, urgent = false): void {
    if (unit.state !== "acquiring" && unit.state !== "held") return;
    unit.state = "releasing";
    unit.needsFailback = false;
    unit.because = because;
    this.emit({ is: "release", unit: unit.id, because, urgent });
  }

  /** Somebody else has what we gave away: from now on the ordinary rules apply to it again. */
  heldElsewhere(unit: Unit | undefined, peer: Peer): void {
    if (unit === undefined) return;
    unit.yielded = false;
    unit.downTold = false;
    if (unit.state !== "none") return;
    unit.giveTo = undefined;
    unit.because = `${peer.name} holds it`;
  }

  /** How people call a unit. */
  nameOf({ group, owner }: Unit): string {
    return group?.key ?? `the share of ${owner}`;
  }

  reportOurs(): void {
    this.say({ say: "resource", held: this.word, stable: this.phase === "stable" });
  }

  move(event: PhaseEvent): void {
    const next = transitions[this.phase][event];
    invariant(next !== undefined, `takeover: no cell for ${event} in phase ${this.phase}`);
    this.phase = next;
  }

  peer(node: NodeName): Peer {
    const peer = this.peers.get(node);
    invariant(peer !== undefined, `takeover: ${node} is not a peer`);
    return peer;
  }

  say(message: TakeoverMessage): void {
    this.emit({ is: "say", message });
  }

  log(id: LogId, level: LogLevel, text: string, because?: string): void {
    this.emit({ is: "log", id, level, text, ...(because === undefined ? {} : { because }) });
  }

  /** A line about these units, which are mostly one. */
  logOf(units: readonly Unit[], id: LogId, level: LogLevel, text: string, because?: string): void {
    const [first, ...others] = units;
    const group = others.length === 0 ? first?.group?.key : undefined;
    this.emit({
      is: "log",
      id,
      level,
      text,
      ...(because === undefined ? {} : { because }),
      ...(group === undefined ? {} : { group }),
    });
  }
}
