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
import type { Reach } from "../connectivity/node-health.ts";
import type { HoldWord } from "../view.ts";
import type { PeerReport, Steward, TakeoverInput, TakeoverOutput, UnitReport } from "./language.ts";
import { type Directed, encodeSuccessor, type SuccessorState } from "./successor.ts";
import { type UnitId, UnitTable } from "./units.ts";

const notManaged = "resources are not managed here";

export class Bystander implements Steward {
  readonly phase = "unmanaged";
  readonly word: HoldWord = "none";
  readonly settled = true;
  readonly maintenance = false;
  readonly table = new UnitTable([], []);
  readonly quiet = true;
  readonly changes = 0;
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
      starting: new Set(),
      claims: new Map(),
      grants: this.#grants(),
      gives: new Map(),
      wants: [],
      failed: new Map(),
      cleaned: new Map(),
      maintenance: { count: 0, on: false },
      stalled: false,
      pings: undefined,
      dead: new Set<NodeName>(),
    };
  }

  successor(): string {
    return encodeSuccessor(this.state(), this.table);
  }

  unit(_id: UnitId): UnitReport {
    return { holder: undefined, starting: false, because: notManaged, movingTo: undefined, failedOn: [] };
  }

  couldGo(): boolean {
    return false;
  }

  groupsOf(_owner: NodeName): readonly UnitId[] {
    return [];
  }

  groupOf(_id: UnitId): undefined {
    return undefined;
  }

  keyOf(id: UnitId): string {
    return id;
  }

  reach(): Reach {
    return { ours: 0, theirs: undefined };
  }

  memory() {
    return { units: [], unfenced: [], off: [], maintenance: { count: 0, on: false } };
  }

  peer(node: NodeName): PeerReport {
    return { word: "none", settled: true, unfit: false, version: this.#peers.get(node)?.version };
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
      case "order":
        return [{ is: "answered", answer: { ok: false, says: notManaged } }];
      case "adopt":
      case "comm-up":
      case "fitness":
      case "starting":
      case "resource":
      case "ask-resources":
      case "take-over-request":
      case "release-request":
      case "release-reply":
      case "shutdown-done":
      case "unit-up":
      case "unit-able":
      case "unit-lost":
      case "unit-down":
      case "overslept":
      case "peer-fenced":
      case "deadline":
        return [];
      default:
        return unreachable(input);
    }
  }

  #grants(): Directed[] {
    return [...this.#peers].flatMap(([to, state]) =>
      [...(state?.claims ?? [])].map(([unit, term]) => ({ to, unit, term })),
    );
  }
}
