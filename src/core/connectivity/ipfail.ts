/**
 * Who of the two nodes reaches more ping nodes? That one should run everything.
 *
 * Whenever something changes (a ping node answers again, a link dies, the other side joins) the nodes tell each other how many they reach; who
 * reaches fewer asks for a stand-by of all it holds, after a pause of two keepalives in which the other side may lose the same ping node
 * and call it off. With equal counts nothing moves, but with `auto_failback on` what is foreign goes home. It never moves anything by
 * itself: it asks as an operator would.
 *
 * The same machine works inside the daemon, when a `respawn` line names ipfail, and as a program beside it. Its messages are those of the
 * original's ipfail, so the other side may be either.
 *
 * Source: docs/reference/resources.md, section 14; client-api.md, section 8.
 * Deviations: foreign resources are given home only if there are any (quirk 163); the ten seconds before a request that came in the
 * middle of a transition is made again do not block (quirk 164).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import { after, type Instant, type Milliseconds, milliseconds, seconds } from "../../base/units.ts";
import { type Message, stringOf, text } from "../../wire/message.ts";
import type { LogLevel } from "../effect.ts";
import type { Machine } from "../machine.ts";
import { compareReach } from "./reach.ts";

export interface IpfailNode {
  readonly name: string;
  readonly type: string;
  readonly status: string;
}

export type IpfailInput =
  /** Signed on: the nodes as they are now. */
  | { readonly on: "start"; readonly nodes: readonly IpfailNode[] }
  /** What a client of the name `ipfail` hears. */
  | { readonly on: "message"; readonly message: Message }
  /** Answer to `ask-resources`: `none local foreign all transition`; undefined: no answer. */
  | { readonly on: "resources"; readonly held: string | undefined }
  | { readonly on: "deadline" };

export type IpfailOutput =
  /** To the clients of our name on every node, or on the one in `dest`. */
  | { readonly is: "send"; readonly body: Message }
  | { readonly is: "ask-resources" }
  | { readonly is: "log"; readonly level: LogLevel; readonly text: string };

export interface IpfailOptions {
  readonly self: string;
  readonly autoFailback: boolean;
  readonly keepalive: Milliseconds;
}

type Wanted = "all" | "foreign";
/** Why the resources are asked for. */
type Asked = { readonly for: "foreign-home" } | { readonly for: "give-up"; readonly set: Wanted };

/** After a request that could not be made, and the end of what stood in its way (section 14). */
const againAfter: Milliseconds = seconds(10);

export class Ipfail implements Machine<IpfailInput, IpfailOutput> {
  readonly #self: string;
  readonly #autoFailback: boolean;
  readonly #delay: Milliseconds;
  readonly #status = new Map<string, string>();
  readonly #pingNodes = new Set<string>();
  #partner: string | undefined;
  readonly #giveUpAt = new Deadlines<Wanted>();
  readonly #askAt = new Deadlines<"ask">();
  readonly #asked: Asked[] = [];
  /** A stand-by was wanted while something moved. */
  #needStandby = false;
  #out: IpfailOutput[] = [];

  constructor({ self, autoFailback, keepalive }: IpfailOptions) {
    this.#self = self;
    this.#autoFailback = autoFailback;
    this.#delay = milliseconds(2 * keepalive);
  }

