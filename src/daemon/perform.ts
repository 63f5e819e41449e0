/**
 * Effects are data; this one switch carries them out. A new effect does not compile until it is handled here.
 *
 * Nothing here waits. What ends at once (an address) is fed back in the same turn; what takes time (a script) comes back through its
 * driver's callback.
 */

import { unreachable } from "../base/exhaustive.ts";
import type { LogId } from "../base/log-lines/index.ts";
import type { ClientId, MediumName, Milliseconds, OperationId } from "../base/units.ts";
import type { HostEntry } from "../config/hostcache.ts";
import type { AddressAction, Effect, GuardedGroup, LogLevel } from "../core/effect.ts";
import type { AddressOutcome, HeldAddress, Input, Sighting } from "../core/input.ts";
import type { Keepsake } from "../core/keepsake.ts";
import type { OperatorAnswer } from "../core/takeover/language.ts";

type Order<Kind extends Effect["do"]> = Extract<Effect, { readonly do: Kind }>;

/** The hands of the core: what `assemble.ts` builds from the drivers. */
export interface Drivers {
  readonly media: {
    send(bytes: Uint8Array, text?: Uint8Array): void;
    passOn(text: Uint8Array, from: MediumName): void;
    ping(medium: MediumName, bytes: Uint8Array): void;
  };
  readonly scripts: {
    run(order: Order<"run-agent">): void;
    probe(order: Order<"probe">): void;
    notify(notice: Order<"notify">): void;
    tellEvent(event: Order<"tell-event">): void;
    guard(held: readonly GuardedGroup[]): void;
    keep(keepsake: Keepsake): void;
    beat(patience: Milliseconds): void;
  };
  readonly fences: {
    ask(order: Order<"fence">): void;
    drop(operation: OperationId): void;
  };
  readonly addresses: {
    perform(action: AddressAction, address: Order<"address">["address"]): AddressOutcome;
    announce(address: HeldAddress): void;
  };
  readonly clients: {
    open(): void;
    send(client: ClientId, body: Uint8Array, queueLimit: number): void;
    close(client: ClientId): void;
    /** Read from nobody, or from all again. */
    pause(paused: boolean): void;
  };
  readonly lookAround: (duration: number, onEnd: (sightings: readonly Sighting[]) => void) => void;
  readonly keepHosts: (known: readonly HostEntry[], deleted: readonly HostEntry[]) => void;
  /** False: there is no such process. */
  readonly signal: (pid: number, signal: number) => boolean;
  readonly children: {
    start(order: Order<"start-child">): void;
    signal(child: number, signal: "SIGTERM" | "SIGKILL"): void;
  };
  readonly log: (id: LogId, level: LogLevel, text: string, group?: string) => void;
  /** To whoever gave the order over the control socket. */
  readonly answer: (ticket: number, answer: OperatorAnswer) => void;
  readonly patWatchdog: () => void;
  /** Restarts the machine. */
  readonly reboot: (reason: string) => void;
  /** The process ends, and another one takes its place. */
  readonly succeed: () => void;
  readonly exit: (code: number) => void;
}

/** Messages that may wait for a client that names no limit of its own; the original's default. */
const queueLimitDefault = 64;

export function perform(effect: Effect, drivers: Drivers, feed: (input: Input) => void): void {
  switch (effect.do) {
    case "transmit":
      return drivers.media.send(effect.bytes, effect.text);
    case "pass-on":
      return drivers.media.passOn(effect.text, effect.from);
    case "ping":
      return drivers.media.ping(effect.medium, effect.bytes);
    case "run-agent":
      return drivers.scripts.run(effect);
    case "probe":
      return drivers.scripts.probe(effect);
    case "address": {
      const { operation, action, address } = effect;
      return feed({ on: "address-finished", operation, outcome: drivers.addresses.perform(action, address) });
    }
    case "announce":
      return drivers.addresses.announce(effect.address);
    case "notify":
      return drivers.scripts.notify(effect);
    case "tell-event":
      return drivers.scripts.tellEvent(effect);
    case "look-around":
      return drivers.lookAround(effect.duration, (sightings) => feed({ on: "looked-around", sightings }));
    case "keep-hosts":
      return drivers.keepHosts(effect.known, effect.deleted);
    case "fence":
      return drivers.fences.ask(effect);
    case "fence-cancel":
      return drivers.fences.drop(effect.operation);
    case "guard":
      return drivers.scripts.guard(effect.held);
    case "keep":
      return drivers.scripts.keep(effect.keepsake);
    case "beat":
      return drivers.scripts.beat(effect.patience);
    case "open-clients":
      return drivers.clients.open();
    case "client-send":
      return drivers.clients.send(effect.client, effect.body, effect.queueLimit ?? queueLimitDefault);
    case "client-close":
      return drivers.clients.close(effect.client);
    case "pause-clients":
      return drivers.clients.pause(true);
    case "resume-clients":
      return drivers.clients.pause(false);
    case "client-signal":
      if (!drivers.signal(effect.pid, effect.signal))
        feed({ on: "process-gone", pid: effect.pid, looked: effect.signal === 0 });
      return;
    case "start-child":
      return drivers.children.start(effect);
    case "signal-child":
      return drivers.children.signal(effect.child, effect.signal);
    case "log":
      return drivers.log(effect.id, effect.level, effect.text, effect.group);
    case "answer-order":
      return drivers.answer(effect.ticket, effect.answer);
    case "pat-watchdog":
      return drivers.patWatchdog();
    case "reboot":
      return drivers.reboot(effect.reason);
    case "succession":
      return drivers.succeed();
    case "exit":
      return drivers.exit(effect.code);
    default:
      return unreachable(effect);
  }
}
