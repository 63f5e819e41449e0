/**
 * Switches silent nodes off before anything of theirs is taken.
 *
 * Silence proves nothing: a node that cannot be heard may still write to the disks. So the take-over asks for it to be fenced, and waits. The
 * devices that can do it are tried in turn, each for a limited time; a round in which all fail is followed by a pause that grows. It ends
 * with a device's success, with the word of another node that had success, with the operator's (`heartbeat fence confirm`), or when the
 * node announces itself: then it lives, and what is still under way is broken off.
 *
 * Two nodes that lost each other and can both fence would switch each other off. Who holds something goes first, so that what runs
 * goes on; who holds nothing gives it ten seconds for that. If that does not tell them apart, their places in the `node` order do. Who was
 * started in the cut knows nothing of the other and waits longest (`delay.ts`).
 *
 * Source: docs/reference/resources.md, section 11.3. Deviations: several devices, limits, growing pauses, an end when the node is
 * back (quirk 170); a device is named in the log as in the configuration (quirk 171); whoever has a device fences every silent node that
 * did not announce its exit (quirk 172).
 */

import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import {
  after,
  type Instant,
  type Milliseconds,
  milliseconds,
  type NodeName,
  type OperationId,
  operationId,
} from "../../base/units.ts";
import type { FencingDevice } from "../../stonith/device.ts";
import type { LogLevel } from "../effect.ts";
import type { FencingOutcome } from "../input.ts";
import { deviceCheckEvery, fencingGuard } from "../limits.ts";
import type { Machine } from "../machine.ts";
import { type FencingDelay, fencingDelay, fencingPause } from "./delay.ts";

export type FencingInput =
  | { readonly on: "comm-up" }
  /** It is silent and did not say that it leaves. `theyHold` is undefined when we never heard it. */
  | { readonly on: "wanted"; readonly node: NodeName; readonly weHold: boolean; readonly theyHold: boolean | undefined }
  /** It lives. */
  | { readonly on: "heard"; readonly node: NodeName }
  /** The operator says that it is off. */
  | { readonly on: "confirmed"; readonly node: NodeName }
  /** Another node has fenced it. */
  | { readonly on: "told"; readonly node: NodeName; readonly by: NodeName }
  | { readonly on: "finished"; readonly operation: OperationId; readonly outcome: FencingOutcome }
  /** While maintenance lasts nobody is switched off. */
  | { readonly on: "maintenance"; readonly active: boolean }
  /** We leave, and take nothing any more. */
  | { readonly on: "stop" }
  | { readonly on: "deadline" };

export type FencingOutput =
  | {
      readonly is: "run";
      readonly operation: OperationId;
      readonly device: string;
      readonly action: "reset" | "status";
      readonly victim: NodeName | undefined;
      readonly timeLimit: Milliseconds;
    }
  /** It ends in `finished` all the same, which does not count any more. */
  | { readonly is: "cancel"; readonly operation: OperationId }
  /** What it held may be taken. */
  | { readonly is: "fenced"; readonly node: NodeName; readonly because: string }
  | { readonly is: "say"; readonly node: NodeName; readonly result: "OK" | "bad" | "badhost" }
  | {
      readonly is: "log";
      readonly id: LogId;
      readonly level: LogLevel;
      readonly text: string;
      readonly because?: string;
    };

export interface FencingConfig {
  readonly self: NodeName;
  readonly nodes: readonly NodeName[];
  /** Ours, in the order in which they are tried. */
  readonly devices: readonly Pick<FencingDevice, "name" | "victims" | "timeLimit">[];
  /** Nodes that have a device of their own. */
  readonly armed: ReadonlySet<NodeName>;
  /** A node that another one has reset is not noticed to be dead before this has passed. */
  readonly noticeMax: Milliseconds;
  /** How far apart the attempts of two are that can fence each other; absent: `fencingTurn`. */
  readonly wait?: Milliseconds;
}

type Device = FencingConfig["devices"][number];

