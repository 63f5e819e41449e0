/**
 * The core's end of the runner: orders scripts, is told how they ended, and keeps the runner informed of what it has to undo should
 * the core die without a word.
 *
 * Every order ends in exactly one outcome: also when the runner itself dies, which makes all that was under way `lost`.
 */
import { type OperationId, operationId } from "../base/units.ts";
import type { GuardedGroup } from "../core/effect.ts";
import type { AgentOutcome, ChildOutcome } from "../core/input.ts";
import type { TakenRunner } from "./former-runner.ts";
import { HelperProcess } from "./helper-process.ts";
import { Lines } from "./lines.ts";
import { ListTeller } from "./list-news.ts";
import { monotonic } from "./monotonic.ts";
import { RunnerOutbox } from "./runner-outbox.ts";
import {
  type ChildOrder,
  type DeviceOrder,
  type KeptMemory,
  type Notice,
  type ProbeOrder,
  type ReadOutcome,
  type RunnerSettings,
  readFromRunner,
  type ScriptOrder,
  type ToRunner,
} from "./runner-protocol.ts";

export interface RunnerEvents {
  /** Never called from within `run`. */
  onFinished(operation: OperationId, outcome: AgentOutcome): void;
  onChildStarted(child: number, pid: number): void;
  /** Each order to start ends in exactly one of these; never from within `startChild`. */
  onChildEnded(child: number, outcome: ChildOutcome): void;
  /** A fencing device was asked and has ended. */
  onAsked(operation: OperationId, outcome: AgentOutcome): void;
  /** A notification script ended, or there was no room for it. */
  onNotified(type: string, outcome: AgentOutcome | { readonly result: "dropped" }): void;
  /** A program that is told of events ended, or there was no room for it. */
  onHooked(program: string, outcome: AgentOutcome | { readonly result: "dropped" }): void;
  /** A file that was given to `store` could not be written. */
  onNotStored(path: string, says: string): void;
  /** systemd says that this unit is down. */
  onUnitDown(unit: string): void;
  /** Why that is not heard; undefined: it is heard again. */
  onUnitBus(lost: string | undefined): void;
  /** A built-in resource has something to say of what it does. */
  onRemark(resource: string, text: string): void;
  /** The runner died and will be started again. What it ran was reported as lost before. */
  onLost(says: string): void;
}

/** Bytes that the runner has not read yet; with more than this it is told nothing new until it has. */
const congestedFrom = 256 * 1024;

const notThere = { result: "lost", says: "the runner process is not there" } as const;

export class Runner {
  readonly #process: HelperProcess;
  readonly #outbox: RunnerOutbox;
  readonly #events: RunnerEvents;
  readonly #underWay = new Set<OperationId>();
  readonly #children = new Set<number>();
  readonly #asked = new Set<OperationId>();
  #lines = new Lines();
  /** Undefined: nothing was said about it by this core. */
  #held: readonly GuardedGroup[] | undefined;
  readonly #heldTold = new ListTeller<GuardedGroup>();
  #memory: KeptMemory | undefined;
  readonly #groupsTold = new ListTeller<object>();
  /** What each file is to hold. */
  readonly #files = new Map<string, string>();
  #reading: ((outcome: ReadOutcome) => void) | undefined;

