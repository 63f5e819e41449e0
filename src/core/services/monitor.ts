/**
 * Watches what was started: asks each resource again and again whether it still does its work, counts its failures, and says what is to follow.
 *
 * A failure is answered where it happened first: the resource is started anew in place, with those behind it in its group. Only when that does
 * not help, which is more failures within the window than are allowed, the group is given up here. Failures expire, so that one a week never
 * adds up. A question that has no answer within its time limit is a failure like any other: a service that hangs is down for its users.
 *
 * Nothing is asked that is not configured (ha4.cf): files of 3.0.6 alone never start a probe.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, elapsed, type Instant, type Milliseconds } from "../../base/units.ts";
import type { MonitorPlan } from "../../config/monitor-plan.ts";
import type { Machine } from "../machine.ts";
import type { MonitorView } from "../view.ts";

/** One resource of one group; the same object every time. */
export interface Watched {
  readonly group: string;
  readonly text: string;
  readonly plan: MonitorPlan;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** What the probe saw, in a few words. */
  readonly says: string;
}

/** One question; the same object comes back with its answer. */
export interface MonitorQuestion {
  /** `planned`: its probes, or its own status if it has none. `own`: its own status, whatever its probes are. */
  readonly of: "planned" | "own";
}

export type MonitorInput =
  /** It was started, and is to stay up. */
  | { readonly on: "started"; readonly watched: Watched }
  /** It is being stopped, or moved: what is asked or answered about it from now on means nothing. */
  | { readonly on: "stopping"; readonly watched: Watched }
  | {
      readonly on: "answer";
      readonly watched: Watched;
      readonly question: MonitorQuestion;
      readonly result: ProbeResult;
    }
  /** Whoever started it for us says that it has ended: reason enough to ask it for its status now. */
  | { readonly on: "sign"; readonly watched: Watched }
  /** An operator has looked at it (`heartbeat cleanup`). */
  | { readonly on: "forget"; readonly group: string }
  /** While nothing may be started or stopped, nothing is asked either. */
  | { readonly on: "maintenance"; readonly active: boolean }
  | { readonly on: "deadline" };

export type MonitorOutput =
  | { readonly is: "ask"; readonly watched: Watched; readonly question: MonitorQuestion }
  | { readonly is: "healed"; readonly watched: Watched }
  | {
      readonly is: "failed";
      readonly watched: Watched;
      /** `restart`: in place, with those behind it. `give-up`: stop the group here. */
      readonly decide: "restart" | "give-up";
      readonly because: string;
    };

interface Record {
  /** Undefined: not up, or about to be stopped. */
  phase: "waiting" | "asked" | undefined;
  /** Under way. An answer to an older one says nothing: it was stopped and started since. */
  asked: { readonly question: MonitorQuestion; readonly at: Instant } | undefined;
  /** Put off by a question between: when the planned one was due. */
  due: Instant | undefined;
  /** A sign came while it was asked; the answer may be older. */
  signed: boolean;
  failures: Instant[];
  last: { readonly result: ProbeResult; readonly at: Instant; readonly latency: Milliseconds } | undefined;
}

/** Restart in place as long as its failures within the window are not more than those allowed. */
export function afterFailure(
  failures: number,
  { failuresAllowed, failureWindow }: MonitorPlan,
): { readonly decide: "restart" | "give-up"; readonly because: string } {
  const times = `failure ${failures} within ${failureWindow / 1000} s`;
  return failures <= failuresAllowed
    ? { decide: "restart", because: `${times}, ${failuresAllowed} are answered by a restart` }
    : { decide: "give-up", because: `${times}, more than the ${failuresAllowed} allowed` };
}

export class Monitor implements Machine<MonitorInput, MonitorOutput> {
  readonly #records = new Map<Watched, Record>();
  readonly #askAt = new Deadlines<Watched>();
  #maintenance = false;

  nextDeadline(): Instant | undefined {
    return this.#maintenance ? undefined : this.#askAt.next();
  }

