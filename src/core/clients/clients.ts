/**
 * The client socket's side of a node: programs sign on, ask, listen, and speak to their namesakes on other nodes.
 *
 * Each connection is a session; a sign-on makes it a member with a name. Requests are answered strictly in order and at
 * once: the original's library takes the next answer for its own, so a late or missing one would put it out of step.
 * Messages of the cluster are offered by `deliver` and go to whoever is addressed and wants them.
 *
 * Outputs must be carried out in their order, and a `send` is looped back through `deliver` as it is sent: a named client
 * hears of its own joining before it reads the answer to its sign-on.
 *
 * Source: docs/reference/client-api.md. Deviations: answers come at once (quirk 45); a request is accepted when the connection's
 * own pid or name stands in it (quirk 42); a refused sign-on is not broadcast (quirk 44); types by which nodes talk among
 * themselves are not accepted from clients (quirk 43).
 */

import { unreachable } from "../../base/exhaustive.ts";
import { syslogFacilities } from "../../base/syslog-facility.ts";
import { after, type ClientId, elapsed, type Instant } from "../../base/units.ts";
import { decodePlain, encodePlain } from "../../wire/framing.ts";
import { type Message, stringOf, text, withField } from "../../wire/message.ts";
import type { Effect, LogLevel } from "../effect.ts";
import type { ClientCloseReason, Input, Now } from "../input.ts";
import { clientAuditEvery } from "../limits.ts";
import type { ClientHost } from "./host.ts";
import { type Outcome, requests } from "./requests.ts";
import {
  defaultPreferences,
  filterBits,
  type Member,
  type Preferences,
  type Session,
  type Treatment,
} from "./session.ts";
import { asksToSignOn, judgeSignOn } from "./sign-on.ts";

export type { Treatment } from "./session.ts";

export type ClientInput = Extract<Input, { on: `client-${string}` | "process-gone" | "deadline" }>;

export type ClientOutput =
  | { readonly is: "effect"; readonly effect: Effect }
  /** A message for the cluster; the node adds the header. */
  | { readonly is: "send"; readonly body: Message };

/** After so many bodies in a row that are no message the client is put out (section 1.2). */
const rubbishMax = 10;
/** Complaints about one client that are logged per second; a mad client must not fill the disk (quirk 49). */
const complaintsPerSecond = 10;
/** Fields of a rejected message that are shown in the log. */
const dumpedFieldsMax = 16;

/** How nodes talk among themselves: nothing a client has any business to say in our name. Types have no case (`parseMessage`). */
const nodesOnly = /^(?:NS_.*|status|hbapi-.*|reqnodes|repnodes|shutdone)$/i;
/** What the scripts of root report: from another user it would have others take what still runs here. */
const rootOnly = /^(?:resource|starting|ip-request|ip-request-resp|stonith)$/i;
/** Talk among nodes that concerns no client. */
const unseen = new Set(["query-cstatus", "reqnodes", "repnodes", "NS_ackmsg"]);

export class Clients {
  readonly #host: ClientHost;
  readonly #sessions = new Map<ClientId, Session>();
  /** Programs whose work the daemon does itself, by name; each with its generation. */
  readonly #residents = new Map<string, number>();
  #generation = 0;
  #auditAt: Instant | undefined;
  #out: ClientOutput[] = [];

  constructor(host: ClientHost) {
    this.#host = host;
  }

