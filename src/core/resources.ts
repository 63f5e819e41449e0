/**
 * Who runs what, and running it: carries the decisions of `takeover/` out through `services/` and the voice, and brings what became of them
 * back as facts, one after the other.
 */
import { unreachable } from "../base/exhaustive.ts";
import { after, earliest, type Instant, milliseconds } from "../base/units.ts";
import type { Inheritance, Keepsake } from "./keepsake.ts";
import { lingerAtLeave } from "./limits.ts";
import type { Roster } from "./membership/roster.ts";
import { isPresent } from "./neighbours.ts";
import type { Protection } from "./protection.ts";
import type { ServicesInput, ServicesOutput } from "./services/language.ts";
import type { Services } from "./services/services.ts";
import { spoken } from "./speech.ts";
import type { StepEffects } from "./step-effects.ts";
import type { OperatorAnswer, OperatorOrder, Steward, TakeoverInput, TakeoverOutput } from "./takeover/language.ts";
import { ownerOf } from "./takeover/units.ts";
import type { Voice } from "./voice.ts";

type UnitOrder = Extract<TakeoverOutput, { readonly is: "acquire" | "release" }>;

export interface ResourcesParts {
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly takeover: Steward;
  readonly services: Services;
  readonly protection: Protection;
  readonly roster: Roster;
}

export class Resources {
  readonly #parts: ResourcesParts;
  /** Facts for the take-over that arose while it was carried out. */
  readonly #facts: TakeoverInput[] = [];
  #busy = false;
  #maintenance = false;
  #answer: OperatorAnswer = { ok: false, says: "" };
  #leaveAt: Instant | undefined;
  #kept = 0;
  readonly #resumed: ServicesOutput[] = [];
  readonly #ordered: TakeoverOutput[] = [];
  #stopLater = false;

  constructor(parts: ResourcesParts) {
    this.#parts = parts;
  }

  /** What the last core held is ours, before the first word is said. What is to be done about it is in `resume`. */
  inherit(inherited: Inheritance): void {
    const { effects, services, takeover } = this.#parts;
    const { holdings, groups } = inherited.keepsake;
    this.#resumed.push(...services.step({ ...inherited, on: "adopt", groups }, effects.at));
    const held = holdings.units.map(({ id }) => id);
    const idle = new Set(held.filter((unit) => services.isIdle(unit) === true));
    const outputs = takeover.step({ on: "adopt", holdings, idle }, effects.at);
    this.#ordered.push(...outputs.filter(({ is }) => is !== "state-changed"));
    effects.event("restart-holds", "info", `restart: i_hold_resources = ${takeover.word}`);
  }

  /** Goes on with what was moving when the last core ended. */
  resume(): void {
    this.#busy = true;
    this.#heedMaintenance();
    this.#servicesOutputs(this.#resumed.splice(0));
    this.#takeoverOutputs(this.#ordered.splice(0));
    this.#busy = false;
    this.#takeFacts();
  }