interface Case {
  readonly node: NodeName;
  /** Attempts that have ended. */
  attempts: number;
  running: { readonly operation: OperationId; readonly device: Device } | undefined;
  /** Why it waits, for people. */
  waits: string;
  /** How long the first attempt is put off, so that two do not switch each other off. */
  readonly delay: FencingDelay;
}

const inMaintenance = "waiting for the end of maintenance";

type Deadline = `try ${NodeName}` | `guard ${NodeName}` | "check" | "check guard";

export class Fencing implements Machine<FencingInput, FencingOutput> {
  readonly #config: FencingConfig;
  readonly #cases = new Map<NodeName, Case>();
  readonly #deadlines = new Deadlines<Deadline>();
  /** Reset by others before we missed them (quirk 237). */
  readonly #told = new Map<NodeName, { readonly by: NodeName; readonly until: Instant }>();
  /** Devices that the check under way has not asked yet; the first is being asked. */
  #toCheck: Device[] = [];
  #checking: OperationId | undefined;
  #checkFailed = new Set<string>();
  #operations = 0;
  #left = false;
  #maintenance = false;
  #out: FencingOutput[] = [];

  constructor(config: FencingConfig) {
    this.#config = config;
  }

  /** Whether a node that is silent must be fenced: whether we have a device for it. */
  can(node: NodeName): boolean {
    return this.#devicesFor(node).length > 0;
  }

  /** What is being done about a node, for people; undefined: nothing. */
  progress(node: NodeName): string | undefined {
    const each = this.#cases.get(node);
    if (each === undefined) return undefined;
    const failures = each.attempts === 0 ? "" : `, ${each.attempts} attempts failed`;
    return each.running === undefined ? `${each.waits}${failures}` : `asking ${each.running.device.name}${failures}`;
  }

