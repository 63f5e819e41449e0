/**
 * What the story needs of the world: two machines that can be started, crashed and stopped, and a client that measures.
 * There are two scenes: `namespaces.ts` with machines of their own, and `loopback.ts` where the host forbids them.
 */
import type { View } from "../core/view.ts";
import type { Prober } from "./client.ts";

export interface Machine {
  readonly name: string;
  readonly on: boolean;
  /** What its daemon says of itself; undefined while it does not answer. */
  readonly view: View | undefined;
  /** Switches it on and starts heartbeat there; rejects when heartbeat refuses. */
  start(): Promise<void>;
  /** The power cut. Resolves to its moment on the monotonic clock. */
  crash(): Promise<number>;
  /** Stops heartbeat in order, then switches off. */
  stop(): Promise<void>;
  /** The administrator's planned move: `hb_standby`. */
  handOver(): Promise<void>;
  /** Resolves when it loses its power by someone else's hand. */
  powerLost(): Promise<void>;
  /** Commands for another terminal: how to look at it, and what to try. */
  hints(): readonly string[];
  /** The last lines of its log. */
  logTail(): string;
}

export interface Scene {
  /** The owner of the service and the one who stands by. */
  readonly owner: Machine;
  readonly standby: Machine;
  /** One paragraph: what stands where. */
  readonly describes: readonly string[];
  /** Undefined where there is no address to move. */
  readonly address: Prober | undefined;
  readonly service: Prober;
  /** Takes everything down and leaves nothing. */
  strike(): Promise<void>;
}
