/**
 * From `up` to `active`: hear of everybody, exchange node lists, then take part.
 *
 * Communication is up when every configured node, ping nodes included, was heard or is held dead, and one living node has answered with its node
 * list. A node alone has nobody to ask and is up at once.
 *
 * Source: docs/reference/wire-protocol.md, sections 10.1 and 10.2. Deviation: a cluster of one node becomes `active` and
 * stays it (quirk 2).
 */
import { unreachable } from "../../base/exhaustive.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { nodeListPatience } from "../limits.ts";
import type { Machine } from "../machine.ts";

export type StartupInput =
  | { readonly on: "start" }
  | { readonly on: "heard"; readonly node: NodeName }
  | { readonly on: "dead"; readonly node: NodeName }
  /** A `repnodes` for us. */
  | { readonly on: "node-list" }
  | { readonly on: "deadline" };

export type StartupOutput = { readonly is: "ask-node-list"; readonly of: NodeName } | { readonly is: "comm-up" };

export class Startup implements Machine<StartupInput, StartupOutput> {
  readonly #others: readonly NodeName[];
  readonly #awaited: readonly NodeName[];
  readonly #state = new Map<NodeName, "heard" | "dead">();
  #phase: "before" | "listening" | "asking" | "up" = "before";
  #askAgainAt: Instant | undefined;

  /** `others` in configuration order, without the node itself; ping nodes are waited for and not asked. */
  constructor(others: readonly NodeName[], pingNodes: readonly NodeName[] = []) {
    this.#others = others;
    this.#awaited = [...others, ...pingNodes];
  }

  get up(): boolean {
    return this.#phase === "up";
  }

  step(input: StartupInput, now: Instant): readonly StartupOutput[] {
    switch (input.on) {
      case "start":
        this.#phase = "listening";
        break;
      case "heard":
        this.#state.set(input.node, "heard");
        break;
      case "dead":
        this.#state.set(input.node, "dead");
        break;
      case "node-list":
        return this.#phase === "asking" ? this.#up() : [];
      case "deadline":
        if (this.#askAgainAt === undefined || now < this.#askAgainAt) return [];
        return this.#ask(now);
      default:
        return unreachable(input);
    }
    if (this.#phase === "listening" && this.#awaited.every((node) => this.#state.has(node))) return this.#ask(now);
    // Whom we asked may be the one that died: ask the next, or nobody.
    if (this.#phase === "asking" && input.on === "dead") return this.#ask(now);
    return [];
  }

  nextDeadline(): Instant | undefined {
    return this.#askAgainAt;
  }

  #ask(now: Instant): readonly StartupOutput[] {
    const of = this.#others.find((node) => this.#state.get(node) === "heard");
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
