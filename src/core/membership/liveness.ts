/**
 * Decides who is alive from arrival times alone: silence for as long as the node itself asked us to wait is death.
 *
 * Until communication is up every node gets `initdead` from our own start, because a cluster that boots after a power cut
 * has slow switches and slower machines. Afterwards each status message re-arms its sender's deadline with the dead time it
 * announces. A loop that slept grants everybody more time: silence proves nothing while we did not listen.
 *
 * Source: docs/reference/wire-protocol.md, section 9.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, type Instant, type Milliseconds, type NodeName } from "../../base/units.ts";
import type { Machine } from "../machine.ts";

export type LivenessInput =
  | { readonly on: "start"; readonly nodes: readonly NodeName[]; readonly initdead: Milliseconds }
  | { readonly on: "heard"; readonly node: NodeName; readonly deadtime: Milliseconds }
  /** A node that was not known at the start: it gets this much time to be heard, and not less than all others at the start. */
  | { readonly on: "joined"; readonly node: NodeName; readonly deadtime: Milliseconds }
  | { readonly on: "removed"; readonly node: NodeName }
  /** Communication is up: from now on dead times count. */
  | { readonly on: "comm-up" }
  | { readonly on: "stalled"; readonly late: Milliseconds; readonly keepalive: Milliseconds }
  | { readonly on: "deadline" };

export type LivenessOutput = {
  readonly is: "dead";
  readonly node: NodeName;
  readonly silence: Milliseconds | undefined;
};

export class Liveness implements Machine<LivenessInput, LivenessOutput> {
  readonly #deathOf = new Deadlines<NodeName>(); // a node is alive, or given the benefit of the doubt, while it has a deadline
  readonly #heard = new Map<NodeName, { readonly at: Instant; readonly deadtime: Milliseconds }>();
  #startedUp = false;
  #initdeadEnds: Instant | undefined;

  heardAt(node: NodeName): Instant | undefined {
    return this.#heard.get(node)?.at;
  }

  step(input: LivenessInput, now: Instant): readonly LivenessOutput[] {
    switch (input.on) {
      case "start":
        this.#initdeadEnds = after(now, input.initdead);
        for (const node of input.nodes) this.#deathOf.set(node, this.#initdeadEnds);
        return [];
      case "heard":
        this.#heard.set(input.node, { at: now, deadtime: input.deadtime });
        this.#arm(input.node);
        return [];
      case "joined":
        this.#deathOf.set(input.node, this.#notBeforeStart(after(now, input.deadtime)));
        return [];
      case "removed":
        this.#heard.delete(input.node);
        this.#deathOf.delete(input.node);
        return [];
      case "comm-up":
        this.#startedUp = true;
        for (const node of this.#deathOf.names()) this.#arm(node);
        return [];
      case "stalled":
        this.#deathOf.postpone(input.keepalive, now);
        return [];
      case "deadline":
        return this.#deathOf.due(now).map((node) => {
          const heard = this.#heard.get(node);
          return { is: "dead", node, silence: heard === undefined ? undefined : ((now - heard.at) as Milliseconds) };
        });
      default:
        return unreachable(input);
    }
  }

  nextDeadline(): Instant | undefined {
    return this.#deathOf.next();
  }

  #arm(node: NodeName): void {
    const heard = this.#heard.get(node);
    if (heard !== undefined) this.#deathOf.set(node, this.#notBeforeStart(after(heard.at, heard.deadtime)));
  }

  #notBeforeStart(death: Instant): Instant {
    const ends = this.#startedUp ? undefined : this.#initdeadEnds;
    return ends !== undefined && death < ends ? ends : death;
  }
}
