/**
 * A whole cluster of the product's own nodes in virtual time.
 *
 * Real codec, real signatures, real decisions; only clock, network, scripts and addresses are played. Time jumps from event
 * to event, so that an hour of cluster life takes seconds, and everything random comes from one seed: a failing seed is a bug
 * report that can be replayed.
 */
import { unreachable } from "../base/exhaustive.ts";
import { Prng } from "../base/prng.ts";
import {
  generation,
  type Instant,
  instant,
  mediumName,
  milliseconds,
  type NodeName,
  type OperationId,
} from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Effect } from "../core/effect.ts";
import { noHosts } from "../core/enrolment.ts";
import type { Input, Now } from "../core/input.ts";
import { Node } from "../core/node.ts";
import type { OperatorOrder } from "../core/takeover/language.ts";
import type { View } from "../core/view.ts";
import { Estate } from "./estate.ts";
import { type Answer, Host } from "./host.ts";
import { Judge, namesByGroup } from "./judge.ts";
import type { Machine, Planned } from "./machine.ts";
import { isDone, type Mishap, mishapPatience, spoilt } from "./mishap.ts";
import { Network } from "./network.ts";
import { Operations, type Ordered } from "./operations.ts";
import { EventQueue } from "./queue.ts";
import { ServiceRules } from "./service-rules.ts";

export interface TraceLine {
  /** Milliseconds since the world began. */
  readonly at: number;
  readonly node: NodeName;
  readonly text: string;
}

/** From the end of one core to the first word of the next, in milliseconds. */
const successionTime = 700;
/** What a stall or a failing device began is over after this; in milliseconds. */
const calmAfter = 120_000;
/** A machine that was reset is back after so many milliseconds. */
const bootTakes = { least: 2000, most: 30_000 };

export class World {
  readonly network: Network;
  readonly trace: TraceLine[] = [];
  /** What all nodes together have put on the network; each is one datagram to everybody. */
  readonly traffic = { messages: 0, requests: 0, resent: 0 };
  /** How many operations all nodes together have ordered. */
  ordered = 0;
  readonly #configOf: (node: NodeName) => ClusterConfig;
  readonly #machines = new Map<NodeName, Machine>();
  readonly #queue = new EventQueue<Planned>();
  readonly #prng: Prng;
  readonly #judge: Judge;
  readonly #groups: readonly string[];
  readonly #operations = new Operations();
  #mishap: Mishap | undefined;
  readonly #sent = new WeakSet<Uint8Array>();
  #powerCyclesDue = 0;
  readonly #services: ServiceRules;
  #now = 0;

