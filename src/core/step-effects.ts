/**
 * What one step of the node leaves behind: the effects in the order of their deciding, log lines among them, and the orders to tell
 * scripts at the very end, after all is decided.
 *
 * Every part of the node writes here and keeps no effects of its own, so that their order is the order of events.
 */
import type { LogId } from "../base/log-lines/index.ts";
import { type Instant, instant } from "../base/units.ts";
import type { Message } from "../wire/message.ts";
import type { Effect, LogLevel } from "./effect.ts";
import type { Now } from "./input.ts";
import type { Journal } from "./journal.ts";
import type { Notices } from "./notices.ts";
import type { Rejects } from "./rejects.ts";

export class StepEffects {
  readonly #journal: Journal;
  readonly #rejects: Rejects;
  readonly #notices: Notices;
  readonly #hooks: string | undefined;
  #out: Effect[] = [];
  #told: Effect[] = [];
  #now: Now = { instant: instant(0), wallSeconds: 0, load: "n/a" };

  /** `hooks`: the node's name where programs want to be told of events; undefined: none does. */
  constructor(journal: Journal, rejects: Rejects, notices: Notices, hooks?: string) {
    this.#hooks = hooks;
    this.#journal = journal;
    this.#rejects = rejects;
    this.#notices = notices;
  }

  /** The moment of the step. */
  get now(): Now {
    return this.#now;
  }

  get at(): Instant {
    return this.#now.instant;
  }

  begin(now: Now): void {
    this.#out = [];
    this.#told = [];
    this.#now = now;
  }

  end(): readonly Effect[] {
    return [...this.#out, ...this.#told];
  }

  push(effect: Effect): void {
    this.#out.push(effect);
  }

  log(id: LogId, level: LogLevel, text: string): void {
    this.#out.push(...this.#journal.line({ id, level, text }));
  }

  /** A line that every display shows too. */
  event(id: LogId, level: LogLevel, text: string, because?: string, group?: string): void {
    const line = {
      id,
      level,
      text,
      ...(because === undefined ? {} : { because }),
      ...(group === undefined ? {} : { group }),
    };
    this.#out.push(...this.#journal.event(line, this.#now));
    if (this.#hooks === undefined || level === "debug") return;
    const { id: name, ...told } = line;
    this.#told.push({ do: "tell-event", name, event: { node: this.#hooks, at: this.#now.wallSeconds, ...told } });
  }

  /** Something from the network that does not count; a thousand of them are a line. */
  reject(reason: string, text: string, level: LogLevel | "unsaid" = "warn"): void {
    if (level === "unsaid") return this.#rejects.count(reason);
    const line = this.#rejects.note(reason, level, text, this.#now.instant);
    if (line !== undefined) this.log("rejected", line.level, line.text);
  }

  /** Tells the scripts that want to know; `before` is the status that the sender had until then. */
  notify(message: Message, before: string | undefined): void {
    this.#told.push(...this.#notices.of(message, before));
  }
}