  /** Devices whose last check failed. */
  brokenDevices(): readonly string[] {
    return [...this.#checkFailed];
  }

  nextDeadline(): Instant | undefined {
    return this.#deadlines.next();
  }

  step(input: FencingInput, now: Instant): readonly FencingOutput[] {
    this.#out = [];
    switch (input.on) {
      case "comm-up":
        this.#beginCheck(now);
        break;
      case "wanted":
        this.#wanted(input, now);
        break;
      case "heard":
        this.#heard(input.node);
        break;
      case "confirmed":
        this.#succeeded(input.node, "the operator says that it is off");
        break;
      case "told":
        this.#toldOf(input.node, input.by, now);
        break;
      case "finished":
        this.#finished(input.operation, input.outcome, now);
        break;
      case "maintenance":
        this.#maintain(input.active, now);
        break;
      case "stop":
        this.#left = true;
        for (const node of [...this.#cases.keys()]) this.#drop(node);
        this.#endCheck();
        this.#deadlines.clear();
        break;
      case "deadline":
        for (const name of this.#deadlines.due(now)) this.#due(name, now);
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  // --- One silent node --------------------------------------------------------------------------------------------------

  #wanted({ node, weHold, theyHold }: Extract<FencingInput, { on: "wanted" }>, now: Instant): void {
    if (this.#left) return;
    this.#drop(node);
    const told = this.#told.get(node);
    this.#told.delete(node);
    if (told !== undefined && now <= told.until)
      return void this.#out.push({ is: "fenced", node, because: `${told.by} has reset it` });
    const { armed, wait } = this.#config;
    const delay = fencingDelay(
      { holds: weHold, first: this.#standsBefore(node) },
      { holds: theyHold, armed: armed.has(node) },
      wait,
    );
    const each: Case = { node, attempts: 0, running: undefined, waits: inMaintenance, delay };
    this.#cases.set(node, each);
    if (this.#maintenance) this.#log("fence-maintenance", "warn", `${node} is not reset before maintenance ends.`);
    else this.#begin(each, now);
  }

  #standsBefore(node: NodeName): boolean {
    const { self, nodes } = this.#config;
    return nodes.indexOf(self) < nodes.indexOf(node);
  }

  #begin(each: Case, now: Instant): void {
    const { node, delay } = each;
    const { wait, because } = delay;
    if (wait === 0) return this.#attempt(each, now);
    each.waits = `waiting ${wait / 1000} s, ${because}`;
    this.#log("fence-delay", "info", `${node} is to be reset in ${wait / 1000} s`, because);
    this.#deadlines.set(`try ${node}`, after(now, wait));
  }

  /** What is under way ends as it may, and may end well; the next attempt is the first after maintenance (quirk 231). */
  #maintain(active: boolean, now: Instant): void {
    if (active === this.#maintenance) return;
    this.#maintenance = active;
    for (const each of this.#cases.values()) {
      if (each.running !== undefined) continue;
      if (active) this.#putOff(each);
      else this.#begin(each, now);
    }
  }

  #putOff(each: Case): void {
    each.waits = inMaintenance;
    this.#deadlines.delete(`try ${each.node}`);
  }

  #attempt(each: Case, now: Instant): void {
    const devices = this.#devicesFor(each.node);
    const device = devices[each.attempts % devices.length];
    if (device === undefined) return;
    this.#leaveUnchecked(device, now);
    each.running = { operation: this.#nextOperation(), device };
    this.#log("fence", "info", `Resetting node ${each.node} with [${device.name}]`);
    this.#out.push({
      is: "run",
      operation: each.running.operation,
      device: device.name,
      action: "reset",
      victim: each.node,
      timeLimit: device.timeLimit,
    });
    this.#deadlines.set(`guard ${each.node}`, after(now, milliseconds(device.timeLimit + fencingGuard)));
  }

  #finished(operation: OperationId, outcome: FencingOutcome, now: Instant): void {
    if (operation === this.#checking) return this.#checked(outcome, now);
    const each = [...this.#cases.values()].find(({ running }) => running?.operation === operation);
    if (each?.running === undefined) return; // it was broken off
    const { name } = each.running.device;
    const { node } = each;
    this.#deadlines.delete(`guard ${node}`);
    each.running = undefined;
    if (outcome.result === "done") {
      this.#log("fence-done", "info", `node ${node} now reset.`);
      this.#out.push({ is: "say", node, result: "OK" });
      return this.#succeeded(node, `${name} has reset it`);
    }
    each.attempts++;
    if (outcome.result === "bad-host")
      this.#log("fence-bad-host", "error", `Device ${name} cannot reset host ${node}.`);
    else this.#log("fence-failed", "error", `Host ${node} not reset!`, outcome.says);
    this.#out.push({ is: "say", node, result: outcome.result === "bad-host" ? "badhost" : "bad" });
    this.#goOn(each, now);
  }

  /** With the next device at once; after the last one, after a pause, with the first. */
  #goOn(each: Case, now: Instant): void {
    if (this.#maintenance) return this.#putOff(each);
    const devices = this.#devicesFor(each.node).length;
    if (each.attempts % devices !== 0) return this.#attempt(each, now);
    const pause = fencingPause(each.attempts / devices);
    const text = `STONITH of ${each.node} failed.  Retrying...`;
    this.#log(
      "fence-retry",
      "error",
      text,
      `in ${pause / 1000} s; if ${each.node} is off: heartbeat fence confirm ${each.node}`,
    );
    each.waits = "waiting for the next attempt";
    this.#deadlines.set(`try ${each.node}`, after(now, pause));
  }

  #succeeded(node: NodeName, because: string): void {
    if (!this.#cases.has(node)) return;
    this.#drop(node);
    this.#out.push({ is: "fenced", node, because });
  }

  #toldOf(node: NodeName, by: NodeName, now: Instant): void {
    if (this.#cases.has(node)) return this.#succeeded(node, `${by} has reset it`);
    this.#told.set(node, { by, until: after(now, this.#config.noticeMax) });
  }

  #heard(node: NodeName): void {
    this.#told.delete(node);
    if (!this.#cases.has(node)) return;
    this.#drop(node);
    this.#log("fence-given-up", "warn", `STONITH of ${node} is given up.`, `${node} is back`);
  }

  /** Forgets the case, and breaks off what is under way for it. */
  #drop(node: NodeName): void {
    const running = this.#cases.get(node)?.running;
    this.#cases.delete(node);
    this.#deadlines.delete(`try ${node}`);
    this.#deadlines.delete(`guard ${node}`);
    if (running !== undefined) this.#out.push({ is: "cancel", operation: running.operation });
  }

  #due(name: Deadline, now: Instant): void {
    if (name === "check") return this.#beginCheck(now);
    if (name === "check guard") return this.#checkHangs(now);
    const node = name.slice(name.indexOf(" ") + 1) as NodeName;
    const each = this.#cases.get(node);
    if (each === undefined) return;
    if (name.startsWith("try ")) return this.#attempt(each, now);
    if (each.running === undefined) return;
    const { operation, device } = each.running;
    this.#out.push({ is: "cancel", operation });
    this.#finished(operation, { result: "failed", says: `${device.name} never came back` }, now);
  }

  // --- The hourly check -------------------------------------------------------------------------------------------------

  #beginCheck(now: Instant): void {
    if (this.#left || this.#config.devices.length === 0) return;
    this.#deadlines.set("check", after(now, deviceCheckEvery));
    this.#endCheck();
    this.#toCheck = [...this.#config.devices];
    this.#checkNext(now);
  }

  /** Some devices serve one caller only: one that resets is not asked for its state meanwhile, the others are. */
  #leaveUnchecked(device: Device, now: Instant): void {
    const isAsked = this.#checking !== undefined && this.#toCheck[0] === device;
    this.#toCheck = this.#toCheck.filter((each) => each !== device);
    if (!isAsked || this.#checking === undefined) return;
    this.#out.push({ is: "cancel", operation: this.#checking });
    this.#checking = undefined;
    this.#deadlines.delete("check guard");
    this.#checkNext(now);
  }

  #checkNext(now: Instant): void {
    const resets = (device: Device): boolean =>
      [...this.#cases.values()].some(({ running }) => running?.device === device);
    this.#toCheck = this.#toCheck.filter((device) => !resets(device));
    const [device] = this.#toCheck;
    if (device === undefined) return;
    this.#checking = this.#nextOperation();
    this.#log("fence-check", "info", `Checking status of STONITH device [${device.name}]`);
    const { name, timeLimit } = device;
    this.#out.push({
      is: "run",
      operation: this.#checking,
      device: name,
      action: "status",
      victim: undefined,
      timeLimit,
    });
    this.#deadlines.set("check guard", after(now, milliseconds(timeLimit + fencingGuard)));
  }

  #checked(outcome: FencingOutcome, now: Instant): void {
    const device = this.#toCheck.shift();
    this.#checking = undefined;
    this.#deadlines.delete("check guard");
    if (device === undefined) return;
    if (outcome.result === "done") {
      if (this.#checkFailed.delete(device.name))
        this.#log("fence-check-well", "info", `STONITH device ${device.name} is operational again.`);
    } else {
      this.#checkFailed.add(device.name);
      const why = outcome.result === "failed" ? outcome.says : undefined;
      this.#log("fence-check-failed", "error", `STONITH device ${device.name} not operational!`, why);
      this.#log("fence-check-failed", "error", "STONITH status operation failed.");
      this.#log("fence-check-failed", "info", "This may mean that the STONITH device has failed!");
    }
    this.#checkNext(now);
  }

  #checkHangs(now: Instant): void {
    if (this.#checking === undefined) return;
    this.#out.push({ is: "cancel", operation: this.#checking });
    this.#checked({ result: "failed", says: "it never came back" }, now);
  }

  #endCheck(): void {
    if (this.#checking !== undefined) this.#out.push({ is: "cancel", operation: this.#checking });
    this.#checking = undefined;
    this.#toCheck = [];
    this.#deadlines.delete("check guard");
  }

  // --- Small helpers ----------------------------------------------------------------------------------------------------

  #devicesFor(node: NodeName): Device[] {
    return this.#config.devices.filter(({ victims }) => victims?.includes(node) ?? true);
  }

  #nextOperation(): OperationId {
    this.#operations++;
    return operationId(this.#operations);
  }

  #log(id: LogId, level: LogLevel, text: string, because?: string): void {
    this.#out.push({ is: "log", id, level, text, ...(because === undefined ? {} : { because }) });
  }
}
