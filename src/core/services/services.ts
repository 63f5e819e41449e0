/**
 * Carries out what the take-over decides: all groups of a share up, or all of them down.
 *
 * The groups of a share are independent and run side by side (quirk 21); inside a group order rules (`group-job.ts`). Each order to the
 * outside has an operation number and ends in exactly one answer. Announcements of addresses are repeated in the background:
 * nobody waits for them.
 */
import type { Resource, ResourceGroup } from "../../agents/resource.ts";
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { invariant } from "../../base/invariant.ts";
import { after, earliest, type Instant, type NodeName, type OperationId, operationId } from "../../base/units.ts";
import { type Extension, optionsFor } from "../../config/ha4-cf.ts";
import type { Effect, GuardedGroup, GuardedResource } from "../effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../input.ts";
import { agentTimeLimit, announceAfter, stopRetryPause } from "../limits.ts";
import type { Machine } from "../machine.ts";
import type { ConflictView } from "../view.ts";
import { AddressDefence, type DefenceInput } from "./address-defence.ts";
import { GroupJob, type JobInput } from "./group-job.ts";
import { type AddressResource, Upkeep, type UpkeepInput } from "./upkeep.ts";

export type ServicesInput =
  | { readonly on: "acquire"; readonly share: NodeName }
  /** `urgent`: addresses first, because somebody else may answer for them already. */
  | { readonly on: "release"; readonly share: NodeName; readonly urgent: boolean }
  | { readonly on: "reannounce"; readonly share: NodeName }
  | { readonly on: "agent-finished"; readonly operation: OperationId; readonly outcome: AgentOutcome }
  | { readonly on: "address-finished"; readonly operation: OperationId; readonly outcome: AddressOutcome }
  | { readonly on: "address-gone"; readonly ip: string | undefined }
  | { readonly on: "address-claimed"; readonly ip: string; readonly mac: string; readonly device: string }
  | { readonly on: "interface-up"; readonly device: string }
  /** A node that was cut off is heard again: neighbours that were cut off with it may have missed what we announced. */
  | { readonly on: "network-back" }
  | { readonly on: "deadline" };

export type ServicesOutput =
  | { readonly is: "effect"; readonly effect: Effect }
  | { readonly is: "share-up"; readonly share: NodeName }
  | { readonly is: "share-down"; readonly share: NodeName; readonly clean: boolean };

export class Services implements Machine<ServicesInput, ServicesOutput> {
  readonly #jobs: readonly GroupJob[];
  readonly #operations = new Map<OperationId, GroupJob>();
  readonly #upkeep = new Upkeep(() => this.#jobs.flatMap((job) => job.addressesUp()));
  readonly #defence = new AddressDefence();
  readonly #upkeepOperations = new Map<OperationId, AddressResource>();
  readonly #retries = new Deadlines<GroupJob>();
  readonly #announcements = new Map<string, { readonly address: HeldAddress; readonly sent: number }>();
  readonly #announceAt = new Deadlines<string>();
  /** Shares whose start or stop is under way, with the groups that have not ended yet. */
  readonly #waiting = new Map<NodeName, { readonly up: boolean; readonly jobs: Set<GroupJob>; clean: boolean }>();
  readonly #options: Extension | undefined;
  #lastOperation = 0;
  #guarded = "[]";
  #out: ServicesOutput[] = [];

  constructor(groups: readonly ResourceGroup[], options?: Extension) {
    this.#options = options;
    this.#jobs = groups.map((group) => new GroupJob(group));
  }

  get jobs(): readonly GroupJob[] {
    return this.#jobs;
  }

