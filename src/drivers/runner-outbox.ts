/**
 * What the core has to say to the runner, kept until the end of the turn and while the runner does not read.
 *
 * Hundreds of groups change in one turn, each with a new version of what is kept and guarded. Of such news only the last version is
 * written, and it is written before the orders of the turn: who finds the memory of a dead core finds every order in it. Written one by one they
 * would fill the socket, and an order that does not fit looks like a service that does not start.
 */
import type { ToRunner } from "./runner-protocol.ts";

/** The process at the other end. */
export interface Listener {
  /** It has not yet read what it was told. */
  readonly congested: boolean;
  /** False: it is not there. */
  send(message: ToRunner): boolean;
}

/** A node's orders are bounded by its resources; more than this wait only for a runner that stands still. */
const waitingMax = 10_000;

interface Waiting {
  readonly message: ToRunner;
  readonly onRefused: (() => void) | undefined;
}

export class RunnerOutbox {
  readonly #listener: Listener;
  readonly #news = new Map<string, () => ToRunner>();
  #waiting: Waiting[] = [];
  #soon = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Takes the place of the news of this name that was not sent yet, and is put into words when it is; lost if the runner is not there. */
  tell(name: string, news: () => ToRunner): void {
    this.#news.set(name, news);
    this.#flushSoon();
  }

  /** `onRefused`: it was not sent and will not be. Never called from within this call. */
  say(message: ToRunner, onRefused?: () => void): void {
    if (this.#waiting.length >= waitingMax) return this.#refuse(onRefused);
    this.#waiting.push({ message, onRefused });
    this.#flushSoon();
  }

  /** The listener has read: what waits for that goes out. */
  drained(): void {
    if (!this.#listener.congested) this.flush();
  }

  /** Writes everything now, for a core that is about to end. */
  flush(): void {
    const waiting = this.#waiting;
    const news = [...this.#news.values()];
    this.#waiting = [];
    this.#news.clear();
    for (const put of news) this.#listener.send(put());
    for (const { message, onRefused } of waiting) if (!this.#listener.send(message)) this.#refuse(onRefused);
  }

  /** The listener is gone: what is still here was meant for it. */
  forget(): void {
    this.#waiting = [];
    this.#news.clear();
  }

  #flushSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.drained();
    });
  }

  #refuse(onRefused: (() => void) | undefined): void {
    if (onRefused !== undefined) setImmediate(onRefused);
  }
}
