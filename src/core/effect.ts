/**
 * Everything a node may ask of the world. Effects are orders and nothing but data; `daemon/perform.ts` carries them out
 * and the simulator plays them.
 */

import type { Probe } from "../agents/probes/probe.ts";
import type { AddressSpec, AgentAction, ProgramCall } from "../agents/resource.ts";
import type { LogId } from "../base/log-lines/index.ts";
import type { ClientId, MediumName, Milliseconds, NodeName, OperationId } from "../base/units.ts";
import type { HostEntry } from "../config/hostcache.ts";
import type { HeldAddress } from "./input.ts";
import type { Keepsake } from "./keepsake.ts";
import type { OperatorAnswer } from "./takeover/language.ts";

export type LogLevel = "emerg" | "alert" | "crit" | "error" | "warn" | "notice" | "info" | "debug";

export type AddressAction = "add" | "remove" | "status" | "could-add";

export type Effect =
  /** Send these bytes on every medium between nodes. */
  | {
      readonly do: "transmit";
      readonly bytes: Uint8Array;
      /** The same as text, for serial lines; undefined: there is none, or it has no such form. */
      readonly text?: Uint8Array;
    }
  /** Write another node's message to the serial lines except the one that it came from. */
  | { readonly do: "pass-on"; readonly text: Uint8Array; readonly from: MediumName }
  /** Ask the host or hosts of this ping medium to send these bytes back; what comes is a `datagram` of that medium. */
  | { readonly do: "ping"; readonly medium: MediumName; readonly bytes: Uint8Array }
  /** Ends in `agent-finished`. */
  | ({
      readonly do: "run-agent";
      readonly operation: OperationId;
      readonly action: AgentAction;
      /** Variables beside those that every script gets. */
      readonly environment: Readonly<Record<string, string>>;
      readonly timeLimit: Milliseconds;
    } & ProgramCall)
  /** Look whether a service does its work. Ends in `agent-finished`: code 0 is well, and the output is what was seen. */
  | {
      readonly do: "probe";
      readonly operation: OperationId;
      /** Asked in order, until one fails. */
      readonly probes: readonly Probe[];
      readonly timeLimit: Milliseconds;
    }
  /**
   * Ends in `address-finished`. Adding what is there and removing what is not are successes. `could-add` asks whether the kernel would take it, and
   * changes nothing.
   */
  | {
      readonly do: "address";
      readonly operation: OperationId;
      readonly action: AddressAction;
      readonly address: AddressSpec;
    }
  /** One burst of gratuitous ARP (a request and a reply). Repeats are deadlines of the core. */
  | { readonly do: "announce"; readonly address: HeldAddress }
  /** Run /etc/ha.d/harc for a type of message, after those that are still running. Nothing comes back. */
  | {
      readonly do: "notify";
      readonly type: string;
      /** From the message: must not replace what scripts are told by us. */
      readonly fields: Readonly<Record<string, string>>;
      readonly environment: Readonly<Record<string, string>>;
    }
  /** Run what stands in /etc/ha.d/events.d for something that happened here, after those that are still running. Nothing comes back. */
  | { readonly do: "tell-event"; readonly name: string; readonly event: EventNotice }
  /** Start a program that lives with the daemon, as that user. Ends in `child-ended`, and before that in `child-started` if it ran. */
  | {
      readonly do: "start-child";
      readonly child: number;
      readonly path: string;
      readonly args: readonly string[];
      readonly user: string;
      readonly uid: number;
      readonly gid: number;
    }
  /** To its whole process group. */
  | { readonly do: "signal-child"; readonly child: number; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Which nodes there are, and which were deleted: to be known at the next start. Replaces what was kept before; nothing comes back. */
  | { readonly do: "keep-hosts"; readonly known: readonly HostEntry[]; readonly deleted: readonly HostEntry[] }
  /** Ask a fencing device, by its name in the configuration; ends in `fence-finished`. */
  | {
      readonly do: "fence";
      readonly operation: OperationId;
      readonly device: string;
      readonly action: "reset" | "status";
      readonly victim: NodeName | undefined;
      readonly timeLimit: Milliseconds;
    }
  /** Break it off; its `fence-finished` comes all the same. */
  | { readonly do: "fence-cancel"; readonly operation: OperationId }
  /** Look for so long at what arrives on any interface; ends in `looked-around`. */
  | { readonly do: "look-around"; readonly duration: Milliseconds }
  /** What we run now, in the order of starting: the runner undoes it should the core die without a word. */
  | { readonly do: "guard"; readonly held: readonly GuardedGroup[] }
  /** What the next core of this node needs to know. Stands before the orders of its step. */
  | { readonly do: "keep"; readonly keepsake: Keepsake }
  /** The others have just been told that we live, and to wait for so long before they hold us dead. */
  | { readonly do: "beat"; readonly patience: Milliseconds }
  /** Communication is up: programs may connect from now on. */
  | { readonly do: "open-clients" }
  | {
      readonly do: "client-send";
      readonly client: ClientId;
      readonly body: Uint8Array;
      /** Messages that may wait for the client to read, 64 if not given; one more ends in `client-closed` with `overflow`. */
      readonly queueLimit?: number;
    }
  | { readonly do: "client-close"; readonly client: ClientId }
  /** Do not read from any program until further notice: another node cannot follow. */
  | { readonly do: "pause-clients" }
  | { readonly do: "resume-clients" }
  /** `kill(pid, signal)` after each delivered message, as a client asked for with `setsignal`; 0: only look. Those that are gone are told. */
  | { readonly do: "client-signal"; readonly pid: number; readonly signal: number }
  | { readonly do: "answer-order"; readonly ticket: number; readonly answer: OperatorAnswer }
  | { readonly do: "log"; readonly id: LogId; readonly level: LogLevel; readonly text: string; readonly group?: string }
  /** This step is complete, and so was the one before it: the machine need not be restarted. */
  | { readonly do: "pat-watchdog" }
  /** This machine must stop running what it runs, and nothing gentler is left: restart it. Nothing comes back. */
  | { readonly do: "reboot"; readonly reason: string }
  /** The process is to end and another one to take its place and all that it holds. */
  | { readonly do: "succession" }
  /** Everything is released and said: the process may end. */
  | { readonly do: "exit"; readonly code: number };

/** One event, as programs of the administrator get it. */
export interface EventNotice {
  readonly node: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  readonly because?: string;
  /** The group that it is about, if it is about one. */
  readonly group?: string;
}

export interface GuardedGroup {
  readonly key: string;
  readonly resources: readonly GuardedResource[];
}

export type GuardedResource = { readonly kind: "address"; readonly address: HeldAddress } | ProgramCall;