  /** All configurations describe the same cluster; they differ in `localNode`. */
  constructor(configOf: (node: NodeName) => ClusterConfig, nodes: readonly NodeName[], seed: number) {
    this.#prng = new Prng(seed);
    this.network = new Network(new Prng(this.#prng.integer(0, 2 ** 31)));
    this.#configOf = configOf;
    for (const name of nodes) {
      const host = new Host(name, new Prng(this.#prng.integer(0, 2 ** 31)));
      const estate = new Estate();
      this.#machines.set(name, {
        host,
        node: undefined,
        life: 0,
        stalledUntil: 0,
        stalledAt: Number.NEGATIVE_INFINITY,
        next: undefined,
        leaving: false,
        hosts: noHosts,
        waiting: [],
        estate,
      });
    }
    const [first] = nodes;
    if (first === undefined) throw new Error("a world needs a node");
    const config = configOf(first);
    const groups = namesByGroup(config);
    this.#groups = [...groups.keys()];
    this.#services = new ServiceRules(groups);
    this.#judge = new Judge(this.#machines, config, groups, (node) => this.view(node));
  }

  get now(): number {
    return this.#now;
  }

  /** Milliseconds that an address was up on giver and taker, at most so far. */
  get longestHandOver(): number {
    return this.#judge.longestHandOver;
  }

  host(name: NodeName): Host {
    return this.#machine(name).host;
  }

  /** Keys of all groups. */
  groups(): string[] {
    return [...this.#groups];
  }

  isUp(name: NodeName): boolean {
    return this.#machine(name).node !== undefined;
  }

  /** Machines that a device will still switch off, or that boot after it did, each as often as it will. */
  get powerCyclesDue(): number {
    return this.#powerCyclesDue;
  }

  isLeaving(name: NodeName): boolean {
    return this.#machine(name).leaving;
  }

  view(name: NodeName): View | undefined {
    return this.#machine(name).node?.view(this.#time());
  }

  /** Starts the daemon: a new process with the next generation, as after every start. */
  start(name: NodeName): void {
    const machine = this.#machine(name);
    if (machine.node !== undefined) return;
    machine.life++;
    const adopted = machine.estate.waiting ? machine.estate.adopt(this.#now) : undefined;
    if (adopted === undefined) {
      machine.host.restart();
      this.#services.startsAnew(name);
      machine.estate = new Estate();
    }
    machine.node = new Node({
      config: this.#configOf(name),
      identity: { uuid: uuidOf(name), generation: generation(1000 + machine.life) },
      seed: this.#prng.integer(0, 2 ** 31),
      version: "4.0.0-sim",
      pid: 1000 + machine.life,
      hosts: machine.hosts,
    });
    this.#say(name, adopted === undefined ? "starts" : "starts, and takes over what ran");
    if (adopted !== undefined) this.#operations.inherited(name, adopted.inherited.underWay, this.#now);
    this.#feed(machine, { on: "start", ...(adopted === undefined ? {} : { inherited: adopted.inherited }) });
    for (const input of adopted?.told ?? []) this.#scriptEnded(machine, input);
  }

  /** One operation is to fail. What it holds up for a while may be active twice for that long after a cut. */
  spoil(mishap: Mishap): void {
    this.#mishap = mishap;
    this.#judge.grant(mishapPatience(mishap.how));
  }

  /** The daemon's core alone: what it started runs on, until the runner gives it up. */
  die(name: NodeName): void {
    const machine = this.#machine(name);
    if (machine.node === undefined) return;
    this.#end(name, "loses its core");
    this.#orphan(machine, false);
  }

  /** The files have changed: the daemon makes room for one that has read them. */
  reload(name: NodeName): void {
    this.#deliver(this.#machine(name), { on: "restart" });
  }

  #orphan(machine: Machine, planned: boolean): void {
    const { estate, life } = machine;
    this.#queue.push(estate.orphaned(this.#now, planned), { is: "give-up", to: machine, estate, life });
  }

  /** Power off: the process, its services and its addresses are gone. */
  crash(name: NodeName): void {
    this.#end(name, "crashes");
    this.#machine(name).host.clear();
    this.#machine(name).estate = new Estate();
  }

  /** An orderly stop; it takes as long as it takes. */
  stop(name: NodeName): void {
    const machine = this.#machine(name);
    this.#say(name, "is asked to stop");
    machine.leaving = machine.node !== undefined;
    this.#deliver(machine, { on: "stop" });
  }

  /** The process does nothing for a while and then goes on as if nothing had been. */
  stall(name: NodeName, duration: number): void {
    const machine = this.#machine(name);
    if (machine.node === undefined) return;
    this.#say(name, `stalls for ${duration} ms`);
    machine.stalledUntil = Math.max(machine.stalledUntil, this.#now + duration);
    machine.stalledAt = machine.stalledUntil;
    this.#queue.push(machine.stalledUntil, { is: "wake", to: machine, life: machine.life });
  }

  /** A line on the control FIFO of a node. */
  control(name: NodeName, message: string): void {
    this.#services.allowed(this.#now); // a stand-by or a take-over tries again what failed
    this.#deliver(this.#machine(name), { on: "control-message", bytes: bytesOf(message) });
  }

  /** The operator says on a node that another is off. */
  confirm(name: NodeName, victim: string): void {
    this.#deliver(this.#machine(name), { on: "order", ticket: 0, order: { do: "fence-confirm", node: victim } });
  }

  /** What somebody types on a node. */
  order(name: NodeName, order: OperatorOrder): void {
    this.#say(name, `is ordered: ${Object.values(order).join(" ")}`);
    if (order.do === "cleanup") this.#services.allowed(this.#now);
    this.#deliver(this.#machine(name), { on: "order", ticket: 0, order });
  }

  /** Cuts the nodes into groups that do not hear each other. */
  partition(...groups: readonly (readonly NodeName[])[]): void {
    this.#say(undefined, `the network is cut: ${groups.map((group) => group.join(" ")).join(" | ")}`);
    for (const a of groups)
      for (const b of groups) if (a !== b) for (const x of a) for (const y of b) this.network.cut(x, y);
  }

  heal(): void {
    this.#say(undefined, "the network is whole");
    this.network.heal();
  }

  /** Lets time pass. The checkers look after every step and throw with what they found. */
  run(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      const due = this.#nextDeadline();
      const at = Math.min(this.#queue.nextAt ?? Number.POSITIVE_INFINITY, due?.at ?? Number.POSITIVE_INFINITY);
      if (at > end) break;
      this.#now = Math.max(this.#now, at);
      // What has arrived is looked at before deadlines are judged, as in the daemon's loop.
      if (this.#queue.nextAt !== undefined && this.#queue.nextAt <= this.#now) this.#happen(this.#queue.pop());
      else if (due !== undefined) this.#feed(due.machine, { on: "deadline" });
      this.check();
    }
    this.#now = end;
  }

  check(): void {
    const violation = this.#operations.overdue(this.#now, this.#isAwake) ?? this.#judge.twice(this.#now);
    if (violation !== undefined) this.#fail(violation);
  }

  readonly #isAwake = (name: NodeName): boolean => this.#machine(name).stalledUntil <= this.#now;

  #report(violation: string | undefined): void {
    if (violation !== undefined) this.#fail(violation);
  }

  /** What a node says of one of its resources. */
  #stateOf(name: NodeName, resource: string): string {
    const all = this.view(name)?.groups.flatMap(({ resources }) => resources) ?? [];
    return all.find(({ text }) => text === resource)?.state ?? "unknown";
  }

  #fail(violation: string): never {
    const tail = this.trace.slice(-40).map(({ at, node, text }) => `${(at / 1000).toFixed(3)} ${node} ${text}`);
    throw new Error(`at ${this.#now.toFixed(1)} ms: ${violation}\n${tail.join("\n")}`);
  }

  /** What is not as it should be once all is calm; empty when every group runs exactly once. */
  unconverged(): string[] {
    return this.#judge.unconverged(this.#now);
  }

  /** Which running nodes do not see each other active; empty once all is calm. */
  strangers(): string[] {
    return this.#judge.strangers();
  }

  #nextDeadline(): { readonly at: number; readonly machine: Machine } | undefined {
    let first: { readonly at: number; readonly machine: Machine } | undefined;
    for (const machine of this.#machines.values()) {
      const { next } = machine;
      if (next === undefined || machine.stalledUntil > this.#now) continue;
      if (first === undefined || next < first.at) first = { at: next, machine };
    }
    return first;
  }

  #happen(planned: Planned | undefined): void {
    if (planned === undefined) return;
    if (planned.is === "strike") return this.#strike(planned);
    if (planned.is === "boot") {
      this.#powerCyclesDue--;
      return this.start(planned.to.host.name);
    }
    if (planned.is === "script-ended") {
      if (planned.input.on === "agent-finished") this.#services.ended(planned.to.host.name, planned.input.operation);
      if (planned.estate !== planned.to.estate) return;
      if (planned.stopped !== undefined) planned.to.host.stopEnded(planned.stopped);
      return this.#scriptEnded(planned.to, planned.input);
    }
    if (planned.life !== planned.to.life) return;
    switch (planned.is) {
      case "give-up":
        if (planned.estate !== planned.to.estate) return;
        this.#say(planned.to.host.name, "gives up what its core held");
        planned.to.host.clear(); // at once, where real scripts take their time
        planned.to.estate = new Estate();
        return;
      case "follow":
        return this.start(planned.to.host.name);
      case "wake":
        return this.#wake(planned.to);
      case "input":
        if (planned.heartbeatOf !== undefined && planned.to.node !== undefined && planned.to.stalledUntil <= this.#now)
          this.#judge.hearing.received(planned.to.host.name, planned.heartbeatOf, this.#now);
        return this.#deliver(planned.to, planned.input);
      default:
        return unreachable(planned);
    }
  }

  #fence(machine: Machine, effect: Extract<Effect, { do: "fence" }>): void {
    const by = machine.host.name;
    const { victim } = effect;
    const answer = this.#outcome(by, effect, () => machine.host.askDevice(effect));
    const { after, input } = answer;
    const strikesAfter = "strikesAfter" in answer ? answer.strikesAfter : undefined;
    if (victim !== undefined && this.#judge.hearing.hears(by, victim, this.#now))
      this.#fail(`${by} fences ${victim}, which it hears`);
    // Before its answer: a device that says so has done it.
    if (victim !== undefined && strikesAfter !== undefined) {
      const to = this.#machine(victim);
      const heldThen = this.#judge.isActive(to);
      this.#queue.push(this.#now + strikesAfter, { is: "strike", to, by, orderedAt: this.#now, heldThen });
      this.#powerCyclesDue++;
    }
    this.#queue.push(this.#now + after, { is: "input", to: machine, life: machine.life, input });
  }

  #strike({ to, by, orderedAt, heldThen }: Extract<Planned, { is: "strike" }>): void {
    const { host, node } = to;
    this.#powerCyclesDue--;
    // Nothing keeps two apart whose devices fail, or of whom one slept: then both may be late.
    const orderly = [to, this.#machine(by)].every(
      (each) =>
        each.stalledAt + calmAfter < this.#now && each.host.faults.fenceFails + each.host.faults.fenceHangs === 0,
    );
    const held = orderly && heldThen;
    this.#say(host.name, `loses its power, by ${by}`);
    host.clear();
    to.estate = new Estate();
    if (node === undefined) return;
    this.#report(this.#judge.struck({ by, victim: host.name, orderedAt, struckAt: this.#now, held }));
    this.crash(host.name);
    this.#queue.push(this.#now + this.#prng.integer(bootTakes.least, bootTakes.most), { is: "boot", to });
    this.#powerCyclesDue++;
  }

  #scriptEnded(machine: Machine, input: Input): void {
    if (input.on !== "agent-finished") return;
    const told = machine.estate.ended(input.operation, input);
    if (told !== undefined) this.#deliver(machine, told);
  }

