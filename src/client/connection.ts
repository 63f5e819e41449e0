/**
 * One connection to the client socket: messages out, messages in, and which answer belongs to which request.
 *
 * Answers carry no number; they come strictly in the order of the requests, mixed with messages of the cluster. A request
 * that was given up therefore stays in line until its late answer has come, or the next request would take that for its own.
 */
import { createConnection, type Socket } from "node:net";
import { decodePlain, encodePlain } from "../wire/framing.ts";
import { IpcFramer, ipcFrame } from "../wire/ipc-frame.ts";
import { type Message, stringOf } from "../wire/message.ts";
import { HeartbeatError } from "./error.ts";

interface Waiting {
  /** Whether `message` answers this request. */
  readonly takes: (message: Message) => boolean;
  readonly answers: Message[];
  /** The whole answer is there, or will never be. */
  readonly settle: (outcome: Message[] | HeartbeatError) => void;
}

export interface Listener {
  /** Everything that is no answer. */
  readonly onMessage: (message: Message) => void;
  /** Called once. */
  readonly onEnd: (why: HeartbeatError) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #listener: Listener;
  readonly #framer = new IpcFramer();
  readonly #waiting: Waiting[] = [];
  #ended: HeartbeatError | undefined;

  /** Rejects with `cannot-connect` or `not-permitted`. */
  static open(path: string, listener: Listener): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      const fail = (error: Error) => {
        const forbidden = "code" in error && (error.code === "EACCES" || error.code === "EPERM");
        reject(new HeartbeatError(forbidden ? "not-permitted" : "cannot-connect", error.message));
      };
      socket.once("error", fail);
      socket.once("connect", () => {
        socket.off("error", fail);
        resolve(new Connection(socket, listener));
      });
    });
  }

  private constructor(socket: Socket, listener: Listener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("data", (bytes) => this.#received(bytes));
    socket.on("error", (error) => this.#end(new HeartbeatError("disconnected", error.message)));
    socket.on("close", () => this.#end(new HeartbeatError("disconnected", "heartbeat closed the connection")));
  }

  /** Throws `bad-message` for fields that have no form on the wire. */
  send(message: Message): void {
    const body = encodePlain(message, "classic");
    if (!body.ok) throw new HeartbeatError("bad-message", `the message cannot be written: ${body.error}`);
    this.#socket.write(ipcFrame(body.value));
  }

  /** Sends `message` and waits for the messages that `takes` accepts, up to the first that is not marked `ok/more`. */
  ask(message: Message, takes: (answer: Message) => boolean, patience: number): Promise<Message[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.send(message);
      const giveUp = () => reject(new HeartbeatError("no-answer", `no answer from heartbeat within ${patience} ms`));
      const timer = setTimeout(giveUp, patience);
      this.#waiting.push({
        takes,
        answers: [],
        settle(outcome) {
          clearTimeout(timer);
          if (outcome instanceof HeartbeatError) reject(outcome);
          else resolve(outcome);
        },
      });
    });
  }

  /** Flushes what was sent, then closes without waiting for the daemon: the original takes up to half a second to notice. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) {
        resolve();
        return;
      }
      this.#socket.once("close", () => resolve());
      this.#socket.end(() => this.#socket.destroy());
    });
  }

  #received(bytes: Uint8Array): void {
    const bodies = this.#framer.push(bytes);
    if (!bodies.ok) {
      this.#socket.destroy();
      this.#end(new HeartbeatError("not-heartbeat", `what listens is not heartbeat (${bodies.error})`));
      return;
    }
    for (const body of bodies.value) {
      const message = decodePlain(body);
      if (message.ok) this.#route(message.value); // one that we cannot read may be newer than we are: skipped
    }
  }

  #route(message: Message): void {
    const index = this.#waiting.findIndex((waiting) => waiting.takes(message));
    const waiting = this.#waiting[index];
    if (waiting === undefined) {
      this.#listener.onMessage(message);
      return;
    }
    waiting.answers.push(message);
    if (stringOf(message, "result") === "ok/more") return;
    // Answers keep the order of their requests: whoever stood before this one will get none any more.
    for (const passed of this.#waiting.splice(0, index + 1).slice(0, -1))
      passed.settle(new HeartbeatError("no-answer", "heartbeat left the request unanswered"));
    waiting.settle(waiting.answers);
  }

  #end(why: HeartbeatError): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const waiting of this.#waiting.splice(0)) waiting.settle(why);
    this.#listener.onEnd(why);
  }
}
