/**
 * In place of the take-over where somebody else manages the resources (`-M`): the node takes part in membership and messaging, holds
 * nothing, wants nothing, and is gone as soon as it is asked to stop.
 *
 * A node beside it that does manage resources is a mistake of its administrator; it must not hang because of us, so its claims are agreed to.
 *
 * Source: docs/reference/resources.md, section 1.
 */
import { unreachable } from "../../base/exhaustive.ts";
import type { Instant, NodeName } from "../../base/units.ts";
import type { HoldWord } from "../view.ts";
import type { Steward, TakeoverInput, TakeoverOutput } from "./language.ts";
import type { Grant, SuccessorState } from "./successor.ts";

export class Bystander implements Steward {
  readonly phase = "unmanaged";
  readonly word: HoldWord = "none";
  readonly settled = true;
  readonly #version: string;
  /** Living nodes, with what successors say of themselves. */
  readonly #peers = new Map<NodeName, SuccessorState | undefined>();
  #leaving = false;

  constructor(version: string) {
    this.#version = version;
  }

  get besideOriginal(): boolean {
    return [...this.#peers.values()].includes(undefined);
  }

  state(): SuccessorState {
    return {
      version: this.#version,
      ready: false,
      leaving: this.#leaving,
      holds: new Map(),
      claims: new Map(),
      grants: this.#grants(),
      yields: new Set(),
      stalled: false,
      pings: undefined,
    };
  }

  holder(_owner: NodeName): { readonly node: undefined; readonly because: string } {
    return { node: undefined, because: "resources are not managed here" };
  }

  peer(node: NodeName): { readonly word: HoldWord; readonly settled: boolean; readonly version: string | undefined } {
    return { word: "none", settled: true, version: this.#peers.get(node)?.version };
  }

  nextDeadline(): undefined {
    return undefined;
  }

  step(input: TakeoverInput, _now: Instant): readonly TakeoverOutput[] {
    switch (input.on) {
      case "peer-status": {
        const before = this.#grants().length;
        this.#peers.set(input.node, input.state);
        return this.#grants().length > before ? [{ is: "state-changed" }] : [];
      }
      case "peer-dead":
        this.#peers.delete(input.node);
        return [];
      case "standby-request":
        return [
          {
            is: "log",
            id: "not-managed",
            level: "warn",
            text: "Standby request ignored: heartbeat was started with -M and manages no resources.",
          },
        ];
      case "stop":
        this.#leaving = true;
        return [{ is: "left" }];
      case "comm-up":
      case "starting":
      case "resource":
      case "ask-resources":
      case "take-over-request":
      case "release-request":
      case "release-reply":
      case "shutdown-done":
      case "share-up":
      case "share-down":
      case "overslept":
      case "deadline":
        return [];
      default:
        return unreachable(input);
    }
  }

  #grants(): Grant[] {
    return [...this.#peers].flatMap(([to, state]) =>
      [...(state?.claims ?? [])].map(([share, term]) => ({ to, share, term })),
    );
  }
}
