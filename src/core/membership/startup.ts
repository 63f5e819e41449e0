/**
 * From `up` to `active`: hear of everybody, exchange node lists, then take part.
 *
 * Communication is up when every known node, ping nodes included, was heard or is held dead, and one living node has answered with its node
 * list. A node alone has nobody to ask and is up at once. Where nodes may join, nobody knows who is there before they had time to be heard.
 *
 * Source: docs/reference/wire-protocol.md, sections 10.1 and 10.2. Deviation: a cluster of one node becomes `active` and
 * stays it (quirk 2).
 */
import { unreachable } from "../../base/exhaustive.ts";
import { after, earliest, type Instant, type Milliseconds, milliseconds, type NodeName } from "../../base/units.ts";
import { nodeListPatience } from "../limits.ts";
import type { Machine } from "../machine.ts";

export type StartupInput =
  /** `adopted`: who there is was known a moment ago. */
  | { readonly on: "start"; readonly adopted?: boolean }
  | { readonly on: "heard"; readonly node: NodeName }
  | { readonly on: "dead"; readonly node: NodeName }
  /** Another cluster node is known from now on, or none of that name any more. */
  | { readonly on: "joined"; readonly node: NodeName }
  | { readonly on: "removed"; readonly node: NodeName }
  /** A `repnodes` for us. */
  | { readonly on: "node-list" }
  | { readonly on: "deadline" };

export type StartupOutput = { readonly is: "ask-node-list"; readonly of: NodeName } | { readonly is: "comm-up" };

export class Startup implements Machine<StartupInput, StartupOutput> {
  /** Whether a node may be asked for its list: ping nodes are only waited for. */
  readonly #awaited: Map<NodeName, "node" | "ping">;
  readonly #patience: Milliseconds;
  readonly #state = new Map<NodeName, "heard" | "dead">();
  #phase: "before" | "listening" | "asking" | "up" = "before";
  #listenUntil: Instant | undefined;
  #askAgainAt: Instant | undefined;

  /** `others` in configuration order, without the node itself; unknown ones may turn up within `patience`. */
  constructor(others: readonly NodeName[], pingNodes: readonly NodeName[] = [], patience = milliseconds(0)) {
    this.#awaited = new Map([
      ...others.map((node) => [node, "node"] as const),
      ...pingNodes.map((node) => [node, "ping"] as const),
    ]);
    this.#patience = patience;
  }

  get up(): boolean {
    return this.#phase === "up";
  }

  /** A node list that comes now is the answer to our question. */
  get asking(): boolean {
    return this.#phase === "asking";
  }

  step(input: StartupInput, now: Instant): readonly StartupOutput[] {
    switch (input.on) {
      case "start":
        this.#phase = "listening";
        if (this.#patience > 0 && input.adopted !== true) this.#listenUntil = after(now, this.#patience);
        break;
      case "heard":
        this.#state.set(input.node, "heard");
        break;
      case "dead":
        this.#state.set(input.node, "dead");
        break;
      case "joined":
        this.#awaited.set(input.node, "node");
        break;
      case "removed":
        this.#awaited.delete(input.node);
        this.#state.delete(input.node);
        break;
      case "node-list":
        return this.#phase === "asking" ? this.#up() : [];
      case "deadline":
        if (this.#listenUntil !== undefined && now >= this.#listenUntil) this.#listenUntil = undefined;
        else if (this.#askAgainAt === undefined || now < this.#askAgainAt) return [];
        break;
      default:
        return unreachable(input);
    }
    return this.#judge(input, now);
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#listenUntil, this.#askAgainAt);
  }

  #judge(input: StartupInput, now: Instant): readonly StartupOutput[] {
    switch (this.#phase) {
      case "listening": {
        const complete = [...this.#awaited.keys()].every((node) => this.#state.has(node));
        return complete && this.#listenUntil === undefined ? this.#ask(now) : [];
      }
      case "asking":
        // Whom we asked may be the one that went: ask the next, or nobody.
        return input.on === "dead" || input.on === "removed" || input.on === "deadline" ? this.#ask(now) : [];
      case "before":
      case "up":
        return [];
    }
  }

  #ask(now: Instant): readonly StartupOutput[] {
    const [of] = [...this.#awaited].find(([node, kind]) => kind === "node" && this.#state.get(node) === "heard") ?? [];
    if (of === undefined) return this.#up();
    this.#phase = "asking";
    this.#askAgainAt = after(now, nodeListPatience);
    return [{ is: "ask-node-list", of }];
  }

  #up(): readonly StartupOutput[] {
    this.#phase = "up";
    this.#askAgainAt = undefined;
    return [{ is: "comm-up" }];
  }
}