  /** For the next core, if anything of it has changed. */
  keepsake(): Keepsake | undefined {
    const { roster, services, takeover } = this.#parts;
    const changes = services.changes + takeover.changes + roster.changes;
    if (changes === this.#kept) return undefined;
    this.#kept = changes;
    return { holdings: takeover.memory(), groups: services.memory(), patience: roster.patience() };
  }

  /** Nothing moves. */
  get quiet(): boolean {
    return this.#parts.takeover.quiet && !this.#parts.services.tidying;
  }

  /** When all is released and said, and nobody has asked for anything again. */
  get leaveAt(): Instant | undefined {
    return this.#leaveAt;
  }

  /** What somebody typed, and what became of it. */
  order(order: OperatorOrder): OperatorAnswer {
    this.#answer = { ok: false, says: "heartbeat is busy: try again" };
    this.feed({ on: "order", order });
    return this.#answer;
  }

  /** The process ends in this step. */
  gone(): void {
    this.#leaveAt = undefined;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#parts.takeover.nextDeadline(), this.#parts.services.nextDeadline());
  }

  /** What the last core left over and we do not want must be down before we go. */
  stop(): void {
    if (this.#parts.services.tidying) this.#stopLater = true;
    else this.feed({ on: "stop" });
  }

  feed(input: TakeoverInput): void {
    this.#facts.push(input);
    this.#takeFacts();
  }

  serve(input: ServicesInput): void {
    const { effects, services } = this.#parts;
    this.#servicesOutputs(services.step(input, effects.at));
  }

  deadline(): void {
    this.feed({ on: "deadline" });
    this.serve({ on: "deadline" });
  }

  /** The status goes out first, and says already that we take part. */
  commUp(): void {
    const { effects, takeover, voice } = this.#parts;
    const outputs = takeover.step({ on: "comm-up" }, effects.at);
    voice.setStatus("active");
    this.#busy = true;
    this.#takeoverOutputs(outputs);
    this.#busy = false;
    this.#takeFacts();
    this.serve({ on: "comm-up" });
  }

  /** One fact after the other: what follows from carrying out an order waits until the other orders of its step are out. */
  #takeFacts(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { effects, takeover } = this.#parts;
    for (let fact = this.#facts.shift(); fact !== undefined; fact = this.#facts.shift()) {
      const outputs = takeover.step(fact, effects.at);
      this.#heedMaintenance();
      this.#takeoverOutputs(outputs);
    }
    this.#busy = false;
  }

  /** While nothing may be started or stopped, what runs is not asked either, and nobody is switched off. */
  #heedMaintenance(): void {
    const { maintenance } = this.#parts.takeover;
    if (maintenance === this.#maintenance) return;
    this.#maintenance = maintenance;
    this.serve({ on: "maintenance", active: maintenance });
    this.#parts.protection.feed({ on: "maintenance", active: maintenance });
  }

  #takeoverOutputs(outputs: readonly TakeoverOutput[]): void {
    const { effects, protection, roster, voice } = this.#parts;
    const told = new Set<string>();
    for (const output of outputs) {
      switch (output.is) {
        case "say": {
          const posted = voice.post(spoken(output.message));
          if (posted !== undefined && output.message.say === "stonith") effects.notify(posted, voice.status);
          break;
        }
        case "state-changed":
          voice.sendStatus();
          break;
        case "acquire":
          this.#tellOrder(output, outputs, told);
          this.serve({ on: "acquire", unit: output.unit });
          break;
        case "release":
          this.#tellOrder(output, outputs, told);
          this.serve({ on: "release", unit: output.unit, urgent: output.urgent });
          break;
        case "fence": {
          const { node, weHold, theyHold } = output;
          protection.feed({ on: "wanted", node, weHold, theyHold });
          break;
        }
        case "reannounce":
          this.serve({ on: "reannounce", unit: output.unit });
          break;
        case "offer":
          this.serve({ on: "offered", unit: output.unit, offered: output.offered });
          break;
        case "forgiven":
          this.serve({ on: "forget-failures", unit: output.unit });
          break;
        case "answered":
          this.#answer = output.answer;
          break;
        case "log":
          effects.event(output.id, output.level, output.text, output.because, output.group);
          break;
        case "left":
          // Another node that is there may ask us for our last words.
          this.#leaveAt = after(effects.at, roster.all().some(isPresent) ? lingerAtLeave : milliseconds(0));
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** One line for a whole share that is ordered at once, else one for each group. */
  #tellOrder(order: UnitOrder, outputs: readonly TakeoverOutput[], told: Set<string>): void {
    const { effects, takeover } = this.#parts;
    const { is, unit, because } = order;
    const owner = ownerOf(unit);
    const groups = takeover.groupsOf(owner);
    const kind = `${is} ${owner} ${because}`;
    if (groups.length === 0 || told.has(kind)) return; // of an empty share there is nothing to tell
    const alike = outputs.filter((each) => each.is === is && ownerOf(each.unit) === owner && each.because === because);
    const verb = is === "acquire" ? "Acquiring" : "Releasing";
    const group = groups.length === 1 || alike.length < groups.length ? takeover.groupOf(unit) : undefined;
    if (alike.length < groups.length)
      return effects.event(is, "info", `${verb} ${takeover.keyOf(unit)}.`, because, group);
    told.add(kind);
    effects.event(is, "info", `${verb} the resources of ${owner}.`, because, group);
  }

  #servicesOutputs(outputs: readonly ServicesOutput[]): void {
    const { effects } = this.#parts;
    for (const output of outputs) {
      switch (output.is) {
        case "effect":
          if (output.effect.do === "log") {
            const { id, level, text, group } = output.effect;
            effects.event(id, level, text, undefined, group);
          } else effects.push(output.effect);
          break;
        case "tidied":
          if (this.#stopLater) this.feed({ on: "stop" });
          break;
        case "unit-up":
          this.feed({ on: "unit-up", unit: output.unit, ok: output.ok });
          break;
        case "fitness":
          this.feed({ on: "fitness", unfit: output.unfit });
          break;
        case "unit-able":
          this.feed({ on: "unit-able", unit: output.unit });
          break;
        case "unit-lost":
          this.feed({ on: "unit-lost", unit: output.unit });
          break;
        case "unit-down":
          this.feed({ on: "unit-down", unit: output.unit, clean: output.clean });
          break;
        default:
          unreachable(output);
      }
    }
  }
}
