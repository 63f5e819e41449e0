/**
 * The machine around a simulated node: its scripts, its addresses and its disk, with the faults that real ones have.
 *
 * What runs here is the truth that the checkers look at; the node only knows what its operations told it.
 */
import type { Prng } from "../base/prng.ts";
import { type NodeName, type OperationId, operationId } from "../base/units.ts";
import type { Effect } from "../core/effect.ts";
import type { HeldAddress, Input } from "../core/input.ts";

export interface HostFaults {
  /** Probability that a start fails. */
  startFails: number;
  /** Scripts whose start fails every time. */
  failing: ReadonlySet<string>;
  /** Probabilities that a script's status says that what runs does not, or, while it runs, says nothing before its time limit. */
  statusLies: number;
  statusHangs: number;
  /** Scripts whose stop fails, while what they run goes on. */
  stuck: ReadonlySet<string>;
  /** Milliseconds that a script takes. */
  minScript: number;
  maxScript: number;
  /** Probabilities that its fencing device says that it failed, or says nothing before its time limit. */
  fenceFails: number;
  fenceHangs: number;
  /** Probability that such a device switches the victim off all the same, later. */
  fenceLies: number;
  /** Interfaces whose cable is out. */
  unplugged: ReadonlySet<string>;
}

export const reliable: Readonly<HostFaults> = {
  startFails: 0,
  failing: new Set(),
  statusLies: 0,
  statusHangs: 0,
  stuck: new Set(),
  minScript: 5,
  maxScript: 40,
  fenceFails: 0,
  fenceHangs: 0,
  fenceLies: 0,
  unplugged: new Set(),
};

/** A fencing device takes so long, in milliseconds; shorter than the delay that keeps two nodes from switching each other off. */
const fenceTakes = { least: 200, most: 3000 };

export interface Answer {
  readonly after: number;
  readonly input: Input;
}

export class Host {
  readonly name: NodeName;
  faults: HostFaults = { ...reliable };
  readonly #prng: Prng;
  /** Scripts with arguments, and addresses, that are active. */
  readonly #active = new Set<string>();
  /** Of these, services that have died or hang: a start helps. */
  readonly #broken = new Set<string>();
  #answered = operationId(0);
  #changes = 0;

  constructor(name: NodeName, prng: Prng) {
    this.name = name;
    this.#prng = prng;
  }

  /** Texts as in haresources. */
  get active(): ReadonlySet<string> {
    return this.#active;
  }

  /** Grows whenever something begins or ceases to be active. */
  get changes(): number {
    return this.#changes;
  }

