/**
 * Signs on to a running daemon, ours or the original, and speaks its API.
 *
 *     const heartbeat = await HeartbeatClient.signOn();
 *     for (const node of await heartbeat.nodes()) console.log(node.name, node.status);
 *     await heartbeat.signOff();
 *
 * Without an `id` the client is casual: it may ask. With one it is *named*, needs an `apiauth` line (or a built-in permission),
 * and may speak to clients of the same name on every node. Methods reject with `HeartbeatError`.
 *
 * Source: docs/reference/client-api.md.
 */
import { hostname } from "node:os";
import { binary, binaryOf, type Field, type Message, stringOf, text } from "../wire/message.ts";
import { Connection } from "./connection.ts";
import { HeartbeatError } from "./error.ts";
import { EventQueue } from "./event-queue.ts";
import { type ClusterEvent, readEvent } from "./events.ts";
import { Ordered } from "./ordered.ts";

export interface SignOnOptions {
  readonly socketPath?: string;
  /** The name to sign on under; without one the client is casual. */
  readonly id?: string;
  /** Milliseconds to wait for each answer. The original takes up to half a second, so fewer than 2000 will disappoint. */
  readonly patience?: number;
}

export interface DaemonInfo {
  readonly node: string;
  /** Milliseconds. */
  readonly deadtime: number;
  /** Milliseconds. */
  readonly keepalive: number;
  readonly version: string;
  /** As configured; `off` or `false`: heartbeat runs the resources itself. */
  readonly pacemaker: string;
  readonly logFacility: number;
}

export interface NodeEntry {
  readonly name: string;
  readonly type: string;
  readonly status: string;
}

export interface LinkEntry {
  readonly name: string;
  readonly status: string;
}

export const defaultSocketPath = "/run/heartbeat/register";
const defaultPatience = 5000;

export class HeartbeatClient {
  readonly #connection: Connection;
  readonly #id: string;
  readonly #patience: number;
  readonly #info: DaemonInfo;
  readonly #queues: Set<EventQueue>;
  /** The last number of an ordered message, by node; "" for those to all. */
  readonly #lastOrdered = new Map<string, number>();
  /** A question about a client went unanswered; a late answer could be taken for that of the next one. */
  #statusOverdue = false;

