/**
 * Everything that can happen to a node. With `effect.ts` this is the whole interface of the product's brain.
 *
 * Inputs are past facts. Bytes arrive as they were received; looking at them is the core's business, so that the
 * simulator plays the same code.
 */
import type { ClientId, Instant, MediumName, Milliseconds, OperationId } from "../base/units.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import type { Inheritance } from "./keepsake.ts";
import type { OperatorOrder } from "./takeover/language.ts";

/** The moment of a step. Only `instant` is compared; the other two feed the wire's signed `ts` and `ld` fields. */
export interface Now {
  readonly instant: Instant;
  /** Seconds since 1970, a whole number. */
  readonly wallSeconds: number;
  /** The first line of /proc/loadavg, or `n/a`. */
  readonly load: string;
}

export type Input =
  /** The media are open, identity and generation are on disk: say hello. `inherited`: a core before us left this running. */
  | { readonly on: "start"; readonly inherited?: Inheritance }
  | { readonly on: "deadline" }
  /** The loop woke `late` after a deadline, by more than a keepalive: we slept, so silence proves nothing. */
  | { readonly on: "stalled"; readonly late: Milliseconds }
  | { readonly on: "datagram"; readonly medium: MediumName; readonly bytes: Uint8Array }
  /** One whole message read from the control FIFO (wire-protocol.md, section 12). */
  | { readonly on: "control-message"; readonly bytes: Uint8Array }
  | { readonly on: "agent-finished"; readonly operation: OperationId; readonly outcome: AgentOutcome }
  | { readonly on: "address-finished"; readonly operation: OperationId; readonly outcome: AddressOutcome }
  /** The kernel took an address off an interface, at our request or not; undefined: some may have gone. */
  | { readonly on: "address-gone"; readonly ip: string | undefined }
  /** Another machine announced this service address, or answered for it: its hardware address, and where that was heard. */
  | { readonly on: "address-claimed"; readonly ip: string; readonly mac: string; readonly device: string }
  /** systemd says that this unit (its full name) has become inactive or failed: a reason to ask. */
  | { readonly on: "unit-down"; readonly unit: string }
  /** A cable is in again. */
  | { readonly on: "interface-up"; readonly device: string }
  /** A fencing device ended. Every `fence` ends in exactly one of these. */
  | { readonly on: "fence-finished"; readonly operation: OperationId; readonly outcome: FencingOutcome }
  | { readonly on: "client-connected"; readonly client: ClientId; readonly peer: PeerCredentials }
  | { readonly on: "client-frame"; readonly client: ClientId; readonly body: Uint8Array }
  | { readonly on: "client-closed"; readonly client: ClientId; readonly reason: ClientCloseReason }
  /** A process that we sent a signal to, or looked for, does not exist. */
  | { readonly on: "process-gone"; readonly pid: number; readonly looked: boolean }
  | { readonly on: "child-started"; readonly child: number; readonly pid: number }
  | { readonly on: "child-ended"; readonly child: number; readonly outcome: ChildOutcome }
  /** SIGTERM: release what we hold, then say goodbye. */
  | { readonly on: "stop" }
  /** Somebody typed it; `answer-order` with the same ticket comes back in the same step. */
  | { readonly on: "order"; readonly ticket: number; readonly order: OperatorOrder | ConfirmOrder }
  /** The configuration was read again and is good, whether or not it has changed. */
  | { readonly on: "reread" }
  /** What arrived on this machine, on whatever interface and port, since `look-around`. */
  | { readonly on: "looked-around"; readonly sightings: readonly Sighting[] }
  /** Other files are in force than those we read: make room for a process that reads them; what we hold stays. */
  | { readonly on: "restart" }
  /** authkeys was read again and is good. The recorder leaves the texts out. */
  | { readonly on: "keys"; readonly keys: KeyRing }
  /** SIGUSR1 and SIGUSR2. */
  | { readonly on: "debug-level"; readonly level: number };

/** A message of heartbeat of another node. */
export interface Sighting {
  readonly device: string;
  readonly port: number;
}

/** How a script ended. Every `run-agent` ends in exactly one of these. */
export type AgentOutcome =
  | {
      readonly result: "exited";
      readonly code: number;
      /** Standard output of `status`, at most 4 KiB. */
      readonly output: string;
      /** It was a script of /etc/init.d. */
      readonly init?: boolean;
    }
  | { readonly result: "killed"; readonly signal: string }
  /** Not finished within its time limit; its whole process group was killed. */
  | { readonly result: "timed-out" }
  /** No executable file of that name in any script directory. */
  | { readonly result: "not-found" }
  /** The runner process ended while the script ran. */
  | { readonly result: "lost"; readonly says: string };

/** How a program of a `respawn` line ended. */
export type ChildOutcome =
  | { readonly how: "exited"; readonly code: number }
  | { readonly how: "killed"; readonly signal: string }
  | { readonly how: "not-started"; readonly says: string }
  /** The runner process ended, and its children with it. */
  | { readonly how: "lost"; readonly says: string };
/** The operator says that this silent node is off. */
export interface ConfirmOrder {
  readonly do: "fence-confirm";
  readonly node: string;
}

export type FencingOutcome =
  | { readonly result: "done" }
  /** The device does not know that node. */
  | { readonly result: "bad-host" }
  /** `says` holds no secret. */
  | { readonly result: "failed"; readonly says: string };

/** A service address as the kernel holds it. */
export interface HeldAddress {
  readonly ip: string;
  readonly prefix: number;
  readonly device: string;
  /** IPv6 has none. */
  readonly broadcast?: string;
}

export type AddressOutcome =
  | { readonly result: "present"; readonly address: HeldAddress }
  | { readonly result: "absent" }
  | { readonly result: "failed"; readonly says: string; readonly advice?: string };

/** Who connected, by the kernel's word (SO_PEERCRED). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** `overflow`: the client did not read and its queue reached the bound; `rubbish`: the frame header was wrong. */
export type ClientCloseReason = "end" | "overflow" | "rubbish";
