/**
 * What lives and dies with the node: the programs of `respawn` and `failfast` lines, and the one that the daemon is itself, ipfail.
 *
 * They are there while communication is up, and they are gone before the node is.
 */
import { unreachable } from "../base/exhaustive.ts";
import { earliest, type Instant } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { type Message, stringOf } from "../wire/message.ts";
import { Children, type ChildrenInput } from "./children/respawn.ts";
import type { Clients, Treatment } from "./clients/clients.ts";
import { Ipfail, type IpfailInput } from "./connectivity/ipfail.ts";
import type { StepEffects } from "./step-effects.ts";
import type { ChildView, View } from "./view.ts";
import type { Voice } from "./voice.ts";

export interface CompanionsParts {
  readonly config: ClusterConfig;
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly clients: Clients;
  readonly view: () => View;
  readonly debugging: () => boolean;
}

export class Companions {
  readonly #parts: CompanionsParts;
  readonly #children: Children;
  /** While it takes part. */
  #ipfail: Ipfail | undefined;
  #leaving = false;
  #allEnded = false;

  constructor(parts: CompanionsParts) {
    this.#parts = parts;
    this.#children = new Children(parts.config.children, parts.debugging);
  }

  /** After `leave`: nothing is left of them. */
  get allEnded(): boolean {
    return this.#allEnded;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#children.nextDeadline(), this.#ipfail?.nextDeadline());
  }

  views(): readonly ChildView[] {
    return this.#children.views();
  }

  /** Communication is up. */
  start(): void {
    if (this.#leaving) return;
    this.take({ on: "start" });
    if (this.#parts.config.builtIns.includes("ipfail")) this.#startIpfail();
  }

  /** The node begins to leave: what ends by itself while resources are released is not started again, and no failure of it is one. */
  nodeStops(): void {
    this.take({ on: "node-stops" });
  }

  /** The programs are ended one after the other; whatever the daemon does in place of one ends at once. */
  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    const { clients, voice } = this.#parts;
    this.#ipfail = undefined;
    voice.resident(clients.dismiss("ipfail"));
    this.take({ on: "leave" });
  }

  deadline(): void {
    this.take({ on: "deadline" });
    this.#feedIpfail({ on: "deadline" });
  }

  take(input: ChildrenInput): void {
    const { effects, voice } = this.#parts;
    for (const output of this.#children.step(input, effects.at)) {
      switch (output.is) {
        case "effect":
          if (output.effect.do === "log") effects.log(output.effect.id, output.effect.level, output.effect.text);
          else effects.push(output.effect);
          break;
        case "ended":
          voice.client({ on: "process-gone", pid: output.pid, looked: false });
          break;
        case "all-ended":
          this.#allEnded = true;
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** By the rule that decides what a client of that name gets (client-api.md, section 6.1). */
  overhear(message: Message, treatment: Treatment): void {
    if (this.#ipfail === undefined || treatment !== "keep") return;
    const dest = stringOf(message, "dest");
    const to = stringOf(message, "to_id");
    if (dest !== undefined && dest !== this.#parts.config.localNode) return;
    if (to === undefined || to === "ipfail") this.#feedIpfail({ on: "message", message });
  }

  #startIpfail(): void {
    const { clients, config, effects, view, voice } = this.#parts;
    if (config.autoFailback === "legacy")
      return effects.log("ipfail", "error", "ipfail: auto_failback set to incompatible legacy option.");
    this.#ipfail = new Ipfail({
      self: config.localNode,
      autoFailback: config.autoFailback === "on",
      keepalive: config.keepalive,
    });
    effects.log("ipfail", "info", "ipfail is part of this daemon: no program is started for it.");
    this.#feedIpfail({ on: "start", nodes: view().nodes });
    voice.resident(clients.admit("ipfail"));
  }

  #feedIpfail(input: IpfailInput): void {
    const { clients, effects, view, voice } = this.#parts;
    for (const output of this.#ipfail?.step(input, effects.at) ?? []) {
      switch (output.is) {
        case "send":
          voice.resident(clients.speakFor("ipfail", output.body));
          break;
        case "ask-resources":
          this.#feedIpfail({ on: "resources", held: view().resourceStatus });
          break;
        case "log":
          effects.log("ipfail", output.level, `ipfail: ${output.text}`);
          break;
        default:
          unreachable(output);
      }
    }
  }
}
