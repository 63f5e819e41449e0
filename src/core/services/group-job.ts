/**
 * Starts and stops the resources of one group, in order, one at a time.
 *
 * A start goes left to right: an address is added at once, a script is asked for its status first (quirk 251), because what runs already
 * must not be started twice. When a start fails the whole group is stopped again, right to left. A stop is repeated, because
 * a resource that stays up here while the other node starts it is the worst that can happen.
 *
 * Source: docs/reference/resources.md, sections 3.1 to 3.4. Deviations: each script has a time limit (quirk 16); what this
 * process never started is not stopped (quirk 13); a stop that fails for good leaves the group held, until the machine has
 * restarted (quirk 17).
 */

import type { Resource, ResourceGroup } from "../../agents/resource.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import type { GuardedGroup, GuardedResource, LogLevel } from "../effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../input.ts";
import { stopRetriesMax } from "../limits.ts";
import { type UnitId, unitId } from "../takeover/units.ts";
import type { GroupState, ResourceView } from "../view.ts";
import type { JobInput, JobMemory, JobOutput, Step } from "./job-language.ts";
import { failure, found, saysNothing } from "./verdict.ts";

interface Slot {
  readonly resource: Resource;
  state: ResourceView["state"];
  /** A start was ordered and no stop succeeded since: something may be active. */
  touched: boolean;
  address: HeldAddress | undefined;
}

export class GroupJob {
  readonly unit: UnitId;
  readonly #group: ResourceGroup;
  readonly #slots: readonly Slot[];
  #state: GroupState = "stopped";
  #step: Step | undefined;
  #wantDown = false;
  #urgent = false;
  #startFailed = false;
  /** Of the last failure: the index of the address that the kernel would not take, or not take back. */
  #failedAddress: number | undefined;
  #stopFailed = false;
  /** It was up before what it does now. */
  #wasUp = false;
  /** Stop no further than this, then start again from here. */
  #recoverFrom: number | undefined;
  #because = "";
  /** Drawn up once after each change: there may be hundreds of groups, of which one changes at a time. */
  #remembered: { readonly memory: JobMemory | undefined } | undefined;
  #guarded: GuardedGroup | undefined;
  #guardKnown = false;
  #out: JobOutput[] = [];