  /** Rejects with `cannot-connect` or `not-permitted`, or with `refused` when a daemon runs but does not want us. */
  static async signOn(options: SignOnOptions = {}): Promise<HeartbeatClient> {
    const patience = options.patience ?? defaultPatience;
    const id = options.id ?? String(process.pid);
    const queues = new Set<EventQueue>();
    const ordered = new Ordered();
    const connection = await Connection.open(options.socketPath ?? defaultSocketPath, {
      onMessage(message) {
        for (const event of ordered.push(message).map(readEvent)) for (const queue of queues) queue.push(event);
      },
      onEnd(why) {
        for (const queue of queues) queue.finish(why);
      },
    });
    try {
      const who = [text("uid", String(process.geteuid?.())), text("gid", String(process.getegid?.()))];
      const request = requestOf("signon", hostname().toLowerCase(), id, who);
      const [answer = []] = await connection.ask(request, answers("signon"), patience);
      const info = daemonInfo(answer);
      if (info === undefined) throw new HeartbeatError("not-heartbeat", "what listens does not answer like heartbeat");
      if (stringOf(answer, "result") !== "OK")
        throw new HeartbeatError("refused", stringOf(answer, "info") ?? "heartbeat gives no reason");
      return new HeartbeatClient(connection, id, patience, info, queues);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(connection: Connection, id: string, patience: number, info: DaemonInfo, queues: Set<EventQueue>) {
    this.#connection = connection;
    this.#id = id;
    this.#patience = patience;
    this.#info = info;
    this.#queues = queues;
  }

  /** What the daemon said of itself at the sign-on. */
  get info(): DaemonInfo {
    return this.#info;
  }

  /** All nodes, ping nodes included, in the order of the configuration. */
  async nodes(): Promise<NodeEntry[]> {
    const items = await this.#ask("nodelist");
    return items.map((item) => ({ name: need(item, "node"), type: need(item, "nodetype"), status: need(item, "st") }));
  }

  async nodeStatus(node: string): Promise<string> {
    return need(await this.#askOne("nodestatus", text("node", node)), "st");
  }

  async nodeType(node: string): Promise<string> {
    return need(await this.#askOne("nodetype", text("node", node)), "nodetype");
  }

  async nodeWeight(node: string): Promise<string> {
    return need(await this.#askOne("nodeweight", text("node", node)), "weight");
  }

  async nodeSite(node: string): Promise<string> {
    return need(await this.#askOne("nodesite", text("node", node)), "site");
  }

  /** How many nodes there are, ping nodes not counted. */
  async nodeCount(): Promise<number> {
    return Number(need(await this.#askOne("numnodes"), "numnodes"));
  }

  async links(node: string): Promise<LinkEntry[]> {
    const items = await this.#ask("iflist", text("node", node));
    return items.map((item) => ({ name: need(item, "ifname"), status: need(item, "st") }));
  }

  async linkStatus(node: string, link: string): Promise<string> {
    return need(await this.#askOne("ifstatus", text("node", node), text("ifname", link)), "st");
  }

  /** A parameter of ha.cf as it is written there; undefined when it is not set. */
  async parameter(name: string): Promise<string | undefined> {
    return stringOf(await this.#askOne("getparm", text("pname", name)), "pvalue");
  }

  /** `none`, `local`, `foreign`, `all`, or `transition` while something moves. */
  async heldResources(): Promise<string> {
    return need(await this.#askOne("getrsc"), "rsc_hold");
  }

  /** 16 bytes; undefined for a name that is no node. A node never heard of has sixteen zeros. */
  async uuidOf(node: string): Promise<Uint8Array | undefined> {
    return binaryOf(await this.#askOne("getuuid", text("queryname", node)), "queryuuid");
  }

  async nodeOfUuid(uuid: Uint8Array): Promise<string | undefined> {
    return stringOf(await this.#askOne("getnodename", binary("queryuuid", uuid)), "queryname");
  }

  /**
   * Whether a program of that name is signed on at that node: `online` or `offline` (an original may also say `join` or
   * `leave`). Another node's daemon is asked through the cluster; `no-answer` when it says nothing within `patience` ms.
   */
  async clientStatus(node: string, client: string, patience = this.#patience): Promise<string> {
    if (this.#statusOverdue) {
      await this.nodeCount(); // answers keep their order: after this one no older answer is underway
      this.#statusOverdue = false;
    }
    const own = answers("clientstatus");
    const takes = (message: Message): boolean => own(message) || isClientStatus(message, node, client);
    const request = this.#request("clientstatus", [text("node", node), text("cn", client)]);
    try {
      const [answer = []] = await this.#connection.ask(request, takes, patience);
      return need(accepted(answer), "cs");
    } catch (error) {
      this.#statusOverdue = error instanceof HeartbeatError && error.code === "no-answer";
      throw error;
    }
  }

  /** Which messages to be given beside normal traffic: bits of client-api.md, section 4. More than 1 is for root. */
  async setFilter(mask: number): Promise<void> {
    await this.#askOne("setfilter", text("fmask", mask.toString(16)));
  }

  /** The signal that the daemon sends to this process after each message; 0 for none. */
  async setSignal(signal: number): Promise<void> {
    await this.#askOne("setsignal", text("signal", String(signal)));
  }

  /** How many messages may wait for us at the daemon before it puts us out. There is no answer. */
  setSendQueue(messages: number): void {
    this.#connection.send(this.#request("set_sendqlen", [text("sendqlen", String(messages))]));
  }

  /**
   * Speaks to the clients of our name on every node (this one included), or on `to` only. There is no answer, and a casual
   * client that tries is put out.
   */
  send(type: string, fields: readonly Field[] = [], to?: string): void {
    this.#connection.send([text("t", type), ...fields, ...(to === undefined ? [] : [text("dest", to)])]);
  }

  /** As `send`, but every receiver's library, ours or the original's, hands such messages over in the order of their sending. */
  sendOrdered(type: string, fields: readonly Field[] = [], to?: string): void {
    const number = (this.#lastOrdered.get(to ?? "") ?? 0) + 1;
    this.#lastOrdered.set(to ?? "", number);
    const dest = to === undefined ? [] : [text("dest", to)];
    this.#connection.send([text("t", type), ...fields, ...dest, text("oseq", number.toString(16))]);
  }

  /** Everything heard from now on. Leave the loop to stop listening; it ends by itself at `signOff`. */
  events(): AsyncIterableIterator<ClusterEvent> {
    for (const queue of this.#queues) if (queue.finished) this.#queues.delete(queue);
    const queue = new EventQueue();
    this.#queues.add(queue);
    return queue;
  }

  async signOff(): Promise<void> {
    for (const queue of this.#queues) queue.finish("done");
    this.#connection.send(this.#request("signoff", []));
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.signOff();
  }

  #request(name: string, fields: readonly Field[]): Message {
    return requestOf(name, this.#info.node, this.#id, fields);
  }

  async #ask(name: string, ...fields: Field[]): Promise<Message[]> {
    const items = await this.#connection.ask(this.#request(name, fields), answers(name), this.#patience);
    return items.map(accepted);
  }

  async #askOne(name: string, ...fields: Field[]): Promise<Message> {
    const [answer = []] = await this.#ask(name, ...fields);
    return answer;
  }
}

/** A request as the original's library writes it, field by field in its order (section 2). */
function requestOf(name: string, dest: string, id: string, fields: readonly Field[]): Message {
  return [
    text("t", "hbapi-req"),
    text("reqtype", name),
    text("dest", dest),
    text("pid", String(process.pid)),
    text("from_id", id),
    ...fields,
  ];
}

const answers =
  (name: string) =>
  (message: Message): boolean =>
    stringOf(message, "t") === "hbapi-resp" && stringOf(message, "reqtype") === name;

const isClientStatus = (message: Message, node: string, client: string): boolean =>
  stringOf(message, "t") === "respond-cstatus" &&
  stringOf(message, "cn") === client &&
  stringOf(message, "src")?.toLowerCase() === node.toLowerCase();

function accepted(answer: Message): Message {
  if (stringOf(answer, "result") === "badreq") throw new HeartbeatError("bad-request", stringOf(answer, "info") ?? "");
  return answer;
}

function need(answer: Message, field: string): string {
  const value = stringOf(answer, field);
  if (value === undefined) throw new HeartbeatError("not-heartbeat", `heartbeat's answer lacks the field ${field}`);
  return value;
}

function daemonInfo(answer: Message): DaemonInfo | undefined {
  const milliseconds = (name: string): number => Number.parseInt(stringOf(answer, name) ?? "", 16);
  const node = stringOf(answer, "node");
  const deadtime = milliseconds("deadtime");
  const keepalive = milliseconds("keepalive");
  if (node === undefined || Number.isNaN(deadtime) || Number.isNaN(keepalive)) return undefined;
  return {
    node,
    deadtime,
    keepalive,
    version: stringOf(answer, "hbversion") ?? "",
    pacemaker: stringOf(answer, "pacemaker") ?? "false",
    logFacility: Number(stringOf(answer, "logfacility") ?? -1),
  };
}
