/** One machine of a simulated cluster, and what is planned for it. */
import type { Instant, NodeName } from "../base/units.ts";
import type { Hosts } from "../core/enrolment.ts";
import type { Input } from "../core/input.ts";
import type { Node } from "../core/node.ts";
import type { Estate } from "./estate.ts";
import type { Host } from "./host.ts";

export interface Machine {
  readonly host: Host;
  node: Node | undefined;
  /** Counts the lives of the process: what was planned for an earlier life is void. */
  life: number;
  /** Frozen (SIGSTOP) until then. */
  stalledUntil: number;
  /** Its disk: which nodes joined and which were deleted. */
  hosts: Hosts;
  /** When it was frozen last. */
  stalledAt: number;
  /** What its core waits for next. */
  next: Instant | undefined;
  /** It was asked to stop. */
  leaving: boolean;
  /** What arrived while it was frozen. */
  waiting: Input[];
  /** Of the runner, which outlives a core that dies. A new one knows nothing of what the last one's scripts did. */
  estate: Estate;
}

/** What will happen to a machine at its time, unless something comes between. */
export type Planned =
  | {
      readonly is: "input";
      readonly to: Machine;
      readonly life: number;
      readonly input: Input;
      /** The sender of a fresh heartbeat: what proves life. */
      readonly heartbeatOf?: NodeName;
    }
  | {
      readonly is: "script-ended";
      readonly to: Machine;
      readonly estate: Estate;
      /** What it stopped. */
      readonly stopped: string | undefined;
      readonly input: Input;
    }
  | { readonly is: "give-up"; readonly to: Machine; readonly estate: Estate; readonly life: number }
  | { readonly is: "follow"; readonly to: Machine; readonly life: number }
  | { readonly is: "wake"; readonly to: Machine; readonly life: number }
  /** Its power goes, whatever runs there by then. */
  | {
      readonly is: "strike";
      readonly to: Machine;
      readonly by: NodeName;
      readonly orderedAt: number;
      readonly heldThen: boolean;
    }
  /** It has its power back. */
  | { readonly is: "boot"; readonly to: Machine };
