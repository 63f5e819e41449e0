/**
 * What an operator orders: try again what did not start, move a group, leave everything as it is.
 *
 * An order may be given on any node. It travels as a state in the `hb4` field until it has had its effect, so it survives lost
 * messages and does not happen twice: a wish to move names the acquisition that it is to end, a cleanup the terms that it forgives,
 * maintenance counts its changes (quirk 144).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { wishMax } from "../limits.ts";
import type { Unit } from "./holdings.ts";
import type { OperatorAnswer, OperatorOrder } from "./language.ts";
import type { Moves } from "./moves.ts";
import type { Peer } from "./peers.ts";
import type { Scene } from "./scene.ts";
import type { Directed, SuccessorState } from "./successor.ts";
import type { UnitId } from "./units.ts";

export class Orders {
  readonly #scene: Scene;
  readonly #moves: Moves;
  readonly #wishes = new Map<UnitId, Directed>();
  readonly #limits = new Deadlines<UnitId>();
  readonly #cleaned = new Map<UnitId, number>();

  constructor(scene: Scene, moves: Moves) {
    this.#scene = scene;
    this.#moves = moves;
  }

  nextDeadline(): Instant | undefined {
    return this.#limits.next();
  }

  statement(): Pick<SuccessorState, "wants" | "cleaned" | "maintenance"> {
    return {
      wants: [...this.#wishes.values()],
      cleaned: this.#cleaned,
      maintenance: this.#scene.maintenance,
    };
  }

  deadline(now: Instant): void {
    for (const id of this.#limits.due(now)) this.#wishes.delete(id);
  }

  obey(order: OperatorOrder, now: Instant): OperatorAnswer {
    switch (order.do) {
      case "cleanup":
        return this.#cleanup(order.group);
      case "move":
        return this.#move(order.group, order.to, now);
      case "maintenance":
        return this.#maintain(order.on);
      default:
        return unreachable(order);
    }
  }

  /** It failed here, and may be started again. */
  allow(unit: Unit, because: string): void {
    if (unit.failedAt === undefined) return;
    unit.failedAt = undefined;
    unit.downTold = false;
    this.#scene.emit({ is: "forgiven", unit: unit.id });
    this.#scene.logOf([unit], "cleanup", "info", `${this.#scene.nameOf(unit)} may be started here again.`, because);
  }

  /** What another node's status says of orders given there. */
  heard(peer: Peer, state: SuccessorState): void {
    for (const [id, term] of state.cleaned) {
      const unit = this.#scene.holdings.find(id);
      if (unit?.failedAt !== undefined && unit.failedAt <= term) this.allow(unit, `${peer.name} said so`);
    }
    const { count, on } = state.maintenance;
    const ours = this.#scene.maintenance;
    if (count > ours.count || (count === ours.count && on && !ours.on)) {
      this.#scene.maintenance = { count, on };
      if (on !== ours.on) this.#tellMaintenance(`ordered on ${peer.name} or earlier`);
    }
  }

  /** Which orders have had their effect, and which wishes of others are ours to grant. */
  consider(now: Instant): void {
    for (const [id, { term }] of this.#wishes) {
      const holder = this.#scene.claims.holder(this.#scene.holdings.of(id));
      if (holder?.state?.holds.get(id) !== term) this.#wishes.delete(id);
    }
    const peers = [...this.#scene.peers.values()].filter((peer) => peer.alive);
    for (const [id, term] of this.#cleaned)
      if (peers.every((peer) => (peer.state?.failed.get(id) ?? Number.POSITIVE_INFINITY) > term))
        this.#cleaned.delete(id);
    if (this.#scene.maintenance.on || this.#scene.besideOriginal) return;
    for (const peer of peers)
      for (const { unit: id, to, term } of peer.state?.wants ?? []) {
        const unit = this.#scene.holdings.find(id);
        if (unit?.state !== "held" || unit.term !== term || unit.giveTo !== undefined) continue;
        if (to !== this.#scene.config.self && this.#scene.claims.mayTake(to, unit))
          this.#moves.give(unit, to, `an operator on ${peer.name} moves it`, now);
      }
  }

  #cleanup(key: string | undefined): OperatorAnswer {
    const units = key === undefined ? this.#scene.holdings.all() : this.#named(key);
    if (units.length === 0) return this.#noSuchGroup(key ?? "");
    const cleaned = units.filter((unit) => {
      const terms = [...this.#scene.peers.values()].flatMap(({ state }) => state?.failed.get(unit.id) ?? []);
      if (terms.length > 0) this.#cleaned.set(unit.id, Math.max(...terms));
      if (unit.failedAt !== undefined) this.allow(unit, "an operator said so");
      else if (terms.length === 0) return false;
      return true;
    });
    const names = cleaned.map((unit) => this.#scene.nameOf(unit));
    if (names.length > 0) return { ok: true, says: `${names.join(", ")}: may be started again on every node` };
    return { ok: true, says: key === undefined ? "nothing has failed" : `${key}: it has not failed` };
  }

  #move(key: string, wanted: string | undefined, now: Instant): OperatorAnswer {
    const { config, claims, maintenance, phase } = this.#scene;
    const [unit] = this.#named(key);
    if (unit === undefined) return this.#noSuchGroup(key);
    const [original] = claims.originals();
    if (original !== undefined)
      return no(
        `${original.name} runs 3.0.6 and cannot be told of one group: hb_standby and hb_takeover move all groups of a node`,
      );
    if (maintenance.on) return no("maintenance is on: heartbeat maintenance off lets groups move again");
    if (phase === "shutdown") return no("heartbeat is stopping here");
    const here = unit.state === "held" || unit.state === "acquiring";
    const holder = here ? config.self : claims.holder(unit)?.name;
    if (holder === undefined) return no(`${key} runs nowhere: heartbeat status says why`);
    if (wanted === holder) return { ok: true, says: `${key} is on ${holder} already`, to: holder };
    const to = wanted === undefined ? this.#next(unit, holder) : config.nodes.find((node) => node === wanted);
    if (to === undefined)
      return no(
        wanted === undefined ? `no other node can take ${key}` : `no node ${wanted}: ${config.nodes.join(", ")}`,
      );
    if (!claims.mayTake(to, unit)) return no(this.#unwilling(to, unit, key));
    if (here && unit.state !== "held") return no(`${key} is starting here: try again when it is up`);
    if (this.#moves.isPromised(unit) && unit.giveTo !== to)
      return no(`${key} is moving to ${unit.giveTo}: try again when it is there`);
    if (here) this.#moves.give(unit, to, "an operator moves it", now);
    else {
      const term = claims.holder(unit)?.state?.holds.get(unit.id) ?? 0;
      this.#wishes.set(unit.id, { unit: unit.id, to, term });
      this.#limits.set(unit.id, after(now, wishMax));
    }
    return { ok: true, says: `${key} moves from ${holder} to ${to}`, to };
  }

  #next(unit: Unit, holder: NodeName): NodeName | undefined {
    const { claims, config } = this.#scene;
    const start = config.nodes.indexOf(unit.owner);
    const order = [...config.nodes.slice(start), ...config.nodes.slice(0, start)];
    return order.find((node) => node !== holder && claims.mayTake(node, unit));
  }

  #unwilling(node: NodeName, unit: Unit, key: string): string {
    const failed =
      node === this.#scene.config.self
        ? unit.failedAt !== undefined
        : this.#scene.peer(node).state?.failed.has(unit.id);
    if (failed) return `${key} did not start on ${node}: heartbeat cleanup ${key}, then move it`;
    return this.#scene.claims.isBarred(node, unit)
      ? `${node} is not fit to hold anything: heartbeat status there says why`
      : `${node} takes nothing now`;
  }

  #maintain(on: boolean): OperatorAnswer {
    const { maintenance } = this.#scene;
    if (maintenance.on === on) return { ok: true, says: `maintenance is ${on ? "on" : "off"} already` };
    this.#scene.maintenance = { count: maintenance.count + 1, on };
    this.#tellMaintenance("an operator said so");
    const [original] = this.#scene.claims.originals();
    const but = on && original !== undefined ? `; ${original.name} runs 3.0.6 and is not bound by it` : "";
    return { ok: true, says: `maintenance is ${on ? "on" : "off"}${but}` };
  }

  #tellMaintenance(because: string): void {
    const text = this.#scene.maintenance.on
      ? "Maintenance: nothing is started, stopped or moved until heartbeat maintenance off."
      : "Maintenance has ended.";
    this.#scene.log("maintenance", "warn", text, because);
  }

  #named(key: string): Unit[] {
    return this.#scene.holdings.all().filter((unit) => unit.group?.key === key);
  }

  #noSuchGroup(key: string): OperatorAnswer {
    const keys = this.#scene.holdings.all().flatMap((unit) => unit.group?.key ?? []);
    return no(`no group ${key}; groups: ${keys.slice(0, 20).join(", ") || "none"}`);
  }
}

const no = (says: string): OperatorAnswer => ({ ok: false, says });