  step(input: ClientInput, now: Now): readonly ClientOutput[] {
    this.#out = [];
    switch (input.on) {
      case "client-connected":
        this.#sessions.set(input.client, newSession(input.client, input.peer, now.instant));
        break;
      case "client-frame": {
        const session = this.#sessions.get(input.client);
        if (session !== undefined) this.#frame(session, input.body, now); // else: closed by us, its last words underway
        break;
      }
      case "client-closed": {
        const session = this.#sessions.get(input.client);
        if (session !== undefined) this.#closed(session, input.reason);
        break;
      }
      case "process-gone":
        this.#processGone(input.pid, input.looked);
        break;
      case "deadline":
        if (this.#auditAt !== undefined && this.#auditAt <= now.instant) this.#audit(now.instant);
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  /** When the processes of clients are looked at again: one may be gone while another holds its connection open. */
  nextDeadline(): Instant | undefined {
    return this.#auditAt;
  }

  /** The daemon itself takes part as a client of that name, which nobody else may have meanwhile (quirk 59). */
  admit(id: string): readonly ClientOutput[] {
    const generation = this.#generation++;
    this.#residents.set(id, generation);
    return [{ is: "send", body: this.#notice("join", id, "signon", generation) }];
  }

  dismiss(id: string): readonly ClientOutput[] {
    const generation = this.#residents.get(id);
    if (!this.#residents.delete(id) || generation === undefined) return [];
    return [{ is: "send", body: this.#notice("leave", id, "signoff", generation) }];
  }

  /** What a resident says, as a client of that name would say it. */
  speakFor(id: string, body: Message): readonly ClientOutput[] {
    return [{ is: "send", body: signedBy(body, id, this.#residents.get(id) ?? 0) }];
  }

  /** Offers a message to every client that may and wants to see it; answers a question about our own clients. */
  deliver(message: Message, treatment: Treatment): readonly ClientOutput[] {
    this.#out = [];
    const type = stringOf(message, "t") ?? "";
    const dest = stringOf(message, "dest");
    const forUs = dest === undefined || dest === this.#host.config.localNode;
    if (type === "query-cstatus" && treatment === "keep" && forUs) this.#answerPeer(message);
    if (!unseen.has(type)) this.#spread(message, treatment === "keep" && !forUs ? "drop" : treatment);
    return this.#out;
  }

  #frame(session: Session, body: Uint8Array, now: Now): void {
    const decoded = decodePlain(body);
    if (!decoded.ok) {
      session.rubbish++;
      this.#complain(session, now, "info", `No message from pid ${session.peer.pid}`);
      if (session.rubbish >= rubbishMax) this.#remove(session, "noinput");
      return;
    }
    session.rubbish = 0;
    const message = decoded.value;
    const { member } = session;
    if (member === undefined) this.#stranger(session, message, now);
    else if (stringOf(message, "t") === "hbapi-req") this.#request(session, member, message, now);
    else this.#speak(session, member, message, now);
  }

  #stranger(session: Session, message: Message, now: Now): void {
    if (!asksToSignOn(message)) {
      this.#complain(session, now, "error", "api_process_registration_msg: bad message", message);
      return;
    }
    const { config } = this.#host;
    const judged = judgeSignOn(message, session.peer, config.apiAuth, (id) => this.#isOnline(id));
    const generation = this.#generation++;
    if (!judged.ok) {
      const { id, pid, info, casual } = judged;
      this.#complain(session, now, "warn", `Client [${id}] pid ${pid} failed authorization [${info}]`);
      this.#answerSignOn(session, [text("info", info), text("result", "badreq")]);
      if (!casual) this.#send(session, this.#notice("leave", id, info, generation));
      this.#close(session);
      return;
    }
    const { id, pid, casual } = judged;
    session.member = { id, pid, uid: session.peer.uid, casual, generation, preferences: defaultPreferences };
    this.#auditAt ??= after(now.instant, clientAuditEvery);
    if (!casual) this.#out.push({ is: "send", body: this.#notice("join", id, "signon", generation) });
    this.#answerSignOn(session, [text("result", "OK")]);
  }

  #answerSignOn(session: Session, verdict: Message): void {
    const { config } = this.#host;
    const facility = syslogFacilities.get(config.logging.facility ?? "");
    const noFacility = config.parameters.get("logfacility") === "none" ? 0 : -1; // as the original has it
    this.#send(session, [
      ...answerTo("signon"),
      ...verdict,
      text("deadtime", config.deadtime.toString(16)),
      text("keepalive", config.keepalive.toString(16)),
      text("node", config.localNode),
      text("hbversion", this.#host.view().version),
      text("pacemaker", config.parameters.get("pacemaker") ?? "false"),
      text("logfacility", String(facility === undefined ? noFacility : facility << 3)),
    ]);
  }

  #request(session: Session, member: Member, message: Message, now: Now): void {
    this.#copyToListeners(message);
    const name = stringOf(message, "reqtype");
    const pid = stringOf(message, "pid");
    const id = stringOf(message, "from_id");
    if (name === undefined || (pid === undefined && id === undefined)) {
      this.#complain(session, now, "error", "no fromid/pid/reqtype in message.");
      return;
    }
    if (pid !== String(member.pid) && id !== member.id) {
      const says = `Client mismatch! (impersonation?) pids (${pid} vs ${member.pid}), Client IDs (${id} vs ${member.id})`;
      this.#complain(session, now, "error", says);
      return;
    }
    const request = requests.get(name);
    if (request === undefined) {
      this.#complain(session, now, "error", "Unknown API request");
      this.#refuse(session, now, name, message, undefined);
      return;
    }
    const asking = { host: this.#host, member, online: (each: string) => this.#isOnline(each) };
    this.#settle(session, member, name, message, request.answer(message, asking), now);
  }

  #settle(session: Session, member: Member, name: string, message: Message, outcome: Outcome, now: Now): void {
    switch (outcome.is) {
      case "answer": {
        prefer(member, outcome.prefer);
        const last = outcome.items.length - 1;
        for (const [i, item] of outcome.items.entries())
          this.#send(session, [...answerTo(name), ...item, text("result", i < last ? "ok/more" : "OK")]);
        break;
      }
      case "refuse":
        this.#refuse(session, now, name, message, outcome.info);
        break;
      case "ask-peer":
        this.#out.push({ is: "send", body: outcome.query });
        break;
      case "silent":
        prefer(member, outcome.prefer);
        this.#complain(session, now, outcome.level, outcome.says);
        break;
      case "sign-off":
        this.#remove(session, "signoff");
        break;
      default:
        unreachable(outcome);
    }
  }

  #refuse(session: Session, now: Now, name: string, message: Message, info: string | undefined): void {
    this.#complain(session, now, "error", `api_process_request: bad request [${name}]`, message);
    const reason = info === undefined ? [] : [text("info", info)];
    this.#send(session, [...answerTo(name), text("result", "badreq"), ...reason]);
  }

  /** A member speaks to its namesakes on all nodes, this one included (section 5). There is no answer. */
  #speak(session: Session, member: Member, message: Message, now: Now): void {
    if (member.casual) {
      this.#complain(session, now, "info", "api_process_request: general message from casual client!");
      this.#remove(session, "badclient");
      return;
    }
    const type = stringOf(message, "t") ?? "";
    if (type === "" || nodesOnly.test(type) || (rootOnly.test(type) && session.peer.uid !== 0)) {
      this.#complain(session, now, "error", `client ${member.id} may not send messages of type "${type}"`, message);
      return;
    }
    this.#out.push({ is: "send", body: signedBy(message, member.id, member.generation) });
  }

  /** Another node (or one of our own clients, through the cluster) asks whether a client is here (section 6.3). */
  #answerPeer(query: Message): void {
    const asker = stringOf(query, "src");
    const id = stringOf(query, "cn");
    const to = stringOf(query, "from_id");
    if (asker === undefined || id === undefined || to === undefined) return;
    this.#out.push({
      is: "send",
      body: [
        text("t", "respond-cstatus"),
        text("dest", asker),
        text("result", "OK"),
        text("cn", id),
        text("to_id", to),
        text("cs", this.#isOnline(id) ? "online" : "offline"),
      ],
    });
  }

  #spread(message: Message, treatment: Treatment): void {
    const to = stringOf(message, "to_id");
    this.#sendWhere(message, (member) => {
      if (to !== undefined && to !== member.id) return false;
      return (member.preferences.mask & filterBits[treatment]) !== 0;
    });
  }

