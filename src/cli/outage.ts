/**
 * How long an address or a service does not answer while it moves: something asks every 20 ms, each question for itself, so that one that hangs
 * holds up no other.
 *
 * An address answers when anything comes back, a refusal included; a probe answers when the connection stands.
 */
import { createConnection } from "node:net";

export interface Target {
  readonly host: string;
  readonly port: number;
  /** A refused connection is an answer, too. */
  readonly refusedCounts: boolean;
}

/** Discard: mostly nobody listens there, and the kernel says so at once. */
const portOfNobody = 9;
/** In milliseconds. A question is dropped before the kernel repeats its first packet, which would make a late answer of a lost one. */
const askEvery = 20;
const askFor = 900;

export const addressTarget = (host: string): Target => ({ host, port: portOfNobody, refusedCounts: true });

/** `tcp:HOST:PORT`, a version 6 address in brackets; undefined: it is no such word. */
export function probeTarget(text: string): Target | undefined {
  const [, bracketed, plain, digits] = /^tcp:(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || !(port > 0 && port < 65536) ? undefined : { host, port, refusedCounts: false };
}

/** Resolves to whether it answers. */
export function ask({ host, port, refusedCounts }: Target, within = askFor): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(within, () => end(false));
    socket.on("connect", () => end(true));
    socket.on("error", (error) => end(refusedCounts && "code" in error && error.code === "ECONNREFUSED"));
  });
}

export class OutageMeter {
  readonly #target: Target;
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #longest = 0;

  /** To be made while the target answers. */
  constructor(target: Target) {
    this.#target = target;
    this.#timer = setInterval(() => void this.#ask(), askEvery);
  }

  /** From here on. */
  mark(): void {
    this.#longest = 0;
  }

  /** Milliseconds since the last answer. */
  get silence(): number {
    return performance.now() - this.#last;
  }

  /** The longest time without an answer since the mark, in milliseconds. */
  get longest(): number {
    return Math.max(this.#longest, this.silence);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    const at = performance.now();
    if (!(await ask(this.#target)) || at <= this.#last) return;
    this.#longest = Math.max(this.#longest, at - this.#last);
    this.#last = at;
  }
}