  conflicts(): ConflictView[] {
    return this.#defence.view();
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#retries.next(),
      this.#announceAt.next(),
      this.#upkeep.nextDeadline(),
      this.#defence.nextDeadline(),
    ].reduce(earliest);
  }

  step(input: ServicesInput, now: Instant): readonly ServicesOutput[] {
    this.#out = [];
    switch (input.on) {
      case "acquire":
        this.#share(input.share, { on: "start" }, now);
        break;
      case "release":
        this.#share(input.share, { on: "stop", urgent: input.urgent }, now);
        break;
      case "reannounce":
        for (const job of this.#jobsOf(input.share))
          for (const address of job.addresses()) this.#announce(address, now);
        break;
      case "agent-finished":
        this.#finished(input.operation, { on: "agent", outcome: input.outcome }, now);
        break;
      case "address-finished":
        this.#addressFinished(input.operation, input.outcome, now);
        break;
      case "address-gone":
        this.#keepUp({ on: "gone", ip: input.ip }, now);
        break;
      case "deadline":
        for (const job of this.#retries.due(now)) this.#feed(job, { on: "retry" }, now);
        for (const ip of this.#announceAt.due(now)) this.#announceNext(ip, now);
        this.#keepUp({ on: "deadline" }, now);
        this.#defend({ on: "deadline" }, now);
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
      case "network-back":
        for (const address of this.#settledAddresses()) this.#announce(address, now);
        break;
      default:
        unreachable(input);
    }
    this.#guard();
    return this.#out;
  }

  #jobsOf(share: NodeName): GroupJob[] {
    return this.#jobs.filter((job) => job.group.owner === share);
  }

  #share(share: NodeName, order: Extract<JobInput, { readonly on: "start" | "stop" }>, now: Instant): void {
    const jobs = this.#jobsOf(share);
    this.#waiting.set(share, { up: order.on === "start", jobs: new Set(jobs), clean: true });
    for (const job of jobs) this.#feed(job, order, now);
    this.#shareEnded(share);
  }

  #shareEnded(share: NodeName): void {
    const waiting = this.#waiting.get(share);
    if (waiting === undefined || waiting.jobs.size > 0) return;
    this.#waiting.delete(share);
    this.#out.push(waiting.up ? { is: "share-up", share } : { is: "share-down", share, clean: waiting.clean });
  }

  #addressFinished(operation: OperationId, outcome: AddressOutcome, now: Instant): void {
    const resource = this.#upkeepOperations.get(operation);
    if (resource === undefined) return this.#finished(operation, { on: "address", outcome }, now);
    this.#upkeepOperations.delete(operation);
    this.#keepUp({ on: "answer", resource, outcome }, now);
  }

  /** Those that are here to stay. While one moves, both nodes of a hand-over may have it for a moment, and both may say so. */
  #settledAddresses(): HeldAddress[] {
    return this.#jobs.flatMap((job) => (job.state === "running" || job.state === "starting" ? job.addresses() : []));
  }

  #defend(input: DefenceInput, now: Instant): void {
    for (const output of this.#defence.step(input, now)) {
      if (output.is === "log") {
        const { id, level, text } = output;
        this.#out.push({ is: "effect", effect: { do: "log", id, level, text } });
      } else if (output.again) this.#out.push({ is: "effect", effect: { do: "announce", address: output.address } });
      else this.#announce(output.address, now);
    }
  }

  #keepUp(input: UpkeepInput, now: Instant): void {
    for (const output of this.#upkeep.step(input, now)) {
      switch (output.is) {
        case "order": {
          const operation = operationId(++this.#lastOperation);
          this.#upkeepOperations.set(operation, output.resource);
          const { address } = output.resource;
          this.#out.push({ is: "effect", effect: { do: "address", operation, action: output.action, address } });
          break;
        }
        case "announce":
          this.#announce(output.address, now);
          break;
        case "log": {
          const { id, level, text } = output;
          this.#out.push({ is: "effect", effect: { do: "log", id, level, text } });
          break;
        }
        default:
          unreachable(output);
      }
    }
  }

  #finished(operation: OperationId, input: JobInput, now: Instant): void {
    const job = this.#operations.get(operation);
    invariant(job !== undefined, `services: operation ${operation} ended twice or was never ordered`);
    this.#operations.delete(operation);
    this.#feed(job, input, now);
  }

  #feed(job: GroupJob, input: JobInput, now: Instant): void {
    for (const output of job.step(input)) {
      switch (output.is) {
        case "run":
          this.#order(job, (operation) => ({
            do: "run-agent",
            operation,
            kind: output.resource.kind,
            script: output.resource.script,
            args: output.resource.args,
            action: output.action,
            environment: {},
            timeLimit: agentTimeLimit,
          }));
          break;
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
          this.#announceAt.delete(output.address.ip);
          this.#defend({ on: "released", ip: output.address.ip }, now);
          break;
        case "retry-later":
          this.#retries.set(job, after(now, stopRetryPause));
          break;
        case "stuck":
          this.#stuck(job.group.key, output.resource);
          break;
        case "up":
        case "down":
          this.#jobEnded(job, output.is === "up", output.is === "down" ? output.clean : true);
          break;
        case "log":
          this.#out.push({
            is: "effect",
            effect: { do: "log", id: output.id, level: output.level, text: output.text },
          });
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
    this.#out.push({ is: "effect", effect: { do: "log", id: "stop-failure-held", level: "crit", text } });
  }

  #jobEnded(job: GroupJob, up: boolean, clean: boolean): void {
    const waiting = this.#waiting.get(job.group.owner);
    if (waiting === undefined || waiting.up !== up) return; // a start that a release overtook
    waiting.jobs.delete(job);
    waiting.clean &&= clean;
    this.#shareEnded(job.group.owner);
  }

  #order(job: GroupJob, effect: (operation: OperationId) => Effect): void {
    const operation = operationId(++this.#lastOperation);
    this.#operations.set(operation, job);
    this.#out.push({ is: "effect", effect: effect(operation) });
  }

  #announce(address: HeldAddress, now: Instant): void {
    this.#announcements.set(address.ip, { address, sent: 0 });
    this.#announceNext(address.ip, now);
  }

  #announceNext(ip: string, now: Instant): void {
    const announcement = this.#announcements.get(ip);
    if (announcement === undefined) return;
    this.#out.push({ is: "effect", effect: { do: "announce", address: announcement.address } });
    const wait = announceAfter[announcement.sent];
    if (wait === undefined) {
      this.#announcements.delete(ip);
      return;
    }
    this.#announcements.set(ip, { address: announcement.address, sent: announcement.sent + 1 });
    this.#announceAt.set(ip, after(now, wait));
  }

  /** Tells the runner what to undo should we die, whenever that changes. */
  #guard(): void {
    const held: GuardedGroup[] = this.#jobs.flatMap((job) => {
      const resources = job.touched().flatMap(({ resource, address }): GuardedResource[] => {
        if (resource.kind !== "address") return [{ kind: resource.kind, script: resource.script, args: resource.args }];
        return address === undefined ? [] : [{ kind: "address", address }];
      });
      return resources.length === 0 ? [] : [{ key: job.group.key, resources }];
    });
    const text = JSON.stringify(held);
    if (text === this.#guarded) return;
    this.#guarded = text;
    this.#out.push({ is: "effect", effect: { do: "guard", held } });
  }
}
