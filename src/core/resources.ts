/**
 * Who runs what, and running it: carries the decisions of `takeover/` out through `services/` and the voice, and brings what became of them
 * back as facts, one after the other.
 */
import { unreachable } from "../base/exhaustive.ts";
import { after, earliest, type Instant, milliseconds, type NodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { lingerAtLeave } from "./limits.ts";
import type { Services, ServicesInput, ServicesOutput } from "./services/services.ts";
import { spoken } from "./speech.ts";
import type { StepEffects } from "./step-effects.ts";
import type { Steward, TakeoverInput, TakeoverOutput } from "./takeover/language.ts";
import type { Voice } from "./voice.ts";

export interface ResourcesParts {
  readonly config: ClusterConfig;
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly takeover: Steward;
  readonly services: Services;
  /** Another node is there to ask us for our last words. */
  readonly heard: () => boolean;
}

export class Resources {
  readonly #parts: ResourcesParts;
  /** Facts for the take-over that arose while it was carried out. */
  readonly #facts: TakeoverInput[] = [];
  #busy = false;
  #leaveAt: Instant | undefined;

  constructor(parts: ResourcesParts) {
    this.#parts = parts;
  }

  /** When all is released and said, and nobody has asked for anything again. */
  get leaveAt(): Instant | undefined {
    return this.#leaveAt;
  }

  /** The process ends in this step. */
  gone(): void {
    this.#leaveAt = undefined;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#parts.takeover.nextDeadline(), this.#parts.services.nextDeadline());
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
  }

  /** One fact after the other: what follows from carrying out an order waits until the other orders of its step are out. */
  #takeFacts(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { effects, takeover } = this.#parts;
    for (let fact = this.#facts.shift(); fact !== undefined; fact = this.#facts.shift())
      this.#takeoverOutputs(takeover.step(fact, effects.at));
    this.#busy = false;
  }

  #takeoverOutputs(outputs: readonly TakeoverOutput[]): void {
    const { effects, heard, voice } = this.#parts;
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
        case "acquire": {
          const { share, because } = output;
          this.#tellOfShare("acquire", `Acquiring the resources of ${share}.`, share, because);
          this.serve({ on: "acquire", share });
          break;
        }
        case "release": {
          const { share, because, urgent } = output;
          this.#tellOfShare("release", `Releasing the resources of ${share}.`, share, because);
          this.serve({ on: "release", share, urgent });
          break;
        }
        case "reannounce":
          this.serve({ on: "reannounce", share: output.share });
          break;
        case "log":
          effects.event(output.id, output.level, output.text, output.because);
          break;
        case "left":
          this.#leaveAt = after(effects.at, heard() ? lingerAtLeave : milliseconds(0));
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** A share without groups is held like any other, but there is nothing to tell of it. */
  #tellOfShare(id: string, text: string, share: NodeName, because: string): void {
    const { config, effects } = this.#parts;
    if (config.groups.some((group) => group.owner === share)) effects.event(id, "info", text, because);
  }

  #servicesOutputs(outputs: readonly ServicesOutput[]): void {
    const { effects } = this.#parts;
    for (const output of outputs) {
      switch (output.is) {
        case "effect":
          if (output.effect.do === "log") effects.event(output.effect.id, output.effect.level, output.effect.text);
          else effects.push(output.effect);
          break;
        case "share-up":
          this.feed({ on: "share-up", share: output.share });
          break;
        case "share-down":
          this.feed({ on: "share-down", share: output.share, clean: output.clean });
          break;
        default:
          unreachable(output);
      }
    }
  }
}
