/**
 * Fencing, carried out: turns what `fencing/fencing.ts` decides into effects, log lines and messages, and brings the outcome back to whoever
 * waits to take something over.
 */
import { unreachable } from "../base/exhaustive.ts";
import { type Instant, milliseconds, type NodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import * as compose from "../wire/compose.ts";
import { Fencing, type FencingInput, type FencingOutput } from "./fencing/fencing.ts";
import type { StepEffects } from "./step-effects.ts";
import type { OperatorAnswer } from "./takeover/language.ts";
import type { Voice } from "./voice.ts";

export interface ProtectionParts {
  readonly config: ClusterConfig;
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly onFenced: (node: NodeName, because: string) => void;
}

export class Protection {
  readonly #parts: ProtectionParts;
  readonly #fencing: Fencing;

  constructor(parts: ProtectionParts) {
    this.#parts = parts;
    const { localNode: self, nodes, fencing, deadtime, keepalive } = parts.config;
    const { armed, devices, wait } = fencing;
    this.#fencing = new Fencing({
      self,
      nodes,
      devices,
      armed: new Set(armed),
      noticeMax: milliseconds(deadtime + keepalive),
      ...(wait === undefined ? {} : { wait }),
    });
  }

  can(node: NodeName): boolean {
    return this.#fencing.can(node);
  }

  progress(node: NodeName): string | undefined {
    return this.#fencing.progress(node);
  }

  nextDeadline(): Instant | undefined {
    return this.#fencing.nextDeadline();
  }

  feed(input: FencingInput): void {
    for (const output of this.#fencing.step(input, this.#parts.effects.at)) this.#carryOut(output);
  }

  /** The operator's word counts only for a node that is being fenced. */
  confirm(name: string): OperatorAnswer {
    const { config, effects } = this.#parts;
    const node = config.nodes.find((each) => each === name.toLowerCase());
    if (node === undefined || this.progress(node) === undefined)
      return { ok: false, says: `${name} is not being fenced: nothing to confirm` };
    effects.event("fence-confirmed", "warn", `The operator says that ${node} is off.`);
    this.feed({ on: "confirmed", node });
    return { ok: true, says: `what ${node} held is taken over` };
  }

  #carryOut(output: FencingOutput): void {
    const { effects, onFenced, voice } = this.#parts;
    switch (output.is) {
      case "run": {
        const { operation, device, action, victim, timeLimit } = output;
        return effects.push({ do: "fence", operation, device, action, victim, timeLimit });
      }
      case "cancel":
        return effects.push({ do: "fence-cancel", operation: output.operation });
      case "fenced":
        return onFenced(output.node, output.because);
      case "say": {
        const posted = voice.post(compose.fencingResult(output.node, output.result));
        if (posted !== undefined) effects.notify(posted, voice.status);
        return;
      }
      case "log":
        return effects.event(output.id, output.level, output.text, output.because);
      default:
        return unreachable(output);
    }
  }
}
