/**
 * What the node says of itself: log lines, and the last events with their reasons for every display.
 *
 * A line keeps the original's words, because people and programs look for them; the reason follows in brackets.
 */
import type { LogId } from "../base/log-lines/index.ts";
import { Ring } from "../base/ring.ts";
import type { Effect, LogLevel } from "./effect.ts";
import type { Now } from "./input.ts";
import { eventsMax } from "./limits.ts";
import type { EventView } from "./view.ts";

export interface Line {
  readonly id: LogId;
  readonly level: LogLevel;
  readonly text: string;
  readonly because?: string;
  /** The group that it is about, if it is about one. */
  readonly group?: string;
}

export class Journal {
  /** 0: no debug lines. */
  level: number;
  readonly #events = new Ring<EventView>(eventsMax);

  constructor(level: number) {
    this.level = level;
  }

  line({ id, level, text, because, group }: Line): Effect[] {
    if (level === "debug" && this.level === 0) return [];
    const whole = because === undefined ? text : `${text} (${because})`;
    return [{ do: "log", id, level, text: whole, ...(group === undefined ? {} : { group }) }];
  }

  /** A line that also belongs on the screen of whoever wants to know what happened. */
  event(line: Line, now: Now): Effect[] {
    const { text, because } = line;
    this.#events.push({ at: now.wallSeconds, text, ...(because === undefined ? {} : { because }) });
    return this.line(line);
  }

  events(): EventView[] {
    return this.#events.toArray();
  }
}
