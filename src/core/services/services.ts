/**
 * Carries out what the take-over decides: groups up, or down.
 *
 * Groups are independent and run side by side (quirk 21); inside a group order rules (`group-job.ts`). Each order to the
 * outside has an operation number and ends in exactly one answer.
 */
import type { Resource, ResourceGroup } from "../../agents/resource.ts";
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { invariant } from "../../base/invariant.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import { after, earliest, type Instant, type OperationId, operationId } from "../../base/units.ts";
import { type Extension, optionsFor } from "../../config/ha4-cf.ts";
import type { HealthCheck } from "../../config/ha4-health.ts";
import { NodeHealth, type NodeHealthInput, type Reach, wrongBy } from "../connectivity/node-health.ts";
import type { Effect, GuardedGroup, LogLevel } from "../effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../input.ts";
import type { KeptGroup } from "../keepsake.ts";
import { stopRetryPause } from "../limits.ts";
import type { Machine } from "../machine.ts";
import { type UnitId, UnitTable } from "../takeover/units.ts";
import type { ConflictView, MonitorView } from "../view.ts";
import { AddressDefence, type DefenceInput } from "./address-defence.ts";
import { Announcements } from "./announcements.ts";
import { GroupJob } from "./group-job.ts";
import type { JobInput, JobMemory } from "./job-language.ts";
import type { ServicesInput, ServicesOutput } from "./language.ts";
import { MissingAddresses } from "./missing-addresses.ts";
import { OverdueAnswers } from "./overdue.ts";
import { longestLimitOf, timeLimitOf } from "./time-limits.ts";
import { type AddressResource, Upkeep, type UpkeepInput } from "./upkeep.ts";
import { type Question, Watch, type WatchOutput } from "./watch.ts";

export class Services implements Machine<ServicesInput, ServicesOutput> {
  readonly #jobs: GroupJob[];
  readonly #units = new Map<UnitId, GroupJob>();
  readonly #operations = new Map<OperationId, GroupJob>();
  /** The same, from the other end: a group waits for one answer at a time. */
  readonly #awaited = new Map<GroupJob, OperationId>();
  readonly #kept = new WeakMap<GroupJob, { readonly memory: JobMemory; readonly kept: KeptGroup }>();
  readonly #upkeep = new Upkeep(() => this.#jobs.flatMap((job) => job.addressesUp()));
  /** Groups that another node may take while they are up here: what it says of their addresses is no conflict. */
  readonly #offered = new Set<GroupJob>();
  readonly #defence = new AddressDefence();
  readonly #missing = new MissingAddresses();
  /** Questions whether the kernel would take an address. */
  readonly #missingOperations = new Map<OperationId, UnitId>();
  readonly #upkeepOperations = new Map<OperationId, AddressResource>();
  readonly #watch: Watch;
  readonly #watchOperations = new Map<OperationId, Question>();
  readonly #overdue = new OverdueAnswers();
  readonly #health: NodeHealth | undefined;
  readonly #healthOperations = new Map<OperationId, HealthCheck>();
  readonly #retries = new Deadlines<GroupJob>();
  readonly #announcements = new Announcements();
  readonly #options: Extension | undefined;
  readonly #couldGo: (unit: UnitId, now: Instant) => boolean;
  /** Groups that the last core ran and haresources has no more, or not as they were: they are stopped before anything is started. */
  readonly #leftOver = new Set<GroupJob>();
  #postponed: Extract<ServicesInput, { readonly on: "acquire" | "release" }>[] = [];
  /** Grows with whatever happens to a group. */
  #changes = 0;
  #lastOperation = 0;
  /** As last told, by group; the same object as long as nothing of the group has changed. */
  #guarded: readonly GuardedGroup[] = [];
  #out: ServicesOutput[] = [];