  #copyToListeners(request: Message): void {
    this.#sendWhere(request, (member) => (member.preferences.mask & filterBits["api-call"]) !== 0);
  }

  #sendWhere(message: Message, wanted: (member: Member) => boolean): void {
    let body: Uint8Array | undefined; // mostly nobody wants it, and then it need not be encoded
    for (const session of this.#sessions.values()) {
      if (session.member === undefined || !wanted(session.member)) continue;
      body ??= this.#encode(message);
      if (body === undefined) return;
      this.#sendBody(session, body);
    }
  }

  #encode(message: Message): Uint8Array | undefined {
    const body = encodePlain(message, this.#host.config.messageFormat);
    if (body.ok) return body.value;
    this.#log("error", `cannot pass on a message of type ${stringOf(message, "t")} to clients: ${body.error}`);
    return undefined;
  }

  #closed(session: Session, reason: ClientCloseReason): void {
    this.#sessions.delete(session.client);
    const limit = session.member?.preferences.queueLimit;
    const overflowed = `send failed,farside_pid=${session.peer.pid}, sendq length=${limit}(max is ${limit})`;
    this.#announceLeave(session, reason === "overflow" ? overflowed : "EOF");
  }

  /** Puts a client out; a named one is told, and so are its namesakes. */
  #remove(session: Session, info: string): void {
    const { member } = session;
    if (member !== undefined && !member.casual)
      this.#send(session, this.#notice("leave", member.id, info, member.generation));
    this.#close(session);
    this.#announceLeave(session, info);
  }

  #announceLeave({ member }: Session, info: string): void {
    if (member === undefined || member.casual) return;
    this.#out.push({ is: "send", body: this.#notice("leave", member.id, info, member.generation) });
  }

  #close(session: Session): void {
    this.#sessions.delete(session.client);
    this.#effect({ do: "client-close", client: session.client });
  }

  #notice(status: "join" | "leave", id: string, info: string, generation: number): Message {
    return [
      text("t", "hbapi-clstat"),
      text("st", status),
      text("from_id", id),
      text("to_id", id),
      text("src", this.#host.config.localNode),
      text("info", info),
      text("client_gen", String(generation)),
    ];
  }

  #isOnline(id: string): boolean {
    if (this.#residents.has(id)) return true;
    for (const { member } of this.#sessions.values()) if (member?.id === id) return true;
    return false;
  }

  /** Asks for each process whether it is there; those that are not come back as `process-gone`. */
  #audit(now: Instant): void {
    const pids = new Set([...this.#sessions.values()].flatMap(({ member }) => member?.pid ?? []));
    this.#auditAt = pids.size === 0 ? undefined : after(now, clientAuditEvery);
    for (const pid of pids) this.#effect({ do: "client-signal", pid, signal: 0 });
  }

  #processGone(pid: number, looked: boolean): void {
    for (const session of [...this.#sessions.values()])
      if (session.member?.pid === pid) this.#remove(session, looked ? "died-audit" : "died");
  }

  #send(session: Session, message: Message): void {
    const body = encodePlain(message, this.#host.config.messageFormat);
    if (body.ok) this.#sendBody(session, body.value);
    else this.#log("error", `cannot say ${stringOf(message, "reqtype")} to a client: ${body.error}`);
  }

  #sendBody({ client, member }: Session, body: Uint8Array): void {
    const { signal, queueLimit } = member?.preferences ?? defaultPreferences;
    this.#effect({ do: "client-send", client, body, queueLimit });
    if (member !== undefined && signal !== 0) this.#effect({ do: "client-signal", pid: member.pid, signal });
  }

  #complain(session: Session, now: Now, level: LogLevel, says: string, about: Message = []): void {
    if (elapsed(session.complaintsSince, now.instant) >= 1000) {
      session.complaints = 0;
      session.complaintsSince = now.instant;
    }
    session.complaints++;
    if (session.complaints > complaintsPerSecond) return;
    this.#log(level, says);
    if (about.length === 0) return;
    this.#log(level, `MSG: Dumping message with ${about.length} fields`);
    for (const [i, field] of about.slice(0, dumpedFieldsMax).entries()) {
      const shown = field.type === "string" ? field.value.slice(0, 200) : `(${field.type})`;
      this.#log(level, `MSG[${i}] : [${field.name}=${shown}]`);
    }
  }

  #log(level: LogLevel, says: string): void {
    this.#effect({ do: "log", id: "client", level, text: says });
  }

  #effect(effect: Effect): void {
    this.#out.push({ is: "effect", effect });
  }
}

const signedBy = (message: Message, id: string, generation: number): Message =>
  [text("from_id", id), text("to_id", id), text("client_gen", String(generation))].reduce<Message>(withField, message);

const answerTo = (request: string): Message => [text("t", "hbapi-resp"), text("reqtype", request)];

function newSession(client: ClientId, peer: Session["peer"], now: Instant): Session {
  return { client, peer, member: undefined, rubbish: 0, complaints: 0, complaintsSince: now };
}

function prefer(member: Member, changed: Partial<Preferences> | undefined): void {
  if (changed !== undefined) member.preferences = { ...member.preferences, ...changed };
}
