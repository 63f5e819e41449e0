/**
 * A new core's way to the runner of the last one: asks at its door how things stand, and takes over what it has.
 *
 * The directory of the door is not root's alone, so whoever answers there must be a process of our own user by the kernel's word.
 */
import { Socket } from "node:net";
import { Lines } from "./lines.ts";
import { type FromRunner, type Offer, type RunnerSettings, readFromRunner, type ToRunner } from "./runner-protocol.ts";
import { family, socketLevel, socketOption, socketType, unixAddress } from "./sys/socket.ts";
import { loadSystem } from "./sys/system.ts";

/** What is heard from it after `taken` belongs to whoever goes on with the connection. */
export interface TakenRunner {
  readonly socket: Socket;
  readonly pid: number;
  /** Lines that came with the answer. */
  readonly unread: readonly string[];
}

export class FormerRunner {
  readonly offer: Offer;
  readonly pid: number;
  readonly #call: Call;

  constructor(call: Call, pid: number, offer: Offer) {
    this.#call = call;
    this.pid = pid;
    this.offer = offer;
  }

  /** Undefined: it is giving everything up, because it had to wait too long. */
  async take(settings: RunnerSettings): Promise<TakenRunner | undefined> {
    this.#call.say({ say: "take", settings });
    const answer = await this.#call.answer();
    if (answer?.say !== "taken") return undefined;
    return { ...this.#call.release(), pid: this.pid };
  }

  /** We cannot use it: it gives everything up. Resolves when it is gone. */
  async decline(): Promise<void> {
    this.#call.say({ say: "decline" });
    await this.#call.ended;
  }
}

export type RunnerAnswer =
  /** Nobody is there. */
  | { readonly is: "none" }
  /** It has a core, or has not noticed yet that it has none. */
  | { readonly is: "serving"; readonly core: number }
  /** It gives up what was held; `ended` resolves when that is done. */
  | { readonly is: "leaving"; readonly pid: number; readonly ended: Promise<void> }
  | { readonly is: "waiting"; readonly runner: FormerRunner };

/** It is told at once, before anything is waited for, that a next core is getting ready. */
export async function callRunner(door: string): Promise<RunnerAnswer> {
  const call = Call.open(door);
  if (call === undefined) return { is: "none" };
  call.say({ say: "coming" });
  const answer = await call.answer();
  switch (answer?.say) {
    case "offer":
      return { is: "waiting", runner: new FormerRunner(call, answer.pid, answer.offer) };
    case "leaving":
      return { is: "leaving", pid: answer.pid, ended: call.ended };
    case "serving":
      call.close();
      return { is: "serving", core: answer.core };
    default:
      call.close();
      return { is: "none" };
  }
}

class Call {
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #lines = new Lines();
  readonly #heard: string[] = [];
  #waiting: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#hear);
    socket.on("error", () => {}); // "close" follows
    this.ended = new Promise((resolve) =>
      socket.once("close", () => {
        resolve();
        this.#waiting?.();
      }),
    );
  }

  /** Undefined: nobody listens there, or somebody who is not of our user. */
  static open(door: string): Call | undefined {
    const loaded = loadSystem();
    const address = unixAddress(door);
    if (!loaded.ok || address === undefined) return undefined;
    const system = loaded.value;
    const fd = system.socket(family.unix, socketType.stream | socketType.closeOnExec, 0);
    if (fd < 0) return undefined;
    const credentials = new Uint8Array(12); // struct ucred
    const trusted =
      system.connect(fd, address) >= 0 &&
      system.getOption(fd, socketLevel, socketOption.peerCredentials, credentials) >= 0 &&
      new DataView(credentials.buffer).getUint32(4, true) === process.geteuid?.();
    if (trusted) return new Call(new Socket({ fd, readable: true, writable: true }));
    system.close(fd);
    return undefined;
  }

  say(message: ToRunner): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The next thing it says; undefined: it is gone. */
  async answer(): Promise<FromRunner | undefined> {
    if (this.#heard.length === 0 && !this.#socket.destroyed)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    const line = this.#heard.shift();
    return line === undefined ? undefined : readFromRunner(line);
  }

  /** Hands the connection over. */
  release(): { readonly socket: Socket; readonly unread: readonly string[] } {
    this.#socket.removeListener("data", this.#hear);
    return { socket: this.#socket, unread: this.#heard.splice(0) };
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #hear = (bytes: Uint8Array): void => {
    this.#heard.push(...this.#lines.push(bytes));
    if (this.#heard.length > 0) this.#waiting?.();
  };
}