  step(input: MonitorInput, now: Instant): readonly MonitorOutput[] {
    switch (input.on) {
      case "started":
        this.#wait(input.watched, input.watched.plan.delay, now);
        return [];
      case "stopping":
        this.#off(input.watched);
        return [];
      case "answer":
        return this.#answered(input, now);
      case "sign":
        return this.#signed(input.watched, now);
      case "forget":
        for (const [watched, record] of this.#records) if (watched.group === input.group) record.failures = [];
        return [];
      case "maintenance":
        this.#maintenance = input.active;
        return [];
      case "deadline":
        return this.#maintenance ? [] : this.#askAt.due(now).map((watched) => this.#ask(watched, "planned", now));
      default:
        return unreachable(input);
    }
  }

  /** Undefined: it was never watched. */
  view(watched: Watched, now: Instant): MonitorView | undefined {
    const record = this.#records.get(watched);
    if (record === undefined) return undefined;
    const next = this.#askAt.get(watched);
    const { last } = record;
    return {
      interval: watched.plan.interval,
      failures: this.#recent(watched, record, now).length,
      ...(last === undefined
        ? {}
        : {
            last: {
              ok: last.result.ok,
              says: last.result.says,
              latency: Math.round(last.latency),
              ago: Math.round(elapsed(last.at, now)),
            },
          }),
      ...(next === undefined ? {} : { next: Math.max(0, Math.round(elapsed(now, next))) }),
    };
  }

  #ask(watched: Watched, of: MonitorQuestion["of"], now: Instant): MonitorOutput {
    const record = this.#recordOf(watched);
    const question = { of };
    record.phase = "asked";
    record.asked = { question, at: now };
    return { is: "ask", watched, question };
  }

  #signed(watched: Watched, now: Instant): readonly MonitorOutput[] {
    const record = this.#recordOf(watched);
    if (record.phase === undefined || this.#maintenance) return []; // not up, or nothing would follow
    if (record.phase === "asked") {
      record.signed = true;
      return [];
    }
    record.due = this.#askAt.get(watched);
    this.#askAt.delete(watched);
    return [this.#ask(watched, "own", now)];
  }

  #answered(
    { watched, question, result }: Extract<MonitorInput, { readonly on: "answer" }>,
    now: Instant,
  ): readonly MonitorOutput[] {
    const record = this.#recordOf(watched);
    const { phase, asked } = record;
    if (phase !== "asked" || asked?.question !== question) return []; // stopped meanwhile
    if (question.of === "own" && result.ok) return this.#signWasOld(watched, record, now);
    const before = record.last;
    record.last = { result, at: now, latency: elapsed(asked.at, now) };
    // What changes nothing anywhere cannot be held against the service.
    if (result.ok || this.#maintenance) {
      this.#wait(watched, watched.plan.interval, now);
      const healed: readonly MonitorOutput[] =
        result.ok && before?.result.ok === false ? [{ is: "healed", watched }] : [];
      return [...healed, ...this.#signedMeanwhile(watched, record, now)];
    }
    this.#off(watched); // until it is started again
    record.failures = [...this.#recent(watched, record, now), now];
    return [{ is: "failed", watched, ...afterFailure(record.failures.length, watched.plan) }];
  }

  /** It runs, so what was heard is of the time before its last start. Nothing is known of its probes. */
  #signWasOld(watched: Watched, record: Record, now: Instant): readonly MonitorOutput[] {
    record.phase = "waiting";
    this.#askAt.set(watched, record.due ?? after(now, watched.plan.interval));
    return this.#signedMeanwhile(watched, record, now);
  }

  #signedMeanwhile(watched: Watched, record: Record, now: Instant): readonly MonitorOutput[] {
    if (!record.signed) return [];
    record.signed = false;
    return this.#signed(watched, now);
  }

  #wait(watched: Watched, wait: Milliseconds, now: Instant): void {
    this.#recordOf(watched).phase = "waiting";
    this.#askAt.set(watched, after(now, wait));
  }

  #off(watched: Watched): void {
    const record = this.#recordOf(watched);
    record.phase = undefined;
    record.signed = false;
    this.#askAt.delete(watched);
  }

  #recent({ plan }: Watched, { failures }: Record, now: Instant): Instant[] {
    return failures.filter((at) => elapsed(at, now) < plan.failureWindow);
  }

  #recordOf(watched: Watched): Record {
    const known = this.#records.get(watched);
    if (known !== undefined) return known;
    const record: Record = {
      phase: undefined,
      asked: undefined,
      due: undefined,
      signed: false,
      failures: [],
      last: undefined,
    };
    this.#records.set(watched, record);
    return record;
  }
}