  /** `reach`: the ping nodes that answer, here and elsewhere; `couldGo`: another node could have it. */
  constructor(
    groups: readonly ResourceGroup[],
    options?: Extension,
    reach: () => Reach = noReach,
    couldGo: (unit: UnitId, now: Instant) => boolean = nowhere,
  ) {
    this.#options = options;
    this.#couldGo = couldGo;
    this.#health = options?.health === undefined ? undefined : new NodeHealth(options.health, reach);
    const units = new UnitTable([...new Set(groups.map(({ owner }) => owner))], groups);
    this.#jobs = groups.map((group) => {
      const unit = units.idOf(group);
      invariant(unit !== undefined, `services: ${group.key} is no unit`);
      const job = new GroupJob(group, unit);
      this.#units.set(unit, job);
      return job;
    });
    this.#watch = new Watch(this.#jobs, options);
  }

  get jobs(): readonly GroupJob[] {
    return this.#jobs;
  }

  conflicts(): ConflictView[] {
    return this.#defence.view();
  }

  get changes(): number {
    return this.#changes;
  }

  /** A group of which nothing runs; undefined: a unit without a group. */
  isIdle(unit: UnitId): boolean | undefined {
    return this.#units.get(unit)?.isIdle;
  }

  /** Something of the last core's is still being stopped. */
  get tidying(): boolean {
    return this.#leftOver.size > 0;
  }

  memory(): KeptGroup[] {
    const kept: KeptGroup[] = [];
    for (const job of this.#jobs) {
      const memory = job.memory();
      if (memory === undefined) continue;
      const operation = this.#awaited.get(job);
      kept.push(operation === undefined ? memory : this.#keptAwaiting(job, memory, operation));
    }
    return kept;
  }

  /** Drawn up once: of hundreds of groups that wait, one is answered at a time. */
  #keptAwaiting(job: GroupJob, memory: JobMemory, operation: OperationId): KeptGroup {
    const known = this.#kept.get(job);
    if (known?.memory === memory && known.kept.operation === operation) return known.kept;
    const kept = { ...memory, operation };
    this.#kept.set(job, { memory, kept });
    return kept;
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#retries.next(),
      this.#overdue.next(),
      this.#watch.nextDeadline(),
      this.#announcements.next(),
      this.#upkeep.nextDeadline(),
      this.#missing.nextDeadline(),
      this.#defence.nextDeadline(),
      this.#health?.nextDeadline(),
    ].reduce(earliest);
  }

  step(input: ServicesInput, now: Instant): readonly ServicesOutput[] {
    this.#out = [];
    switch (input.on) {
      case "acquire":
      case "release":
        this.#obey(input, now);
        break;
      case "adopt":
        this.#adopt(input, now);
        break;
      case "reannounce":
        for (const address of this.#units.get(input.unit)?.addresses() ?? []) this.#announce(address, now);
        break;
      case "offered":
        this.#offer(input.unit, input.offered);
        break;
      case "agent-finished":
        if (this.#overdue.answered(input.operation)) this.#agentFinished(input.operation, input.outcome, now);
        break;
      case "address-finished":
        this.#addressFinished(input.operation, input.outcome, now);
        break;
      case "address-gone":
        this.#keepUp({ on: "gone", ip: input.ip }, now);
        break;
      case "deadline":
        for (const operation of this.#overdue.due(now)) this.#agentFinished(operation, { result: "timed-out" }, now);
        for (const job of this.#retries.due(now)) this.#feed(job, { on: "retry" }, now);
        for (const address of this.#announcements.due(now)) this.#sayWhereItIs(address);
        this.#keepUp({ on: "deadline" }, now);
        for (const [unit, resource] of this.#missing.due(now))
          this.#missingOperations.set(this.#orderAddress(resource, "could-add"), unit);
        this.#watchOutputs(this.#watch.step(input, now), now);
        this.#defend({ on: "deadline" }, now);
        this.#lookAfterNode({ on: "deadline" }, now);
        break;
      case "comm-up":
        this.#lookAfterNode({ on: "start" }, now);
        break;
      case "address-claimed": {
        const { ip, mac, device } = input;
        const address = this.#settledAddresses().find((each) => each.ip === ip);
        if (address !== undefined) this.#defend({ on: "claim", address, mac, device }, now);
        break;
      }
      case "interface-up": // quirk 151
        for (const address of this.#settledAddresses())
          if (address.device === input.device) this.#announce(address, now);
        break;
      case "unit-down":
        this.#watchOutputs(this.#watch.unitDown(input.unit, now), now);
        break;
      case "forget-failures": {
        this.#missing.forget(input.unit);
        const group = this.#units.get(input.unit)?.group.key;
        if (group !== undefined) this.#watchOutputs(this.#watch.step({ on: "forget", group }, now), now);
        break;
      }
      case "stalled":
        this.#overdue.postpone(input.wait, now);
        break;
      case "maintenance":
        this.#watchOutputs(this.#watch.step(input, now), now);
        this.#keepUp(input, now);
        break;
      default:
        unreachable(input);
    }
    this.#watch.look(now);
    this.#guard();
    return this.#out;
  }

  #obey(order: Extract<ServicesInput, { readonly on: "acquire" | "release" }>, now: Instant): void {
    if (this.tidying) this.#postponed.push(order);
    else if (order.on === "acquire") this.#unit(order.unit, { on: "start" }, now);
    else this.#unit(order.unit, { on: "stop", urgent: order.urgent }, now);
  }

  #adopt({ groups, underWay, lastOperation }: Extract<ServicesInput, { on: "adopt" }>, now: Instant): void {
    this.#lastOperation = lastOperation;
    for (const kept of groups) {
      const same = this.#jobs.find((job) => isSameGroup(job.group, kept.group));
      const job = same ?? new GroupJob(kept.group);
      job.recall(kept);
      if (same !== undefined && job.failedAddress !== undefined)
        this.#missing.recalled(job.unit, job.failedAddress, now);
      if (same === undefined) {
        this.#jobs.push(job);
        this.#leftOver.add(job);
      }
      if (kept.operation !== undefined && underWay.includes(kept.operation)) {
        this.#expect(kept.operation, job);
        this.#overdue.expect(kept.operation, longestLimitOf(this.#options, job.group), now);
      } else this.#feed(job, { on: "resume" }, now);
    }
    for (const job of [...this.#leftOver]) {
      const text = `${job.group.key} is not in haresources any more as it runs: stopping it.`;
      this.#logOf(job, { id: "left-over", level: "info", text });
      this.#feed(job, { on: "stop" }, now);
    }
    this.#keepUp({ on: "gone", ip: undefined }, now); // an address may have gone while nobody looked
  }

  /** What will not stop stays in view; the rest of the node goes on. */
  #leftOverEnded(job: GroupJob, clean: boolean, now: Instant): void {
    this.#leftOver.delete(job);
    if (clean) this.#jobs.splice(this.#jobs.indexOf(job), 1);
    if (this.tidying) return;
    this.#out.push({ is: "tidied" });
    for (const order of this.#postponed.splice(0)) this.#obey(order, now);
  }

  #unit(unit: UnitId, order: Extract<JobInput, { readonly on: "start" | "stop" }>, now: Instant): void {
    const job = this.#units.get(unit);
    if (job !== undefined) {
      this.#offered.delete(job);
      return this.#feed(job, order, now);
    }
    this.#out.push(order.on === "start" ? { is: "unit-up", unit, ok: true } : { is: "unit-down", unit, clean: true });
  }

  /** Why this node is to hold nothing; undefined: it is fit. */
  get unfit(): string | undefined {
    return this.#health?.unfit;
  }

  /** What is known of a resource that is watched. */
  monitorOf(job: GroupJob, index: number, now: Instant): MonitorView | undefined {
    return this.#watch.view(job, index, now);
  }

  #lookAfterNode(input: NodeHealthInput, now: Instant): void {
    const plan = this.#options?.health;
    if (this.#health === undefined || plan === undefined) return;
    for (const output of this.#health.step(input, now)) {
      if (output.is !== "ask") {
        this.#out.push({ is: "fitness", unfit: output.is === "unfit" ? output.because : undefined });
        continue;
      }
      const operation = operationId(++this.#lastOperation);
      const { timeLimit } = plan;
      this.#healthOperations.set(operation, output.check);
      this.#overdue.expect(operation, timeLimit, now);
      this.#out.push({ is: "effect", effect: { do: "probe", operation, probes: [output.check.probe], timeLimit } });
    }
  }

  #agentFinished(operation: OperationId, outcome: AgentOutcome, now: Instant): void {
    const check = this.#healthOperations.get(operation);
    if (check !== undefined) {
      this.#healthOperations.delete(operation);
      return this.#lookAfterNode({ on: "answer", check, wrong: wrongBy(outcome) }, now);
    }
    const question = this.#watchOperations.get(operation);
    if (question === undefined) return this.#finished(operation, { on: "agent", outcome }, now);
    this.#watchOperations.delete(operation);
    this.#watchOutputs(this.#watch.answered(question, outcome, now), now);
  }

  #watchOutputs(outputs: readonly WatchOutput[], now: Instant): void {
    for (const output of outputs) {
      switch (output.is) {
        case "ask": {
          const operation = operationId(++this.#lastOperation);
          this.#watchOperations.set(operation, output.question);
          this.#overdue.expect(operation, output.question.post.watched.plan.timeLimit, now);
          this.#out.push({ is: "effect", effect: output.effect(operation) });
          break;
        }
        case "recover":
        case "give-up":
          this.#feed(output.post.job, { on: output.is, index: output.post.index, why: output.why }, now);
          break;
        case "log":
          this.#logOf(output.post.job, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #addressFinished(operation: OperationId, outcome: AddressOutcome, now: Instant): void {
    const unit = this.#missingOperations.get(operation);
    if (unit !== undefined) {
      this.#missingOperations.delete(operation);
      const found = this.#missing.answered(unit, outcome.result !== "failed");
      if (found === "was-there") this.#units.get(unit)?.failedOtherwise();
      else if (found === "back") this.#out.push({ is: "unit-able", unit });
      return;
    }
    const resource = this.#upkeepOperations.get(operation);
    if (resource === undefined) return this.#finished(operation, { on: "address", outcome }, now);
    this.#upkeepOperations.delete(operation);
    this.#keepUp({ on: "answer", resource, outcome }, now);
  }

  /** Those that are here to stay. While one moves, both nodes of a hand-over may have it for a moment, and both may say so. */
  #settledAddresses(): HeldAddress[] {
    return this.#jobs.flatMap((job) =>
      (job.state === "running" || job.state === "starting") && !this.#offered.has(job) ? job.addresses() : [],
    );
  }

  #offer(unit: UnitId, offered: boolean): void {
    const job = this.#units.get(unit);
    if (job === undefined) return;
    if (!offered) return void this.#offered.delete(job);
    this.#offered.add(job);
    for (const { ip } of job.addresses()) this.#announcements.end(ip);
  }

  #defend(input: DefenceInput, now: Instant): void {
    for (const output of this.#defence.step(input, now)) {
      if (output.is === "log") {
        const holder = this.#jobs.find((job) => job.addresses().some(({ ip }) => ip === output.ip));
        this.#logOf(holder, output);
      } else if (output.again) this.#sayWhereItIs(output.address);
      else this.#announce(output.address, now);
    }
  }

  #keepUp(input: UpkeepInput, now: Instant): void {
    for (const output of this.#upkeep.step(input, now)) {
      switch (output.is) {
        case "not-back": {
          const job = this.#jobs.find(({ group }) => group.resources.includes(output.resource));
          if (job === undefined || !this.#couldGo(job.unit, now)) break;
          const index = job.group.resources.indexOf(output.resource);
          this.#feed(job, { on: "give-up", index, why: output.why }, now);
          break;
        }
        case "order": {
          this.#upkeepOperations.set(this.#orderAddress(output.resource, output.action), output.resource);
          break;
        }
        case "announce":
          this.#announce(output.address, now);
          break;
        case "log":
          this.#logOf(
            this.#jobs.find((job) => job.group.resources.includes(output.resource)),
            output,
          );
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Beside the group that it belongs to. */
  #orderAddress({ address }: AddressResource, action: "add" | "status" | "could-add"): OperationId {
    const operation = operationId(++this.#lastOperation);
    this.#out.push({ is: "effect", effect: { do: "address", operation, action, address } });
    return operation;
  }

  #finished(operation: OperationId, input: JobInput, now: Instant): void {
    const job = this.#operations.get(operation);
    invariant(job !== undefined, `services: operation ${operation} ended twice or was never ordered`);
    this.#operations.delete(operation);
    this.#awaited.delete(job);
    this.#feed(job, input, now);
  }

  #feed(job: GroupJob, input: JobInput, now: Instant): void {
    this.#changes++;
    for (const output of job.step(input)) {
      switch (output.is) {
        case "run": {
          const timeLimit = timeLimitOf(this.#options, job.group.key, output.resource, output.action);
          const operation = this.#order(job, (operation) => ({
            do: "run-agent",
            operation,
            kind: output.resource.kind,
            script: output.resource.script,
            args: output.resource.args,
            action: output.action,
            environment: {},
            timeLimit,
          }));
          this.#overdue.expect(operation, timeLimit, now);
          break;
        }
        case "address":
          this.#order(job, (operation) => ({
            do: "address",
            operation,
            action: output.action,
            address: output.resource.address,
          }));
          break;
        case "announce":
          this.#announce(output.address, now);
          break;
        case "silence":
          this.#announcements.end(output.address.ip);
          this.#defend({ on: "released", ip: output.address.ip }, now);
          break;
        case "retry-later":
          this.#retries.set(job, after(now, stopRetryPause));
          break;
        case "stuck":
          this.#stuck(job.group.key, output.resource);
          break;
        case "up":
          if (output.ok) this.#missing.forget(job.unit);
          else this.#missing.failed(job.unit, job.failedAddress, now);
          this.#out.push({ is: "unit-up", unit: job.unit, ok: output.ok });
          break;
        case "down":
          if (this.#leftOver.has(job)) this.#leftOverEnded(job, output.clean, now);
          else this.#out.push({ is: "unit-down", unit: job.unit, clean: output.clean });
          break;
        case "recovered":
          break;
        case "lost":
          this.#missing.failed(job.unit, job.failedAddress, now);
          this.#out.push({ is: "unit-lost", unit: job.unit });
          break;
        case "log":
          this.#logOf(job, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Until this machine has restarted nobody else can have it; whether it may be restarted is the administrator's to say. */
  #stuck(group: string, resource: Resource): void {
    const options = this.#options === undefined ? {} : optionsFor(this.#options, group, resource);
    if (options.stopFailure !== "hold") {
      this.#out.push({ is: "effect", effect: { do: "reboot", reason: `${resource.text} would not stop` } });
      return;
    }
    const text = `${resource.text} would not stop, and ha4.cf says to hold it: nobody takes it over until heartbeat has stopped it.`;
    this.#out.push({ is: "effect", effect: { do: "log", id: "stop-failure-held", level: "crit", text, group } });
  }

  #logOf(job: GroupJob | undefined, line: { id: LogId; level: LogLevel; text: string }): void {
    const { id, level, text } = line;
    const group = job === undefined ? {} : { group: job.group.key };
    this.#out.push({ is: "effect", effect: { do: "log", id, level, text, ...group } });
  }

  #order(job: GroupJob, effect: (operation: OperationId) => Effect): OperationId {
    const operation = operationId(++this.#lastOperation);
    this.#expect(operation, job);
    this.#out.push({ is: "effect", effect: effect(operation) });
    return operation;
  }

  #expect(operation: OperationId, job: GroupJob): void {
    this.#operations.set(operation, job);
    this.#awaited.set(job, operation);
  }

  #announce(address: HeldAddress, now: Instant): void {
    this.#announcements.begin(address, now);
    this.#sayWhereItIs(address);
  }

  #sayWhereItIs(address: HeldAddress): void {
    this.#out.push({ is: "effect", effect: { do: "announce", address } });
  }

  /** Tells the runner what to undo should we die, whenever that changes. */
  #guard(): void {
    const held: GuardedGroup[] = [];
    for (const { guarded } of this.#jobs) if (guarded !== undefined) held.push(guarded);
    const same = held.length === this.#guarded.length && held.every((group, i) => group === this.#guarded[i]);
    if (same) return;
    this.#guarded = held;
    this.#out.push({ is: "effect", effect: { do: "guard", held } });
  }
}

const noReach = (): Reach => ({ ours: 0, theirs: undefined });

const nowhere = (): boolean => false;

/** The same resources in the same order, for the same node: what runs may go on. */
const isSameGroup = (a: ResourceGroup, b: ResourceGroup): boolean =>
  a.key === b.key && a.owner === b.owner && textsOf(a) === textsOf(b);

const textsOf = ({ resources }: ResourceGroup): string => resources.map(({ text }) => text).join(" ");