  private constructor(settings: RunnerSettings, events: RunnerEvents) {
    this.#events = events;
    const runner = new HelperProcess("hb-runner", "runner/main", {
      onStarted: () => {
        this.#lines = new Lines();
        this.#outbox.tell("settings", () => ({ say: "settings", settings }));
        this.#groupsTold.forget();
        this.#heldTold.forget();
        if (this.#memory !== undefined) this.keep(this.#memory);
        if (this.#held !== undefined) this.guard(this.#held);
        for (const [path, text] of this.#files) this.store(path, text);
      },
      onDrained: () => this.#outbox.drained(),
      onBytes: (bytes) => {
        for (const line of this.#lines.push(bytes)) this.#hear(line);
      },
      onLost: (says) => {
        this.#outbox.forget();
        this.#loseAll(says);
        events.onLost(says);
      },
    });
    this.#process = runner;
    this.#outbox = new RunnerOutbox({
      get congested() {
        return runner.backlog > congestedFrom;
      },
      send: (message) => runner.send(message),
    });
  }

  /** Starts the runner; to be called before real time is taken. */
  static start(settings: RunnerSettings, events: RunnerEvents): Runner {
    const runner = new Runner(settings, events);
    runner.#process.start();
    return runner;
  }

  /** Goes on with the runner of another core. What it runs by that one's order ends under its old number. */
  static adopt(
    taken: TakenRunner,
    underWay: readonly OperationId[],
    settings: RunnerSettings,
    events: RunnerEvents,
  ): Runner {
    const runner = new Runner(settings, events);
    for (const operation of underWay) runner.#underWay.add(operation);
    runner.#process.adopt(taken.socket, taken.pid);
    setImmediate(() => {
      for (const line of taken.unread) runner.#hear(line);
    });
    return runner;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  run(order: ScriptOrder): void {
    const { operation, kind, script, args, action, environment, timeLimit } = order;
    this.#order(operation, { say: "run", order: { operation, kind, script, args, action, environment, timeLimit } });
  }

  probe({ operation, probes, timeLimit }: ProbeOrder): void {
    this.#order(operation, { say: "probe", order: { operation, probes, timeLimit } });
  }

  kill(operation: OperationId): void {
    this.#outbox.say({ say: "kill", operation });
  }

  askDevice({ operation, program, argv, input, timeLimit }: DeviceOrder): void {
    this.#asked.add(operation);
    const order = { operation, program, argv, input, timeLimit };
    this.#outbox.say({ say: "ask-device", order }, () => this.#endAsking(operation, notThere));
  }

  dropDevice(operation: OperationId): void {
    this.#outbox.say({ say: "drop-device", operation });
  }

  /**
   * Runs one of our programs beside the core and hands over what it printed. Always ends in `onEnd`, never from within this
   * call; one at a time.
   */
  read(argv: readonly string[], onEnd: (outcome: ReadOutcome) => void): void {
    this.#reading = onEnd;
    this.#outbox.say({ say: "read", argv }, () => this.#endReading({ ok: false, says: notThere.says }));
  }

  startChild(order: ChildOrder): void {
    this.#children.add(order.child);
    const { child, path, args, user, uid, gid, environment } = order;
    this.#outbox.say({ say: "start-child", order: { child, path, args, user, uid, gid, environment } }, () =>
      this.#endChild(child, { how: "not-started", says: notThere.says }),
    );
  }

  signalChild(child: number, signal: "SIGTERM" | "SIGKILL"): void {
    this.#outbox.say({ say: "signal-child", child, signal });
  }

  /** Writes a file, in place of what it held; one character of `text` is one byte. */
  store(path: string, text: string): void {
    this.#files.set(path, text);
    this.#outbox.tell(`store ${path}`, () => ({ say: "store", path, text }));
  }

  tellEvent(name: string, json: string): void {
    this.#outbox.say({ say: "tell-event", name, json });
  }

  notify({ type, fields, environment }: Notice): void {
    this.#outbox.say({ say: "notify", notice: { type, fields, environment } });
  }

  /** Nobody waits for its end: a dead disk would never come to it. */
  sync(): void {
    this.#outbox.say({ say: "sync" });
  }

  /** What the core holds now: undone by the runner if the core dies. Replaces the last one. */
  guard(held: readonly GuardedGroup[]): void {
    this.#held = held;
    this.#outbox.tell("guard", () => ({ say: "guard", held: this.#heldTold.next(held) }));
  }

  /** What the next core needs to know, should there be one. Replaces the last; to be said before the orders that it mentions. */
  keep(memory: KeptMemory): void {
    this.#memory = memory;
    this.#outbox.tell("keep", () => ({
      say: "keep",
      memory: { ...memory, groups: [] },
      groups: this.#groupsTold.next(memory.groups),
    }));
  }

  /** The others heard of us just now, and wait for so many milliseconds. */
  beat(patience: number): void {
    const at = monotonic();
    this.#outbox.tell("beat", () => ({ say: "beat", at, patience }));
  }

  /** This core ends and another one follows, which the runner starts if it is told how. */
  succession(argv?: readonly string[]): void {
    this.#outbox.say({ say: "succession", ...(argv === undefined ? {} : { argv }) });
    this.#outbox.flush();
    this.#process.abandon();
  }

  /** The core ends on purpose: nothing will be undone. Resolves when the runner is gone, or after two seconds. */
  async goodbye(): Promise<void> {
    this.#underWay.clear();
    this.#asked.clear();
    this.#outbox.say({ say: "goodbye" });
    this.#outbox.flush();
    await this.#process.end();
  }

  #order(operation: OperationId, order: ToRunner): void {
    this.#underWay.add(operation);
    this.#outbox.say(order, () => this.#finish(operation, notThere));
  }

  #hear(line: string): void {
    const said = readFromRunner(line);
    if (said?.say === "finished") this.#finish(operationId(said.operation), said.outcome);
    else if (said?.say === "asked") this.#endAsking(operationId(said.operation), said.outcome);
    else if (said?.say === "notified") this.#events.onNotified(said.type, said.outcome);
    else if (said?.say === "hooked") this.#events.onHooked(said.program, said.outcome);
    else if (said?.say === "read") this.#endReading(said.outcome);
    else if (said?.say === "child-started") this.#events.onChildStarted(said.child, said.pid);
    else if (said?.say === "child-ended") this.#endChild(said.child, said.outcome);
    else if (said?.say === "unit-down") this.#events.onUnitDown(said.unit);
    else if (said?.say === "unit-bus") this.#events.onUnitBus(said.lost);
    else if (said?.say === "not-stored") this.#events.onNotStored(said.path, said.says);
    else if (said?.say === "remark") this.#events.onRemark(said.resource, said.text);
  }

  #endReading(outcome: ReadOutcome): void {
    const onEnd = this.#reading;
    this.#reading = undefined;
    onEnd?.(outcome);
  }

  #finish(operation: OperationId, outcome: AgentOutcome): void {
    if (this.#underWay.delete(operation)) this.#events.onFinished(operation, outcome);
  }

  #endChild(child: number, outcome: ChildOutcome): void {
    if (this.#children.delete(child)) this.#events.onChildEnded(child, outcome);
  }

  #endAsking(operation: OperationId, outcome: AgentOutcome): void {
    if (this.#asked.delete(operation)) this.#events.onAsked(operation, outcome);
  }

  #loseAll(says: string): void {
    for (const child of [...this.#children]) this.#endChild(child, { how: "lost", says });
    for (const operation of [...this.#asked]) this.#endAsking(operation, { result: "lost", says });
    this.#endReading({ ok: false, says });
    for (const operation of [...this.#underWay]) this.#finish(operation, { result: "lost", says });
  }
}
