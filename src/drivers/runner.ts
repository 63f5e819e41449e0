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
import { monotonic } from "./monotonic.ts";
import {
  type ChildOrder,
  type DeviceOrder,
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
  /** The runner died and will be started again. What it ran was reported as lost before. */
  onLost(says: string): void;
}

export class Runner {
  readonly #process: HelperProcess;
  readonly #events: RunnerEvents;
  readonly #underWay = new Set<OperationId>();
  readonly #children = new Set<number>();
  readonly #asked = new Set<OperationId>();
  #lines = new Lines();
  /** Undefined: nothing was said about it by this core. */
  #held: readonly GuardedGroup[] | undefined;
  readonly #untold = new Set<"guard" | "keep">();
  #memory: unknown;
  /** What each file is to hold. */
  readonly #files = new Map<string, string>();
  #reading: ((outcome: ReadOutcome) => void) | undefined;

  private constructor(settings: RunnerSettings, events: RunnerEvents) {
    this.#events = events;
    this.#process = new HelperProcess("hb-runner", "runner/main", {
      onStarted: () => {
        this.#lines = new Lines();
        this.#say({ say: "settings", settings });
        if (this.#memory !== undefined) this.#say({ say: "keep", memory: this.#memory });
        if (this.#held !== undefined) this.#say({ say: "guard", held: this.#held });
        for (const [path, text] of this.#files) this.#say({ say: "store", path, text });
      },
      onBytes: (bytes) => {
        for (const line of this.#lines.push(bytes)) this.#hear(line);
      },
      onLost: (says) => {
        this.#loseAll(says);
        events.onLost(says);
      },
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
    this.#say({ say: "kill", operation });
  }

  askDevice({ operation, program, argv, input, timeLimit }: DeviceOrder): void {
    this.#asked.add(operation);
    if (this.#say({ say: "ask-device", order: { operation, program, argv, input, timeLimit } })) return;
    setImmediate(() => this.#endAsking(operation, { result: "lost", says: "the runner process is not there" }));
  }

  dropDevice(operation: OperationId): void {
    this.#say({ say: "drop-device", operation });
  }

  /**
   * Runs one of our programs beside the core and hands over what it printed. Always ends in `onEnd`, never from within this
   * call; one at a time.
   */
  read(argv: readonly string[], onEnd: (outcome: ReadOutcome) => void): void {
    this.#reading = onEnd;
    if (this.#say({ say: "read", argv })) return;
    setImmediate(() => this.#endReading({ ok: false, says: "the runner process is not there" }));
  }

  startChild(order: ChildOrder): void {
    this.#children.add(order.child);
    const { child, path, args, user, uid, gid, environment } = order;
    if (this.#say({ say: "start-child", order: { child, path, args, user, uid, gid, environment } })) return;
    setImmediate(() => this.#endChild(child, { how: "not-started", says: "the runner process is not there" }));
  }

  signalChild(child: number, signal: "SIGTERM" | "SIGKILL"): void {
    this.#say({ say: "signal-child", child, signal });
  }

  /** Writes a file, in place of what it held; one character of `text` is one byte. */
  store(path: string, text: string): void {
    this.#files.set(path, text);
    this.#say({ say: "store", path, text });
  }

  tellEvent(name: string, json: string): void {
    this.#say({ say: "tell-event", name, json });
  }

  notify({ type, fields, environment }: Notice): void {
    this.#say({ say: "notify", notice: { type, fields, environment } });
  }

  /** Nobody waits for its end: a dead disk would never come to it. */
  sync(): void {
    this.#say({ say: "sync" });
  }

  /** What the core holds now: undone by the runner if the core dies. Replaces the last one. */
  guard(held: readonly GuardedGroup[]): void {
    this.#held = held;
    this.#tellSoon("guard");
  }

  /** What the next core needs to know, should there be one. Replaces the last; to be said before the orders that it mentions. */
  keep(memory: unknown): void {
    this.#memory = memory;
    this.#tellSoon("keep");
  }

  /** The others heard of us just now, and wait for so many milliseconds. */
  beat(patience: number): void {
    this.#say({ say: "beat", at: monotonic(), patience });
  }

  /** This core ends and another one follows, which the runner starts if it is told how. */
  succession(argv?: readonly string[]): void {
    this.#say({ say: "succession", ...(argv === undefined ? {} : { argv }) });
    this.#process.abandon();
  }

  /** The core ends on purpose: nothing will be undone. Resolves when the runner is gone, or after two seconds. */
  async goodbye(): Promise<void> {
    this.#underWay.clear();
    this.#asked.clear();
    this.#say({ say: "goodbye" });
    await this.#process.end();
  }

  #order(operation: OperationId, order: ToRunner): void {
    this.#underWay.add(operation);
    if (this.#say(order)) return;
    setImmediate(() => this.#finish(operation, { result: "lost", says: "the runner process is not there" }));
  }

  /**
   * Hundreds of addresses change in one turn, each with a new version of what is guarded and kept: only the last one is written out, before the
   * next order or at the end of the turn.
   */
  #tellSoon(what: "guard" | "keep"): void {
    if (this.#untold.size === 0) queueMicrotask(() => this.#tell());
    this.#untold.add(what);
  }

  #tell(): void {
    const { keep, guard } = { keep: this.#untold.delete("keep"), guard: this.#untold.delete("guard") };
    if (keep) this.#process.send({ say: "keep", memory: this.#memory });
    if (guard && this.#held !== undefined) this.#process.send({ say: "guard", held: this.#held });
  }

  #say(message: ToRunner): boolean {
    this.#tell();
    return this.#process.send(message);
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
    else if (said?.say === "not-stored") this.#events.onNotStored(said.path, said.says);
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
