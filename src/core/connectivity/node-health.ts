/**
 * Whether this node is fit to hold resources: its service interfaces have a carrier, its disks take writes, and it reaches the ping nodes that others
 * reach. The best service is of no use where nobody can get at it.
 *
 * The runner looks (the same probes as for services); this machine asks it again and again and judges. What is wrong must be wrong for a while
 * (`patience`), and well for a longer while (`recovery`) before the node counts as fit again: a cable with a bad contact must not
 * send services back and forth. Without answers nothing is concluded: a node is fit until something is known against it. What is wrong at the very
 * first look counts at once, so that a node that starts ill takes nothing; and it has to be well for `patience` only, as it may just be booting.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, earliest, type Instant } from "../../base/units.ts";
import type { HealthCheck, HealthPlan } from "../../config/ha4-health.ts";
import type { AgentOutcome } from "../input.ts";
import type { Machine } from "../machine.ts";
import { compareReach } from "./reach.ts";

export interface Reach {
  readonly ours: number;
  /** The most that any other living node says; undefined: none says a number. */
  readonly theirs: number | undefined;
}

export type NodeHealthInput =
  | { readonly on: "start" }
  /** `wrong`: undefined is well. */
  | { readonly on: "answer"; readonly check: HealthCheck; readonly wrong: string | undefined }
  | { readonly on: "deadline" };

export type NodeHealthOutput =
  | { readonly is: "ask"; readonly check: HealthCheck }
  | { readonly is: "unfit"; readonly because: string }
  | { readonly is: "fit" };

/** What is looked at: a check of the runner's, or the ping nodes. */
type Subject = HealthCheck | "reach";

export class NodeHealth implements Machine<NodeHealthInput, NodeHealthOutput> {
  readonly #plan: HealthPlan;
  readonly #reach: () => Reach;
  readonly #lookAt = new Deadlines<Subject>();
  /** What is wrong, and since when. */
  readonly #wrong = new Map<Subject, { readonly says: string; readonly since: Instant }>();
  readonly #judgeAt = new Deadlines<"judge">();
  /** Checks that have been answered. */
  readonly #known = new Set<HealthCheck>();
  #unfit: string | undefined;
  #wasFit = true;
  #wellSince: Instant | undefined;

  /** `reach`: what the ping nodes say now. */
  constructor(plan: HealthPlan, reach: () => Reach) {
    this.#plan = plan;
    this.#reach = reach;
  }

  /** Why nothing is to be held here; undefined: it is fit. */
  get unfit(): string | undefined {
    return this.#unfit;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#lookAt.next(), this.#judgeAt.next());
  }

  step(input: NodeHealthInput, now: Instant): readonly NodeHealthOutput[] {
    switch (input.on) {
      case "start":
        if (this.#plan.pings) this.#lookAt.set("reach", after(now, this.#plan.interval));
        return this.#plan.checks.map((check) => ({ is: "ask", check }));
      case "answer":
        this.#lookAt.set(input.check, after(now, this.#plan.interval));
        this.#note(input.check, input.wrong, now);
        if (this.#known.has(input.check) || input.wrong === undefined || this.#unfit !== undefined) {
          this.#known.add(input.check);
          return this.#judge(now);
        }
        this.#known.add(input.check);
        return this.#condemn(input.wrong, false);
      case "deadline": {
        this.#judgeAt.due(now);
        const asked = this.#lookAt.due(now).flatMap((subject): NodeHealthOutput[] => {
          if (subject !== "reach") return [{ is: "ask", check: subject }];
          this.#compareReach(now);
          return [];
        });
        return [...asked, ...this.#judge(now)];
      }
      default:
        return unreachable(input);
    }
  }

  #compareReach(now: Instant): void {
    this.#lookAt.set("reach", after(now, this.#plan.interval));
    const { ours, theirs } = this.#reach();
    const fewer = theirs !== undefined && compareReach(ours, theirs) === "fewer";
    this.#note("reach", fewer ? `${ours} ping nodes answer here, ${theirs} elsewhere` : undefined, now);
  }

  #note(subject: Subject, says: string | undefined, now: Instant): void {
    const before = this.#wrong.get(subject);
    if (says === undefined) this.#wrong.delete(subject);
    else this.#wrong.set(subject, { says, since: before?.since ?? now });
  }

  #judge(now: Instant): readonly NodeHealthOutput[] {
    this.#judgeAt.clear();
    const { patience, recovery } = this.#plan;
    const problems = [...this.#wrong.values()];
    if (problems.length > 0) {
      this.#wellSince = undefined;
      if (this.#unfit !== undefined) return [];
      const lasting = problems.find(({ since }) => after(since, patience) <= now);
      if (lasting === undefined) {
        const first = problems.map(({ since }) => since).reduce((a, b) => earliest(a, b) ?? a);
        this.#judgeAt.set("judge", after(first, patience));
        return [];
      }
      return this.#condemn(lasting.says, true);
    }
    if (this.#unfit === undefined) return [];
    this.#wellSince ??= now;
    const wait = this.#wasFit ? recovery : patience;
    const fitAt = after(this.#wellSince, wait);
    if (fitAt > now) {
      this.#judgeAt.set("judge", fitAt);
      return [];
    }
    this.#unfit = undefined;
    this.#wellSince = undefined;
    return [{ is: "fit" }];
  }

  #condemn(because: string, wasFit: boolean): readonly NodeHealthOutput[] {
    this.#unfit = because;
    this.#wasFit = wasFit;
    this.#wellSince = undefined;
    return [{ is: "unfit", because }];
  }
}

/** What a look at the node has found; undefined: nothing. */
export function wrongBy(outcome: AgentOutcome): string | undefined {
  if (outcome.result === "timed-out")
    return "nothing on this node can be looked at: programs get no answer from its disk";
  // An answer that was lost on the way is no news of the node.
  return outcome.result === "exited" && outcome.code !== 0 ? outcome.output : undefined;
}
