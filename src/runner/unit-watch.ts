/**
 * Hears from systemd when a unit has ended, so that nobody has to wait for the next question (docs/adr/0027-systemds-word.md).
 *
 * What is heard is a reason to ask and nothing more: without a bus everything works, later. The connection is made anew whenever it ends, after pauses
 * that grow, and what it says is bounded.
 */
import { connect, type Socket } from "node:net";
import { UnitSignals } from "../wire/dbus/unit-signals.ts";

export interface UnitWatchEvents {
  onDown(unit: string): void;
  /** Nothing is heard from now on, and why. Once, until it is heard again. */
  onDeaf(says: string): void;
  /** After `onDeaf`. */
  onHeard(): void;
}

/** Pauses before the next attempt, in milliseconds. */
const pause = { first: 500, most: 60_000 };
/** A bus that does not let us in within so many milliseconds is none. */
const loginMax = 10_000;

export class UnitWatch {
  readonly #events: UnitWatchEvents;
  #watched = "";
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = pause.first;
  #deaf = false;

  constructor(events: UnitWatchEvents) {
    this.#events = events;
  }

  /** `bus`: its socket. Goes on as before when nothing has changed; without units it ends. */
  watch(bus: string, units: readonly string[]): void {
    const watched = JSON.stringify([bus, units]);
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#close();
    if (units.length > 0) this.#open(bus, units);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(bus: string, units: readonly string[]): void {
    const signals = new UnitSignals(units, process.geteuid?.() ?? 0);
    const socket = connect(bus);
    this.#socket = socket;
    const lose = (says: string): void => {
      if (this.#socket !== socket) return;
      this.#close();
      if (!this.#deaf) this.#events.onDeaf(says);
      this.#deaf = true;
      this.#timer = setTimeout(() => this.#open(bus, units), this.#pause);
      this.#pause = Math.min(2 * this.#pause, pause.most);
    };
    this.#timer = setTimeout(() => lose("no answer from the bus"), loginMax);
    socket.once("connect", () => socket.write(signals.open()));
    socket.on("error", (error) => lose(error.message));
    socket.on("close", () => lose("the bus has hung up"));
    socket.on("data", (bytes) => {
      const turn = signals.hear(bytes);
      if (turn.is === "wrong") return lose(turn.says);
      if (turn.send.length > 0) socket.write(turn.send);
      for (const unit of turn.down) this.#events.onDown(unit);
      if (!turn.ready) return;
      clearTimeout(this.#timer);
      this.#pause = pause.first;
      if (this.#deaf) this.#events.onHeard();
      this.#deaf = false;
    });
  }
}