  #begins(name: string): void {
    this.#active.add(name);
    this.#changes++;
  }

  #ceases(name: string): void {
    this.#active.delete(name);
    this.#changes++;
  }

  /** Power is gone, or the runner cleaned up after a dead daemon. */
  clear(): void {
    this.#active.clear();
    this.#changes++;
    this.#broken.clear();
  }

  /** The service dies by itself, while nothing was ordered. */
  breakDown(name: string): void {
    if (this.#active.has(name)) this.#broken.add(name);
  }

  /** A probe of a command `/probe/NAME` looks at the service NAME, one of a carrier at the cables; all others find what they want. */
  probe({ operation, probes }: Extract<Effect, { do: "probe" }>): Answer {
    this.#once(operation);
    const failed = probes.find((probe) => {
      if (probe.kind === "carrier") return this.faults.unplugged.has(probe.device);
      return probe.kind === "command" && !this.#atWork(probe.path.replace("/probe/", ""));
    });
    const outcome = { result: "exited", code: failed === undefined ? 0 : 1, output: failed?.kind ?? "" } as const;
    const after = this.#prng.integer(this.faults.minScript, this.faults.maxScript);
    return { after, input: { on: "agent-finished", operation, outcome } };
  }

  #atWork(name: string): boolean {
    return this.#active.has(name) && !this.#broken.has(name);
  }

  runAgent(effect: Extract<Effect, { do: "run-agent" }>): Answer {
    this.#once(effect.operation);
    const name = [effect.script, ...effect.args].join("::");
    const after = this.#prng.integer(this.faults.minScript, this.faults.maxScript);
    const finished = (code: number, output: string): Answer => ({
      after,
      input: { on: "agent-finished", operation: effect.operation, outcome: { result: "exited", code, output } },
    });
    switch (effect.action) {
      case "status": {
        const { statusLies, statusHangs } = this.faults;
        // Who starts or stops it must not wait so long: the checkers grant a release its time and no more.
        if (statusHangs > 0 && this.#active.has(name) && this.#prng.chance(statusHangs)) return this.#timedOut(effect);
        const lie = statusLies > 0 && this.#prng.chance(statusLies);
        return finished(0, this.#atWork(name) && !lie ? "running" : "stopped");
      }
      case "start":
        if (this.faults.failing.has(name) || this.#prng.chance(this.faults.startFails)) return finished(1, "");
        this.#begins(name);
        this.#broken.delete(name);
        return finished(0, "");
      case "stop":
        // It is active until the script has ended: the world removes it together with the answer.
        return finished(this.faults.stuck.has(name) ? 1 : 0, "");
    }
  }

  #timedOut({ operation, timeLimit }: Extract<Effect, { do: "run-agent" }>): Answer {
    return { after: timeLimit, input: { on: "agent-finished", operation, outcome: { result: "timed-out" } } };
  }

  /** The answer, and after how long the victim loses its power; undefined: it does not. */
  askDevice({
    operation,
    action,
    timeLimit,
  }: Extract<Effect, { do: "fence" }>): Answer & { readonly strikesAfter?: number } {
    const outcome = (result: "done" | "failed"): Input => ({
      on: "fence-finished",
      operation,
      outcome: result === "done" ? { result } : { result, says: "so it was drawn" },
    });
    const takes = this.#prng.integer(fenceTakes.least, fenceTakes.most);
    const late = this.#prng.chance(this.faults.fenceLies)
      ? { strikesAfter: this.#prng.integer(takes, 2 * timeLimit) }
      : {};
    const reset = action === "reset";
    if (this.#prng.chance(this.faults.fenceHangs))
      return { after: timeLimit, input: outcome("failed"), ...(reset ? late : {}) };
    if (this.#prng.chance(this.faults.fenceFails))
      return { after: takes, input: outcome("failed"), ...(reset ? late : {}) };
    return { after: takes, input: outcome("done"), ...(reset ? { strikesAfter: takes } : {}) };
  }

  stopEnded(name: string): void {
    if (this.faults.stuck.has(name)) return;
    this.#ceases(name);
    this.#broken.delete(name);
  }

  address(effect: Extract<Effect, { do: "address" }>): Answer {
    this.#once(effect.operation);
    const { ip, prefix = 24, device = "eth0", broadcast = "" } = effect.address;
    const held: HeldAddress = { ip, prefix, device, broadcast };
    if (effect.action === "add" && this.#prng.chance(this.faults.startFails)) {
      const outcome = { result: "failed", says: "no such device" } as const;
      return { after: 0, input: { on: "address-finished", operation: effect.operation, outcome } };
    }
    if (effect.action === "add") this.#begins(ip);
    if (effect.action === "remove") this.#ceases(ip);
    const outcome = this.#active.has(ip)
      ? ({ result: "present", address: held } as const)
      : ({ result: "absent" } as const);
    return { after: 0, input: { on: "address-finished", operation: effect.operation, outcome } };
  }

  /** Operation numbers only grow: one that comes twice would be answered twice. */
  #once(operation: OperationId): void {
    if (operation <= this.#answered) throw new Error(`${this.name}: operation ${operation} was ordered twice`);
    this.#answered = operation;
  }

  restart(): void {
    this.#answered = operationId(0);
  }
}