  /** `unit`: what the group is called where it is decided upon. */
  constructor(group: ResourceGroup, unit: UnitId = unitId(group.key)) {
    this.unit = unit;
    this.#group = group;
    this.#slots = group.resources.map((resource) => ({
      resource,
      state: "stopped",
      touched: false,
      address: undefined,
    }));
  }

  get isIdle(): boolean {
    return this.#state === "stopped" && this.#slots.every((slot) => !slot.touched);
  }

  /** Undefined: nothing runs, and there is nothing to tell. */
  memory(): JobMemory | undefined {
    this.#remembered ??= this.isIdle ? { memory: undefined } : { memory: this.#remember() };
    return this.#remembered.memory;
  }

  #remember(): JobMemory {
    return {
      group: this.#group,
      state: this.#state,
      slots: this.#slots.map(({ state, touched, address }) => ({
        state,
        touched,
        ...(address === undefined ? {} : { address }),
      })),
      ...(this.#step === undefined ? {} : { step: this.#step }),
      wantDown: this.#wantDown,
      urgent: this.#urgent,
      startFailed: this.#startFailed,
      stopFailed: this.#stopFailed,
      wasUp: this.#wasUp,
      ...(this.#recoverFrom === undefined ? {} : { recoverFrom: this.#recoverFrom }),
      ...(this.#failedAddress === undefined ? {} : { failedAddress: this.#failedAddress }),
      because: this.#because,
    };
  }

  /** Goes on where another job of the same resources was. */
  recall(kept: JobMemory): void {
    this.#changed();
    this.#state = kept.state;
    this.#step = kept.step;
    this.#wantDown = kept.wantDown;
    this.#urgent = kept.urgent;
    this.#startFailed = kept.startFailed;
    this.#stopFailed = kept.stopFailed;
    this.#wasUp = kept.wasUp;
    this.#recoverFrom = kept.recoverFrom;
    this.#failedAddress = kept.failedAddress;
    this.#because = kept.because;
    for (const [index, { state, touched, address }] of kept.slots.entries()) {
      const slot = this.#slots[index];
      if (slot !== undefined) Object.assign(slot, { state, touched, address });
    }
  }

  get group(): ResourceGroup {
    return this.#group;
  }

  get state(): GroupState {
    return this.#state;
  }

  /** It failed because the kernel would not take this address, or not take it back. */
  get failedAddress(): Extract<Resource, { kind: "address" }> | undefined {
    const resource = this.#failedAddress === undefined ? undefined : this.#slots[this.#failedAddress]?.resource;
    return this.#state === "failed" && resource?.kind === "address" ? resource : undefined;
  }

  /** The kernel would take that address. */
  failedOtherwise(): void {
    this.#failedAddress = undefined;
    this.#changed();
  }

  /** Why it is not running although it should be; empty otherwise. */
  get because(): string {
    return this.#because;
  }

  resources(): ResourceView[] {
    return this.#slots.map((slot) => ({ text: slot.resource.text, state: slot.state }));
  }

  /** What may be active, in the order of starting. */
  touched(): { readonly resource: Resource; readonly address: HeldAddress | undefined }[] {
    return this.#slots.filter((slot) => slot.touched);
  }

  /** Those that are up and to stay so. */
  addressesUp(): Extract<Resource, { kind: "address" }>[] {
    return this.#slots.flatMap(({ resource, state }) =>
      resource.kind === "address" && state === "running" ? [resource] : [],
    );
  }

  addresses(): HeldAddress[] {
    return this.#slots.flatMap((slot) =>
      slot.state === "running" && slot.address !== undefined ? [slot.address] : [],
    );
  }

  /** What is to be undone should we die; the same object as long as it is the same. Undefined: nothing. */
  get guarded(): GuardedGroup | undefined {
    if (this.#guardKnown) return this.#guarded;
    this.#guardKnown = true;
    const resources = this.touched().flatMap(({ resource, address }): GuardedResource[] => {
      if (resource.kind !== "address") return [{ kind: resource.kind, script: resource.script, args: resource.args }];
      return address === undefined ? [] : [{ kind: "address", address }];
    });
    const before = this.#guarded?.resources ?? [];
    if (JSON.stringify(resources) !== JSON.stringify(before))
      this.#guarded = resources.length === 0 ? undefined : { key: this.#group.key, resources };
    return this.#guarded;
  }

  #changed(): void {
    this.#guardKnown = false;
    this.#remembered = undefined;
  }

  step(input: JobInput): readonly JobOutput[] {
    this.#changed();
    this.#out = [];
    switch (input.on) {
      case "start":
        this.#start();
        break;
      case "stop":
        this.#urgent = input.urgent ?? false;
        this.#stop();
        break;
      case "recover":
      case "give-up":
        this.#failed(input);
        break;
      case "retry":
        if (this.#step?.asking === "pause") this.#askStop(this.#step.index, this.#step.attempt);
        break;
      case "resume":
        this.#resume();
        break;
      case "agent":
        this.#agentFinished(input.outcome);
        break;
      case "address":
        this.#addressFinished(input.outcome);
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  #start(): void {
    if (this.#state === "running") return void this.#out.push({ is: "up", ok: true });
    if (this.#step !== undefined) return;
    this.#state = "starting";
    this.#wantDown = false;
    this.#wasUp = false;
    this.#urgent = false;
    this.#startFailed = false;
    this.#stopFailed = false;
    this.#because = "";
    const texts = this.#group.resources.map((resource) => resource.text).join(" ");
    this.#log("acquiring-group", "info", `Acquiring resource group: ${this.#group.owner} ${texts}`);
    this.#startFrom(0);
  }

  #startFrom(index: number): void {
    if (this.#wantDown) return this.#stopFrom(this.#slots.length - 1);
    const slot = this.#slots[index];
    if (slot === undefined) {
      this.#state = "running";
      this.#step = undefined;
      this.#out.push(this.#wasUp ? { is: "recovered" } : { is: "up", ok: true });
      return;
    }
    slot.state = "starting";
    if (slot.resource.kind === "address") {
      slot.touched = true;
      this.#step = { index, asking: "start", attempt: 0 };
      this.#out.push({ is: "address", resource: slot.resource, action: "add" });
    } else {
      this.#step = { index, asking: "status", attempt: 0 };
      this.#out.push({ is: "run", resource: slot.resource, action: "status" });
    }
  }

  #started(index: number): void {
    const slot = this.#slots[index];
    if (slot !== undefined) {
      slot.state = "running";
      slot.touched = true;
    }
    this.#startFrom(index + 1);
  }

  #startFailedAt(index: number, why: string): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    slot.state = "failed";
    this.#startFailed = true;
    this.#failedAddress = isAddress(slot) ? index : undefined;
    this.#because = `${slot.resource.text}: ${why}`;
    this.#log("start-failed", "error", `${slot.resource.text} did not start: ${why}`);
    this.#log("giving-up-group", "crit", `Giving up resources due to failure of ${slot.resource.text}`);
    this.#stopFrom(this.#slots.length - 1);
  }

  /** Only of a group that is up and at rest: what is being started or stopped is seen to already. */
  #failed({ on, index, why }: Extract<JobInput, { readonly on: "recover" | "give-up" }>): void {
    const slot = this.#slots[index];
    if (slot === undefined || this.#state !== "running") return;
    this.#wasUp = true;
    this.#urgent = false;
    this.#startFailed = false;
    this.#stopFailed = false;
    const { text } = slot.resource;
    if (on === "give-up") {
      slot.state = "failed";
      this.#startFailed = true;
      this.#failedAddress = isAddress(slot) ? index : undefined;
      this.#because = `${text}: ${why}`;
      this.#log("giving-up-group", "crit", `Giving up resources due to failure of ${text}`);
      return this.#stopFrom(this.#slots.length - 1);
    }
    this.#recoverFrom = index;
    this.#log(
      "restarting-resource",
      "warn",
      `Restarting ${text}${index < this.#slots.length - 1 ? " and those behind it" : ""}.`,
    );
    this.#stopFrom(this.#slots.length - 1);
  }

  /** A start asks first, in case it was given after all. */
  #resume(): void {
    if (this.#step === undefined) return;
    const { index, asking, attempt } = this.#step;
    const resource = this.#slots[index]?.resource;
    if (resource === undefined) return;
    if (asking === "status" || asking === "start") return this.#startFrom(index);
    if (asking === "stop") return this.#askStop(index, attempt);
    if (asking === "pause") this.#out.push({ is: "retry-later" });
    else if (resource.kind !== "address") this.#out.push({ is: "run", resource, action: "status" });
  }

  #stop(): void {
    this.#wantDown = true;
    if (this.#step !== undefined) return; // the running action ends first; what follows it is the stop
    if (this.#slots.every((slot) => !slot.touched)) return this.#allStopped();
    const texts = this.#group.resources.map((resource) => resource.text).join(" ");
    this.#log("releasing-group", "info", `Releasing resource group: ${this.#group.owner} ${texts}`);
    this.#stopFailed = false;
    this.#stopFrom(this.#slots.length - 1);
  }

  #stopFrom(last: number): void {
    // Somebody wants all of it down meanwhile, or what is to be started anew would not stop.
    if (this.#wantDown || this.#stopFailed) this.#recoverFrom = undefined;
    this.#state = this.#recoverFrom === undefined ? "stopping" : "starting";
    if (this.#urgent) {
      const address = this.#slots.findLastIndex((slot) => isAddress(slot) && slot.touched && slot.state !== "failed");
      if (address >= 0) return this.#askStop(address, 0);
    }
    for (let index = last; index >= (this.#recoverFrom ?? 0); index--) {
      const slot = this.#slots[index];
      if (slot?.touched && !(this.#urgent && isAddress(slot))) return this.#askStop(index, 0);
    }
    const from = this.#recoverFrom;
    this.#recoverFrom = undefined;
    if (from === undefined) this.#allStopped();
    else this.#startFrom(from);
  }

  /** What comes after this one ended, well or not. */
  #stopAfter(index: number): void {
    const slot = this.#slots[index];
    const addressesFirst = this.#urgent && slot !== undefined && isAddress(slot);
    this.#stopFrom(addressesFirst ? this.#slots.length - 1 : index - 1);
  }

  #askStop(index: number, attempt: number): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    slot.state = "stopping";
    this.#step = { index, asking: "stop", attempt };
    if (slot.resource.kind !== "address") {
      this.#out.push({ is: "run", resource: slot.resource, action: "stop" });
    } else {
      if (slot.address !== undefined) this.#out.push({ is: "silence", address: slot.address });
      this.#out.push({ is: "address", resource: slot.resource, action: "remove" });
    }
  }

  #stopped(index: number): void {
    const slot = this.#slots[index];
    if (slot !== undefined) {
      slot.state = slot.state === "failed" ? "failed" : "stopped";
      slot.touched = false;
      slot.address = undefined;
    }
    this.#stopAfter(index);
  }

  #stopDidNotWork(index: number, attempt: number, why: string): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    this.#log("stop-failed", "error", `${slot.resource.text} did not stop: ${why}`);
    if (attempt < stopRetriesMax) {
      this.#log("stop-retry", "info", `Retrying failed stop operation [${slot.resource.text}]`);
      this.#step = { index, asking: "pause", attempt: attempt + 1 };
      this.#out.push({ is: "retry-later" });
    } else if (slot.resource.kind !== "address") {
      this.#step = { index, asking: "stop-status", attempt };
      this.#out.push({ is: "run", resource: slot.resource, action: "status" });
    } else {
      this.#stopGivenUp(index);
    }
  }

  #stopGivenUp(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    this.#log(
      "stop-failure",
      "crit",
      `Resource STOP failure. Reboot required! ${slot.resource.text} is still running.`,
    );
    slot.state = "failed";
    this.#stopFailed = true;
    this.#because = `${slot.resource.text} would not stop`;
    this.#out.push({ is: "stuck", resource: slot.resource });
    this.#stopAfter(index);
  }

  #allStopped(): void {
    this.#step = undefined;
    const ended = this.#startFailed && !this.#wantDown && !this.#stopFailed; // else: some of it still runs, and nobody else may start it
    this.#state = this.#stopFailed ? "stop-failed" : this.#startFailed ? "failed" : "stopped";
    if (ended) this.#out.push(this.#wasUp ? { is: "lost" } : { is: "up", ok: false });
    else this.#out.push({ is: "down", clean: !this.#stopFailed });
    if (!ended && !this.#stopFailed) this.#because = "";
  }

  #agentFinished(outcome: AgentOutcome): void {
    const step = this.#step;
    if (step === undefined) return;
    const why = failure(outcome);
    const resource = this.#slots[step.index]?.resource;
    const state = found(resource, outcome);
    switch (step.asking) {
      case "status":
        if (this.#wantDown && state !== "running") return this.#stopFrom(step.index - 1);
        if (state === "running") return this.#started(step.index);
        if (outcome.result !== "exited") return this.#startFailedAt(step.index, why ?? outcome.result);
        return this.#orderStart(step.index);
      case "start":
        return why === undefined ? this.#started(step.index) : this.#startFailedAt(step.index, why);
      case "stop":
        return why === undefined ? this.#stopped(step.index) : this.#stopDidNotWork(step.index, step.attempt, why);
      case "stop-status": {
        if (state !== "stopped" || saysNothing(resource, outcome)) return this.#stopGivenUp(step.index); // quirk 51
        const text = resource?.text ?? "";
        this.#log("stop-not-lsb", "error", `Resource script for ${text} probably not LSB-compliant.`);
        this.#log("stop-must-succeed", "warn", `it (${text}) MUST succeed on a stop when already stopped`);
        return this.#stopped(step.index);
      }
      case "pause":
        return;
      default:
        return unreachable(step.asking);
    }
  }

  #orderStart(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined || slot.resource.kind === "address") return;
    slot.touched = true;
    this.#step = { index, asking: "start", attempt: 0 };
    const { script, args } = slot.resource;
    this.#log("running", "info", `Running ${[script, ...args, "start"].join(" ")}`);
    this.#out.push({ is: "run", resource: slot.resource, action: "start" });
  }

  #addressFinished(outcome: AddressOutcome): void {
    const step = this.#step;
    const slot = step === undefined ? undefined : this.#slots[step.index];
    if (step === undefined || slot === undefined) return;
    if (outcome.result === "failed") {
      const why = outcome.advice === undefined ? outcome.says : `${outcome.says} (${outcome.advice})`;
      if (step.asking === "start") {
        slot.touched = false; // the kernel refused it: there is nothing to take back
        return this.#startFailedAt(step.index, why);
      }
      return this.#stopDidNotWork(step.index, step.attempt, why);
    }
    if (outcome.result === "present" && step.asking === "start") {
      slot.address = outcome.address;
      this.#out.push({ is: "announce", address: outcome.address });
      return this.#started(step.index);
    }
    if (step.asking === "stop") this.#stopped(step.index);
  }

  #log(id: LogId, level: LogLevel, text: string): void {
    this.#out.push({ is: "log", id, level, text });
  }
}

const isAddress = (slot: Slot): boolean => slot.resource.kind === "address";
