/**
 * Puts ordered messages back into their order.
 *
 * The cluster delivers messages as they arrive, also out of sequence. A sender that cares numbers its messages (`oseq`, from 1, one count for
 * messages to all and one for each node it writes to), and the receiver's library waits for what is missing. For each sending node there
 * are two streams, one of messages to everybody and one of messages to us. A stream begins with the first message that is seen of it.
 *
 * When the sending client is gone its numbers begin anew, and so do they after a restart of its node: a higher node generation drops the old
 * stream; messages of a later client of the same name wait until the leave of the earlier one has been delivered, and that is delivered
 * after what was in order already.
 *
 * Source: docs/reference/client-api.md, section 6.4.
 */
import { type Message, stringOf } from "../wire/message.ts";

/** Messages that may wait for a missing one. A sender that is so far ahead has begun anew, or what is missing is lost for good. */
const windowMax = 500;

interface Stream {
  /** The client's registration at its node. */
  readonly client: number;
  /** The number that is to come next; undefined: whatever comes. */
  next: number | undefined;
  readonly waiting: Map<number, Message>;
}

interface Sender {
  /** Of the node. */
  generation: number;
  readonly streams: { all: Stream | undefined; us: Stream | undefined };
  /** Messages of a client that came after the present one, until that has left. */
  later: Message[];
}

export class Ordered {
  readonly #senders = new Map<string, Sender>();

  /** What can be delivered now that `message` has come: itself, nothing yet, or more than itself. */
  push(message: Message): readonly Message[] {
    const from = stringOf(message, "src") ?? "";
    const type = stringOf(message, "t")?.toLowerCase();
    if (type === "status" && stringOf(message, "st") === "dead") {
      this.#senders.delete(from);
      return [message];
    }
    if (type === "hbapi-clstat" && stringOf(message, "st") === "leave") return this.#left(from, message);
    const number = hexadecimal(stringOf(message, "oseq"));
    if (number === undefined) return [message];
    return this.#numbered(this.#sender(from, message), message, number);
  }

  /** A higher generation of the node voids what came before. */
  #sender(from: string, message: Message): Sender {
    const generation = hexadecimal(stringOf(message, "hg")) ?? 0;
    const known = this.#senders.get(from);
    if (known !== undefined && known.generation >= generation) return known;
    const fresh: Sender = { generation, streams: { all: undefined, us: undefined }, later: [] };
    this.#senders.set(from, fresh);
    return fresh;
  }

  #numbered(sender: Sender, message: Message, number: number): readonly Message[] {
    if ((hexadecimal(stringOf(message, "hg")) ?? 0) < sender.generation) return []; // of a process that is gone
    const client = clientOf(message);
    const present = sender.streams.all?.client ?? sender.streams.us?.client;
    if (present !== undefined && client > present) {
      if (sender.later.length < windowMax) sender.later.push(message);
      return [];
    }
    if (present !== undefined && client < present) return [];
    const kind = stringOf(message, "dest") === undefined ? "all" : "us";
    const stream = sender.streams[kind] ?? { client, next: undefined, waiting: new Map() };
    sender.streams[kind] = stream;
    if (stream.next !== undefined && number < stream.next) return []; // delivered, or from before the stream began
    if (stream.next !== undefined && number - stream.next >= windowMax) {
      stream.waiting.clear();
      stream.next = undefined;
    }
    stream.next ??= number;
    stream.waiting.set(number, message);
    return inOrder(stream);
  }

  #left(from: string, leave: Message): readonly Message[] {
    const sender = this.#senders.get(from);
    if (sender === undefined) return [leave];
    const present = sender.streams.all?.client ?? sender.streams.us?.client;
    if (present !== undefined && clientOf(leave) < present) return [leave]; // of one before
    sender.streams.all = undefined;
    sender.streams.us = undefined;
    const later = sender.later;
    sender.later = [];
    return [leave, ...later.flatMap((message) => this.push(message))];
  }
}

function inOrder(stream: Stream): Message[] {
  const ready: Message[] = [];
  while (stream.next !== undefined) {
    const message = stream.waiting.get(stream.next);
    if (message === undefined) break;
    stream.waiting.delete(stream.next++);
    ready.push(message);
  }
  return ready;
}

/** Decimal on the wire; the original's library reads it as hexadecimal, which keeps its order. */
const clientOf = (message: Message): number => Number.parseInt(stringOf(message, "client_gen") ?? "0", 10) || 0;

const hexadecimal = (value: string | undefined): number | undefined =>
  value !== undefined && /^[0-9a-f]{1,13}$/i.test(value) ? Number.parseInt(value, 16) : undefined;
