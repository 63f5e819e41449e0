/**
 * The one loop: something happens, the core decides, the world is told.
 *
 * Every input of the daemon passes through `feed`: it is stamped, recorded, given to the core, and the effects that come back
 * are performed. A driver that answers at once (an address, say) feeds while its effect is being performed; its answer waits in
 * a queue and is the next step of the same turn. So `feed` is never re-entered, and an address is announced in the
 * turn in which it was added.
 *
 * A take-over may order hundreds of addresses at once. Such orders wait in a queue of their own, and a turn carries out as many as fit into
 * `turnTime`, one at least; then the poll phase has its turn, so that heartbeats arrive and leave in between, and the rest goes on.
 *
 * There is exactly one timer, for the core's earliest deadline. When it fires, the judgement is put behind the poll phase
 * (`setImmediate`): datagrams that the kernel already holds are read first and count. A loop that woke later than a keepalive after
 * its deadline slept, and says so before anything else: what arrived meanwhile is judged by a node that knows it.
 */
import { invariant } from "../base/invariant.ts";
import { elapsed, type Instant, type Milliseconds, milliseconds } from "../base/units.ts";
import type { Effect } from "../core/effect.ts";
import type { Input, Now } from "../core/input.ts";
import type { Clock } from "./clock.ts";
import type { Recorder } from "./recorder.ts";

/** What the loop needs of the core: `core/node.ts`, or a small stand-in in the loop's own tests. */
export interface Brain {
  step(input: Input, now: Now): readonly Effect[];
  nextDeadline(): Instant | undefined;
}

export interface LoopParts {
  readonly brain: Brain;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly perform: (effect: Effect) => void;
  /** Waking later than this after a deadline counts as having slept. */
  readonly keepalive: Milliseconds;
  /** Called after each turn, and each time the loop wakes with nothing to do: it is alive. */
  readonly onAlive?: (now: Instant) => void;
  /** Wake at least so often, whatever the core waits for. */
  readonly wakeEvery?: Milliseconds | undefined;
  /** A broken invariant, or any other error of ours: called once, after which nothing is fed any more. */
  readonly onBroken: (error: unknown) => void;
}

/** Longer waits would fire at once: Node.js keeps them in 32 bits. Waking early is harmless, the loop just waits again. */
const timerMax = 2 ** 31 - 1;
/** A turn that has worked so long on waiting orders lets others go first: far below any keepalive. */
const turnTime = milliseconds(5);
/** Answers of synchronous drivers within one turn. A group has a handful of addresses; this many means the core goes round in circles. */
export const turnStepsMax = 10_000;

export class Loop {
  readonly #parts: LoopParts;
  #waiting: Input[] = [];
  /** Of addresses: each is carried out and answered by itself, in the order in which they were given. */
  #orders: Effect[] = [];
  /** Since there were none. */
  #carried = 0;
  #turning = false;
  #closed = false;
  /** The deadline that the loop waits for. */
  #armedFor: Instant | undefined;
  /** A stall is told once; its deadline is judged after what arrived meanwhile. */
  #stallTold = false;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** The orders that are left go on behind the next poll phase. */
  #rest: NodeJS.Immediate | undefined;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  feed(input: Input): void {
    if (this.#closed) return;
    if (!this.#turning) this.#noticeStall();
    this.#waiting.push(input);
    if (!this.#turning) this.#run();
  }

  #run(): void {
    this.#turning = true;
    try {
      this.#turn();
      this.#parts.onAlive?.(this.#parts.clock.instant());
      this.#arm();
    } catch (error) {
      this.close();
      this.#parts.onBroken(error);
    } finally {
      this.#turning = false;
    }
  }

  /** Nothing is fed and no timer fires from now on. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#orders = [];
    clearImmediate(this.#rest);
    this.#disarm();
  }

  #turn(): void {
    const { brain, clock, recorder, perform } = this.#parts;
    const began = clock.instant();
    let carried = 0;
    for (let steps = 0; ; steps++) {
      const input = this.#waiting.shift();
      if (input === undefined) {
        if (this.#rest !== undefined || !this.#carryOut(carried === 0 ? undefined : began)) return;
        carried++;
        continue;
      }
      invariant(steps < turnStepsMax, "loop: one turn does not end");
      const now = clock.now();
      recorder.record(input, now);
      for (const effect of brain.step(input, now)) {
        if (effect.do === "address") this.#orders.push(effect);
        else perform(effect);
      }
    }
  }

  /** The next order, if there is one and this turn has time left; false: this turn is over. Of the first, time is not asked. */
  #carryOut(began: Instant | undefined): boolean {
    const { clock, perform } = this.#parts;
    const order = this.#orders[0];
    if (order === undefined) {
      this.#carried = 0;
      return false;
    }
    invariant(this.#carried < turnStepsMax, "loop: one turn does not end");
    if (began !== undefined && elapsed(began, clock.instant()) > turnTime) {
      this.#rest = setImmediate(() => this.#goOn());
      return false;
    }
    this.#orders.shift();
    this.#carried++;
    perform(order);
    return true;
  }

  /** Behind the poll phase. A deadline that has come meanwhile is judged first, or it would wait until all is carried out. */
  #goOn(): void {
    this.#rest = undefined;
    const deadline = this.#parts.brain.nextDeadline();
    if (deadline !== undefined && deadline <= this.#parts.clock.instant()) this.feed({ on: "deadline" });
    else this.#run();
  }

  /** Whoever slept must know it before it looks at anything that came meanwhile. */
  #noticeStall(): void {
    if (this.#armedFor === undefined || this.#stallTold) return;
    const late = elapsed(this.#armedFor, this.#parts.clock.instant());
    if (late <= this.#parts.keepalive) return;
    this.#stallTold = true;
    this.#waiting.push({ on: "stalled", late });
  }

  #arm(): void {
    if (this.#closed) return;
    const next = this.#parts.brain.nextDeadline();
    if (next === this.#armedFor && (this.#timer !== undefined || this.#immediate !== undefined)) return; // as most messages leave it
    this.#disarm();
    this.#armedFor = next;
    if (next === undefined) return;
    // Rounded up, because a timer that fires a fraction too early would only have to be set again.
    const wait = Math.ceil(elapsed(this.#parts.clock.instant(), next));
    if (wait > 0) this.#stallTold = false;
    if (wait <= 0) this.#judgeAfterPoll();
    else
      this.#timer = setTimeout(
        () => this.#judgeAfterPoll(),
        Math.min(this.#parts.wakeEvery ?? timerMax, timerMax, wait),
      );
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #judgeAfterPoll(): void {
    this.#timer = undefined;
    this.#immediate = setImmediate(() => this.#judge());
  }

  #judge(): void {
    this.#immediate = undefined;
    const { brain, clock } = this.#parts;
    const deadline = brain.nextDeadline();
    if (deadline === undefined) return;
    if (deadline > clock.instant()) {
      this.#parts.onAlive?.(clock.instant());
      return this.#arm();
    }
    this.feed({ on: "deadline" });
  }
}