  #deliver(machine: Machine, input: Input): void {
    if (machine.node === undefined) return;
    if (machine.stalledUntil > this.#now) machine.waiting.push(input);
    else this.#feed(machine, input);
  }

  #wake(machine: Machine): void {
    if (machine.node === undefined || machine.stalledUntil > this.#now) return;
    const deadline = machine.node.nextDeadline();
    const late = deadline === undefined ? 0 : this.#now - deadline;
    const { keepalive } = this.#configOf(machine.host.name);
    if (late > keepalive) this.#feed(machine, { on: "stalled", late: milliseconds(late) });
    for (const input of machine.waiting.splice(0)) if (machine.node !== undefined) this.#feed(machine, input);
  }

  #feed(machine: Machine, input: Input): void {
    const { node } = machine;
    if (node === undefined) return;
    const violation = this.#operations.told(machine.host.name, input);
    if (violation !== undefined) this.#fail(violation);
    const effects = node.step(input, this.#time());
    if (input.on === "order") this.#answeredOnce(input.ticket, effects);
    for (const effect of effects) if (machine.node === node) this.#perform(machine, effect); // a machine that restarts does nothing more
    machine.next = machine.node?.nextDeadline();
  }

  #answeredOnce(ticket: number, effects: readonly Effect[]): void {
    const answers = effects.filter((effect) => effect.do === "answer-order" && effect.ticket === ticket);
    if (answers.length !== 1) this.#fail(`an order was answered ${answers.length} times`);
  }

  /** What comes of an operation: what the host makes of it, or the one mishap of this run. */
  #outcome<A extends Answer>(by: NodeName, effect: Ordered, ask: () => A): A | (Answer & { readonly undone: true }) {
    const violation = this.#operations.ordered(by, effect, this.#now);
    if (violation !== undefined) this.#fail(violation);
    this.ordered++;
    if (this.#mishap === undefined || this.#mishap.nth !== this.ordered) return ask();
    const { how } = this.#mishap;
    this.#say(by, `operation ${this.ordered} of this world goes wrong: ${how}`);
    return isDone(effect, how) ? { ...ask(), ...spoilt(effect, how) } : { ...spoilt(effect, how), undone: true };
  }

  #perform(machine: Machine, effect: Effect): void {
    const self = machine.host.name;
    const plan = (after: number, input: Input): void =>
      this.#queue.push(this.#now + after, { is: "input", to: machine, life: machine.life, input });
    switch (effect.do) {
      case "transmit":
        return this.#transmit(machine, effect.bytes);
      case "run-agent": {
        const name = [effect.script, ...effect.args].join("::");
        const active = machine.host.active.has(name);
        this.#report(this.#services.ordered(self, effect, name, active, () => this.#stateOf(self, name)));
        if (effect.action !== "status") this.#say(self, `run ${name} ${effect.action}`);
        const answer = this.#outcome(self, effect, () => machine.host.runAgent(effect));
        const stopped = effect.action === "stop" && !("undone" in answer) ? name : undefined;
        return this.#script(machine, effect.operation, answer, stopped);
      }
      case "probe": {
        const answer = this.#outcome(self, effect, () => machine.host.probe(effect));
        return this.#script(machine, effect.operation, answer, undefined);
      }
      case "address": {
        this.#say(self, `address ${effect.address.ip} ${effect.action}`);
        return plan(0, this.#outcome(self, effect, () => machine.host.address(effect)).input);
      }
      case "log":
        if (effect.level !== "debug") this.#say(self, `${effect.level}: ${effect.text}`);
        this.#report(this.#services.logged(self, effect, this.#now));
        return;
      case "look-around": // there is one network, and nothing else on it
        return plan(0, { on: "looked-around", sightings: [] });
      case "keep-hosts":
        machine.hosts = { known: effect.known, deleted: effect.deleted };
        return;
      case "reboot":
        this.#say(self, `restarts its machine: ${effect.reason}`);
        return this.crash(self);
      case "fence":
        return this.#fence(machine, effect);
      case "exit":
        return this.#end(self, "is down");
      case "keep": {
        // As the runner gets it: nothing of it may be shared with the core that is about to end.
        machine.estate.keepsake = structuredClone(effect.keepsake);
        return;
      }
      case "beat":
        machine.estate.beat = { at: this.#now, patience: effect.patience };
        return;
      case "succession":
        this.#end(self, "makes room for the next core");
        this.#orphan(machine, true);
        this.#queue.push(this.#now + successionTime, { is: "follow", to: machine, life: machine.life });
        return;
      case "pat-watchdog":
      case "fence-cancel": // what a device was told cannot be called back
      case "pass-on": // one network joins all nodes of this world
      case "ping": // nobody outside the cluster lives in this world
      case "announce":
      case "answer-order":
      case "guard":
      case "notify":
      case "tell-event":
      case "open-clients":
      case "client-send":
      case "client-close":
      case "pause-clients":
      case "resume-clients":
      case "client-signal":
      case "start-child":
      case "signal-child":
        return;
      default:
        return unreachable(effect);
    }
  }

  #script(machine: Machine, operation: OperationId, { after, input }: Answer, stopped: string | undefined): void {
    const { estate } = machine;
    estate.ordered(operation);
    this.#queue.push(this.#now + after, { is: "script-ended", to: machine, estate, stopped, input });
  }

  #transmit(machine: Machine, bytes: Uint8Array): void {
    const self = machine.host.name;
    const again = this.#sent.has(bytes); // a retransmission is the very same bytes
    const head = headOf(bytes);
    const fresh = !again && head.includes("t=status"); // only heartbeats prove life; acknowledgements and the like do not
    this.traffic.messages++;
    if (again) this.traffic.resent++;
    else if (head.includes("t=NS_rexmit")) this.traffic.requests++;
    this.#sent.add(bytes);
    if (head.includes("t=shutdone") && machine.host.active.size > 0)
      this.#fail(`${self} says goodbye while ${[...machine.host.active].join(" ")} still runs`);
    const input: Input = { on: "datagram", medium: mediumName("eth0"), bytes };
    for (const to of this.#machines.values())
      for (const delay of this.network.arrivals(self, to.host.name))
        this.#queue.push(this.#now + delay, {
          is: "input",
          to,
          life: to.life,
          input,
          ...(fresh ? { heartbeatOf: self } : {}),
        });
  }

  #end(name: NodeName, how: string): void {
    const machine = this.#machine(name);
    if (machine.node === undefined) return;
    machine.node = undefined;
    machine.next = undefined;
    machine.leaving = false;
    this.#operations.forget(name);
    machine.life++;
    machine.waiting = [];
    machine.stalledUntil = 0;
    this.#judge.hearing.forget(name);
    this.#say(name, how);
  }

  #machine(name: NodeName): Machine {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Error(`no node ${name} in this world`);
    return machine;
  }

  #say(node: NodeName | undefined, text: string): void {
    this.trace.push({ at: this.#now, node: node ?? ("*" as NodeName), text });
  }

  #time(): Now {
    return { instant: this.#instant(), wallSeconds: 1_700_000_000 + Math.floor(this.#now / 1000), load: "n/a" };
  }

  #instant(): Instant {
    return instant(this.#now);
  }
}

/** So much of a datagram that the type of its message stands in it. */
const headOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 24));

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Stable across restarts and different for each name. */
function uuidOf(name: NodeName): Uint8Array {
  const prng = new Prng([...name].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7));
  return Uint8Array.from({ length: 16 }, () => prng.integer(0, 255));
}
