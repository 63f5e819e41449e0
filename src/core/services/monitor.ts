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

export type MonitorInput =
  /** It was started, and is to stay up. */
  | { readonly on: "started"; readonly watched: Watched }
  /** It is being stopped, or moved: what is asked or answered about it from now on means nothing. */
  | { readonly on: "stopping"; readonly watched: Watched }
  | { readonly on: "answer"; readonly watched: Watched; readonly result: ProbeResult }
  /** An operator has looked at it (`heartbeat cleanup`). */
  | { readonly on: "forget"; readonly group: string }
  /** While nothing may be started or stopped, nothing is asked either. */
  | { readonly on: "maintenance"; readonly active: boolean }
  | { readonly on: "deadline" };

export type MonitorOutput =
  | { readonly is: "ask"; readonly watched: Watched }
  | { readonly is: "healed"; readonly watched: Watched }
  | {
      readonly is: "failed";
      readonly watched: Watched;
      /** `restart`: in place, with those behind it. `give-up`: stop the group here. */
      readonly decide: "restart" | "give-up";
      readonly because: string;
    };

interface Record {
  /** Undefined: not asked at present. */
  phase: "waiting" | "asked" | undefined;
  askedAt: Instant | undefined;
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
        return this.#answered(input.watched, input.result, now);
      case "forget":
        for (const [watched, record] of this.#records) if (watched.group === input.group) record.failures = [];
        return [];
      case "maintenance":
        this.#maintenance = input.active;
        return [];
      case "deadline":
        return this.#maintenance ? [] : this.#askAt.due(now).map((watched) => this.#ask(watched, now));
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

  #ask(watched: Watched, now: Instant): MonitorOutput {
    const record = this.#recordOf(watched);
    record.phase = "asked";
    record.askedAt = now;
    return { is: "ask", watched };
  }

  #answered(watched: Watched, result: ProbeResult, now: Instant): readonly MonitorOutput[] {
    const record = this.#recordOf(watched);
    if (record.phase !== "asked" || record.askedAt === undefined) return []; // stopped meanwhile
    const before = record.last;
    record.last = { result, at: now, latency: elapsed(record.askedAt, now) };
    // What changes nothing anywhere cannot be held against the service.
    if (result.ok || this.#maintenance) {
      this.#wait(watched, watched.plan.interval, now);
      return result.ok && before?.result.ok === false ? [{ is: "healed", watched }] : [];
    }
    this.#off(watched); // until it is started again
    record.failures = [...this.#recent(watched, record, now), now];
    return [{ is: "failed", watched, ...afterFailure(record.failures.length, watched.plan) }];
  }

  #wait(watched: Watched, wait: Milliseconds, now: Instant): void {
    this.#recordOf(watched).phase = "waiting";
    this.#askAt.set(watched, after(now, wait));
  }

  #off(watched: Watched): void {
    this.#recordOf(watched).phase = undefined;
    this.#askAt.delete(watched);
  }

  #recent({ plan }: Watched, { failures }: Record, now: Instant): Instant[] {
    return failures.filter((at) => elapsed(at, now) < plan.failureWindow);
  }

  #recordOf(watched: Watched): Record {
    const known = this.#records.get(watched);
    if (known !== undefined) return known;
    const record: Record = { phase: undefined, askedAt: undefined, failures: [], last: undefined };
    this.#records.set(watched, record);
    return record;
  }
}
