/**
 * Joins the groups to the machine that watches their resources: what has come up is asked from then on, what goes down is left alone, and a
 * failure becomes an order to its group.
 *
 * What is up is read from the groups after each step, so nothing that stops or starts them has to think of it.
 */

import { agentOf } from "../../agents/index.ts";
import type { Resource } from "../../agents/resource.ts";
import { unitName } from "../../agents/systemd.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import type { Instant, OperationId } from "../../base/units.ts";
import { type Extension, optionsFor } from "../../config/ha4-cf.ts";
import { monitorPlan } from "../../config/monitor-plan.ts";
import type { Effect, LogLevel } from "../effect.ts";
import type { AgentOutcome } from "../input.ts";
import type { MonitorView } from "../view.ts";
import type { GroupJob } from "./group-job.ts";
import { Monitor, type MonitorInput, type MonitorQuestion, type ProbeResult, type Watched } from "./monitor.ts";

export interface Post {
  readonly job: GroupJob;
  readonly index: number;
  readonly resource: Resource;
  readonly watched: Watched;
}

/** What was asked of whom. */
export interface Question {
  readonly post: Post;
  readonly asked: MonitorQuestion;
}

export type WatchOutput =
  | { readonly is: "ask"; readonly question: Question; readonly effect: (operation: OperationId) => Effect }
  | { readonly is: "recover" | "give-up"; readonly post: Post; readonly why: string }
  | { readonly is: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string; readonly post: Post };

export class Watch {
  readonly #posts: readonly Post[];
  readonly #byWatched: ReadonlyMap<Watched, Post>;
  readonly #monitor = new Monitor();
  readonly #up = new Set<Post>();

  constructor(jobs: readonly GroupJob[], options: Extension | undefined) {
    this.#posts = options === undefined ? [] : jobs.flatMap((job) => postsOf(job, options));
    this.#byWatched = new Map(this.#posts.map((post) => [post.watched, post]));
  }

  nextDeadline(): Instant | undefined {
    return this.#monitor.nextDeadline();
  }

  /** Compares what is up with what was up when it was last looked. */
  look(now: Instant): void {
    for (const post of this.#posts) {
      const up = post.job.state === "running" && post.job.resources()[post.index]?.state === "running";
      if (up === this.#up.has(post)) continue;
      if (up) this.#up.add(post);
      else this.#up.delete(post);
      this.#monitor.step({ on: up ? "started" : "stopping", watched: post.watched }, now);
    }
  }

  answered(question: Question, outcome: AgentOutcome, now: Instant): readonly WatchOutput[] {
    const { post, asked } = question;
    const result = resultOf(question, outcome);
    return this.#step({ on: "answer", watched: post.watched, question: asked, result }, now);
  }

  /** systemd says so; whoever is watched and lives in that unit is asked. */
  unitDown(unit: string, now: Instant): readonly WatchOutput[] {
    return this.#posts.flatMap(({ resource, watched }) =>
      resource.kind === "systemd" && unitName(resource.script) === unit ? this.#step({ on: "sign", watched }, now) : [],
    );
  }

  step(
    input: Extract<MonitorInput, { readonly on: "forget" | "maintenance" | "deadline" }>,
    now: Instant,
  ): readonly WatchOutput[] {
    return this.#step(input, now);
  }

  view(job: GroupJob, index: number, now: Instant): MonitorView | undefined {
    const post = this.#posts.find((each) => each.job === job && each.index === index);
    return post === undefined ? undefined : this.#monitor.view(post.watched, now);
  }

  #step(input: MonitorInput, now: Instant): readonly WatchOutput[] {
    return this.#monitor.step(input, now).flatMap((output): WatchOutput[] => {
      const post = this.#byWatched.get(output.watched);
      if (post === undefined) return [];
      const { text } = post.resource;
      switch (output.is) {
        case "ask":
          return [ask({ post, asked: output.question })];
        case "healed":
          return [{ is: "log", id: "resource-healed", level: "info", text: `${text} does its work again.`, post }];
        case "failed": {
          const says = this.#monitor.view(post.watched, now)?.last?.says ?? "";
          const line = `${text} has failed: ${says} (${output.because})`;
          return [
            { is: "log", id: "resource-failed", level: "error", text: line, post },
            { is: output.decide === "restart" ? "recover" : "give-up", post, why: says },
          ];
        }
        default:
          return unreachable(output);
      }
    });
  }
}

const postsOf = (job: GroupJob, options: Extension): Post[] =>
  job.group.resources.flatMap((resource, index) => {
    const plan = monitorPlan(optionsFor(options, job.group.key, resource), resource);
    if (plan === undefined) return [];
    return [{ job, index, resource, watched: { group: job.group.key, text: resource.text, plan } }];
  });

const ask = (question: Question): WatchOutput => ({
  is: "ask",
  question,
  effect: (operation) => effectOf(question, operation),
});

/** Its probes; without any, or where only they are no answer, its own `status`. */
const asksProbes = ({ post: { watched, resource }, asked }: Question): boolean =>
  resource.kind === "address" || (asked.of === "planned" && watched.plan.probes.length > 0);

function effectOf(question: Question, operation: OperationId): Effect {
  const { resource, watched } = question.post;
  const { probes, timeLimit } = watched.plan;
  // Without a probe of its own an address is not watched (`monitorPlan`).
  if (asksProbes(question) || resource.kind === "address") return { do: "probe", operation, probes, timeLimit };
  const { kind, script, args } = resource;
  return { do: "run-agent", operation, kind, script, args, action: "status", environment: {}, timeLimit };
}

function resultOf(question: Question, outcome: AgentOutcome): ProbeResult {
  const { resource, watched } = question.post;
  switch (outcome.result) {
    case "exited": {
      const { code, output, init = false } = outcome;
      if (asksProbes(question) || resource.kind === "address") return { ok: code === 0, says: output };
      const [line = ""] = output.trim().split("\n");
      const ok = agentOf(resource.kind).judge({ code, output, init }) === "running";
      return { ok, says: `status says ${line === "" ? `nothing, with return code ${code}` : line}` };
    }
    case "killed":
      return { ok: false, says: `status was killed by ${outcome.signal}` };
    case "timed-out":
      return { ok: false, says: `no answer within ${watched.plan.timeLimit} ms` };
    case "not-found":
      return { ok: false, says: "its script is not there" };
    case "lost":
      // Our own trouble, and no news of the service.
      return { ok: true, says: outcome.says };
    default:
      return unreachable(outcome);
  }
}
