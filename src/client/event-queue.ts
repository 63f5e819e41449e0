/** Events between the socket, which never waits, and one reader, which may. */
import { HeartbeatError } from "./error.ts";
import type { ClusterEvent } from "./events.ts";

/** A reader this far behind will not catch up; better to say so than to grow. */
const waitingMax = 10_000;

interface Reader {
  readonly resolve: (result: IteratorResult<ClusterEvent>) => void;
  readonly reject: (why: HeartbeatError) => void;
}

export class EventQueue implements AsyncIterableIterator<ClusterEvent> {
  readonly #events: ClusterEvent[] = [];
  #reader: Reader | undefined;
  #end: HeartbeatError | "done" | undefined;

  get finished(): boolean {
    return this.#end !== undefined;
  }

  push(event: ClusterEvent): void {
    if (this.#end !== undefined) return;
    if (this.#reader !== undefined) {
      this.#reader.resolve({ done: false, value: event });
      this.#reader = undefined;
    } else if (this.#events.length < waitingMax) this.#events.push(event);
    else this.finish(new HeartbeatError("overflow", `more than ${waitingMax} events are waiting to be read`));
  }

  /** No more events: the reader gets those that wait, then `why` as an error, or a quiet end. */
  finish(why: HeartbeatError | "done"): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    if (why === "done") this.#reader?.resolve({ done: true, value: undefined });
    else this.#reader?.reject(why);
    this.#reader = undefined;
  }

  next(): Promise<IteratorResult<ClusterEvent>> {
    const value = this.#events.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#end === "done") return Promise.resolve({ done: true, value: undefined });
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** The reader left its loop. */
  return(): Promise<IteratorResult<ClusterEvent>> {
    this.#events.length = 0;
    this.finish("done");
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ClusterEvent> {
    return this;
  }
}