  step(input: IpfailInput, now: Instant): readonly IpfailOutput[] {
    this.#out = [];
    switch (input.on) {
      case "start":
        this.#start(input.nodes);
        break;
      case "message":
        this.#hear(input.message, now);
        break;
      case "resources": {
        const asked = this.#asked.shift();
        if (asked !== undefined) this.#resources(asked, input.held, now);
        break;
      }
      case "deadline":
        for (const set of this.#giveUpAt.due(now)) this.#giveUp(set);
        if (this.#askAt.due(now).length > 0) this.#askCount();
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  nextDeadline(): Instant | undefined {
    const [giveUp, ask] = [this.#giveUpAt.next(), this.#askAt.next()];
    return giveUp === undefined || (ask !== undefined && ask < giveUp) ? ask : giveUp;
  }

  /** How many ping nodes answer. */
  get count(): number {
    return [...this.#pingNodes].filter((node) => this.#status.get(node) === "ping").length;
  }

  #start(nodes: readonly IpfailNode[]): void {
    for (const { name, type, status } of nodes) {
      this.#status.set(name, status);
      if (type === "ping") this.#pingNodes.add(name);
      else if (name !== this.#self) this.#partner = name; // of several the last, as the original
    }
    const others = nodes.filter(({ type, name }) => type !== "ping" && name !== this.#self).length;
    if (others > 1) this.#log("warn", `ipfail is for two nodes: of ${others} others only ${this.#partner} counts.`);
  }

  #hear(message: Message, now: Instant): void {
    const of = (name: string): string => stringOf(message, name) ?? "";
    const type = of("t").toLowerCase();
    const from = of("src");
    switch (type) {
      case "status":
      case "ns_st":
        return this.#nodeStatus(from, of("st"));
      case "ifstat":
        return this.#linkStatus(of("node"), of("ifname"), of("st"));
      case "hbapi-clstat":
        if (of("from_id") === "ipfail" && of("st") === "join" && from !== this.#self) this.#askCount();
        return;
      case "num_ping_nodes":
        if (from !== this.#self) this.#compare(Number.parseInt(of("num_ping"), 10), now);
        return;
      case "you_are_dead":
        if (from === this.#self) return;
        this.#log("info", "Giving up because we were told that we have less ping nodes.");
        return this.#giveUpLater("all", now);
      case "abort_giveup":
        if (from !== this.#self) this.#callOff();
        return;
      case "resource":
        if (from === this.#partner && of("isstable") === "1" && of("info") === "" && this.#needStandby) {
          this.#needStandby = false;
          this.#askAt.set("ask", after(now, againAfter)); // quirk 164
        }
        return;
      default:
        return;
    }
  }

  #nodeStatus(node: string, status: string): void {
    if (status === "" || this.#status.get(node) === status) return;
    this.#status.set(node, status);
    this.#log("info", `Status update: Node ${node} now has status ${status}`);
    if (status === "ping") {
      this.#pingNodes.add(node);
      this.#log("info", "A ping node just came up.");
      this.#askCount();
    } else if (status === "dead") this.#log("info", this.count > 0 ? "NS: We are still alive!" : "NS: We are dead. :<");
  }

  #linkStatus(node: string, link: string, status: string): void {
    this.#log("info", `Link Status update: Link ${node}/${link} now has status ${status}`);
    if (status !== "dead") return;
    this.#log("info", this.count > 0 ? "Checking remote count of ping nodes." : "We are dead. :<");
    this.#askCount();
  }

  /** Tells the other side how many we reach; it compares. */
  #askCount(): void {
    if (this.#partner === undefined) return;
    this.#log("info", "Asking other side for ping node count.");
    this.#send("num_ping_nodes", text("src", this.#self), text("num_ping", String(this.count)));
  }

  #compare(theirs: number, now: Instant): void {
    if (!Number.isSafeInteger(theirs) || theirs < 0) return this.#log("error", "The other side's count is no number.");
    const reach = compareReach(this.count, theirs);
    if (reach === "more") {
      this.#log("info", "Telling other node that we have more visible ping nodes.");
      return this.#send("you_are_dead");
    }
    if (reach === "fewer") {
      this.#log("info", "Giving up because we have less visible ping nodes.");
      return this.#giveUpLater("all", now);
    }
    this.#log("info", "Ping node count is balanced.");
    this.#send("abort_giveup", text("src", this.#self));
    if (this.#giveUpAt.next() !== undefined) return this.#callOff();
    if (!this.#autoFailback) return;
    this.#ask({ for: "foreign-home" });
  }

  #giveUpLater(set: Wanted, now: Instant): void {
    this.#giveUpAt.clear();
    this.#giveUpAt.set(set, after(now, this.#delay));
    this.#log("info", `Delayed giveup in ${Math.floor(this.#delay / 1000)} seconds.`);
  }

  #callOff(): void {
    const waiting = this.#giveUpAt.next() !== undefined;
    this.#giveUpAt.clear();
    this.#log("info", waiting ? "Aborted delayed giveup" : "No giveup timer to abort.");
  }

  #giveUp(set: Wanted): void {
    this.#log("info", "giveup() called (timeout worked)");
    this.#ask({ for: "give-up", set });
  }

  #ask(asked: Asked): void {
    this.#asked.push(asked);
    this.#out.push({ is: "ask-resources" });
  }

  #resources(asked: Asked, held: string | undefined, now: Instant): void {
    switch (asked.for) {
      case "foreign-home":
        if (held !== "foreign" && held !== "all") return; // quirk 163
        this.#log("info", "Giving up foreign resources (auto_failback).");
        return this.#giveUpLater("foreign", now);
      case "give-up":
        if (held === "transition") {
          this.#needStandby = true;
          return;
        }
        this.#out.push({
          is: "send",
          body: [text("t", "ask_resources"), text("rsc_hold", asked.set), text("src", this.#self), text("info", "me")],
        });
        return;
      default:
        unreachable(asked);
    }
  }

  #send(type: string, ...fields: Message): void {
    if (this.#partner === undefined) return;
    this.#out.push({ is: "send", body: [text("t", type), ...fields, text("dest", this.#partner)] });
  }

  #log(level: LogLevel, says: string): void {
    this.#out.push({ is: "log", level, text: says });
  }
}
