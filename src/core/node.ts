/**
 * The brain of one node: routes each input through the machines until no new fact appears.
 *
 * Bytes become messages here and nowhere else; a message changes state only when its signature holds, its sender is known and
 * its number is new. What the machines decide becomes effects; what they want said goes through the outbox.
 */
import { unreachable } from "../base/exhaustive.ts";
import { Prng } from "../base/prng.ts";
import {
  after,
  earliest,
  elapsed,
  type Instant,
  instant,
  type Milliseconds,
  mediumName,
  milliseconds,
  type NodeName,
  nodeName,
  seq,
} from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import * as compose from "../wire/compose.ts";
import { decodePlain } from "../wire/framing.ts";
import { type ClusterMessage, parseMessage } from "../wire/kinds.ts";
import { type Message, stringOf } from "../wire/message.ts";
import { type ClientOutput, Clients, type Treatment } from "./clients/clients.ts";
import { Flow } from "./delivery/flow.ts";
import { Retransmit } from "./delivery/retransmit.ts";
import type { Effect, LogLevel } from "./effect.ts";
import { type Anew, Inbox, type InboxOutput, isFor } from "./inbox.ts";
import type { Input, Now } from "./input.ts";
import { Journal } from "./journal.ts";
import { lingerAtLeave } from "./limits.ts";
import { type LinkChange, Links } from "./membership/links.ts";
import { Liveness } from "./membership/liveness.ts";
import { isPingMedium, PingNodes } from "./membership/ping-nodes.ts";
import { type Place, Places } from "./membership/places.ts";
import { type Member, Roster } from "./membership/roster.ts";
import { Startup, type StartupOutput } from "./membership/startup.ts";
import { Notices } from "./notices.ts";
import { type Identity, Outbox } from "./outbox.ts";
import { picture } from "./picture.ts";
import { Rejects } from "./rejects.ts";
import { Services, type ServicesOutput } from "./services/services.ts";
import { deathNotice, linkNotice, nodeStatus, spoken, standbySet, takeoverSet } from "./speech.ts";
import type { TakeoverInput, TakeoverOutput } from "./takeover/language.ts";
import { encodeSuccessor, parseSuccessor } from "./takeover/successor.ts";
import { Takeover } from "./takeover/takeover.ts";
import type { View } from "./view.ts";

export interface NodeOptions {
  readonly config: ClusterConfig;
  readonly identity: Identity;
  /** For the few random draws (acknowledgement digits, retransmission delays). */
  readonly seed: number;
  /** Our version, as peers and tools see it. */
  readonly version: string;
  /** Of the daemon: some log lines of the original name it. */
  readonly pid: number;
  /** Types of messages that a script wants to be told of; none if not given. */
  readonly notified?: ReadonlySet<string>;
}

export class Node {
  #config: ClusterConfig;
  readonly #self: NodeName;
  readonly #version: string;
  readonly #pid: number;
  readonly #identity: Identity;
  readonly #roster: Roster;
  readonly #liveness = new Liveness();
  readonly #links: Links;
  readonly #pingNodes: PingNodes;
  readonly #startup: Startup;
  readonly #inbox: Inbox;
  readonly #rejects = new Rejects();
  readonly #flow = new Flow();
  readonly #places = new Places();
  readonly #takeover: Takeover;
  readonly #services: Services;
  readonly #outbox: Outbox;
  readonly #journal: Journal;
  readonly #clients: Clients;
  readonly #notices: Notices;
  #status: "init" | "up" | "active" = "init";
  /** Facts for the take-over that arose while it was carried out. */
  readonly #facts: TakeoverInput[] = [];
  #busy = false;
  #beatAt: Instant | undefined;
  #leaveAt: Instant | undefined;
  #out: Effect[] = [];
  readonly #told: Effect[] = [];
  #now: Now = { instant: instant(0), wallSeconds: 0, load: "n/a" };

  constructor({ config, identity, seed, version, pid, notified = new Set() }: NodeOptions) {
    const prng = new Prng(seed);
    this.#config = config;
    this.#self = config.localNode;
    this.#version = version;
    this.#pid = pid;
    this.#identity = identity;
    const others = config.nodes.filter((node) => node !== config.localNode);
    this.#roster = new Roster(others, config.deadtime, prng);
    this.#links = new Links(config.media.filter((medium) => !isPingMedium(medium)).map((medium) => medium.name));
    this.#pingNodes = new PingNodes(config);
    this.#startup = new Startup(others, this.#pingNodes.names);
    this.#inbox = new Inbox(
      config,
      identity,
      this.#roster,
      this.#pingNodes,
      this.#links,
      new Retransmit(config.maxRetransmitDelay, prng),
    );
    this.#takeover = new Takeover({
      self: config.localNode,
      nodes: config.nodes,
      autoFailback: config.autoFailback !== "off", // quirk 12
      ownGroups: this.#keysOf(config.localNode),
      legacy: config.autoFailback === "legacy",
      version,
      pings: () => this.#pingNodes.names.filter((name) => this.#pingNodes.statusOf(name) === "ping").length,
    });
    this.#services = new Services(config.groups);
    this.#outbox = new Outbox(config, identity, (node) => this.#uuidOf(node));
    this.#notices = new Notices(notified, config.autoFailback === "legacy");
    this.#journal = new Journal(config.logging.debug);
    this.#clients = new Clients({
      config,
      view: () => this.view(this.#now),
      uuidOf: (node) => this.#uuidOf(nodeName(node)),
    });
  }

  view(now: Now): View {
    return picture(
      {
        config: this.#config,
        identity: this.#identity,
        version: this.#version,
        status: this.#status,
        roster: this.#roster,
        places: this.#places,
        liveness: this.#liveness,
        links: this.#links,
        pingNodes: this.#pingNodes,
        takeover: this.#takeover,
        services: this.#services,
        journal: this.#journal,
        rejects: this.#rejects,
      },
      now,
    );
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#beatAt,
      this.#leaveAt,
      this.#liveness.nextDeadline(),
      this.#pingNodes.nextDeadline(),
      this.#startup.nextDeadline(),
      this.#inbox.nextDeadline(),
      this.#rejects.nextDeadline(),
      this.#takeover.nextDeadline(),
      this.#services.nextDeadline(),
    ].reduce(earliest);
  }

  step(input: Input, now: Now): readonly Effect[] {
    this.#out = [];
    this.#now = now;
    switch (input.on) {
      case "start":
        this.#start(now);
        break;
      case "deadline":
        this.#deadline(now);
        break;
      case "stalled":
        this.#stalled(input.late, now);
        break;
      case "datagram":
        this.#inboxOutputs(this.#inbox.step(input, now.instant), now);
        break;
      case "control-message":
        this.#controlMessage(input.bytes, now);
        break;
      case "agent-finished":
      case "address-finished":
      case "address-gone":
        this.#servicesOutputs(this.#services.step(input, now.instant), now);
        break;
      case "client-connected":
      case "client-frame":
      case "client-closed":
        this.#clientsOutputs(this.#clients.step(input, now), now);
        break;
      case "stop":
        this.#log("stopping", "info", `Heartbeat shutdown in progress. (${this.#pid})`);
        this.#feedTakeover({ on: "stop" }, now);
        break;
      case "keys":
        this.#changeKeys(input.keys, now);
        break;
      case "debug-level":
        this.#journal.level = input.level;
        break;
      default:
        unreachable(input);
    }
    this.#out.push(...this.#told.splice(0)); // whoever is told, is told after all is decided
    return this.#out;
  }

  // --- Time -------------------------------------------------------------------------------------------------------------

  #start(now: Now): void {
    const others = this.#roster.all().map((member) => member.name);
    this.#inbox.start(now.instant);
    this.#liveness.step({ on: "start", nodes: others, initdead: this.#config.initdead }, now.instant);
    this.#pingNodes.step({ on: "start", nodes: this.#pingNodes.names, initdead: this.#config.initdead }, now.instant);
    this.#sendStatus(now); // `init`: the first words of a process (wire-protocol.md, section 10.1)
    this.#setStatus("up", now);
    this.#beatAt = after(now.instant, this.#config.keepalive);
    this.#startupOutputs(this.#startup.step({ on: "start" }, now.instant), now);
  }

  #deadline(now: Now): void {
    const at = now.instant;
    if (this.#beatAt !== undefined && this.#beatAt <= at) {
      const next = after(this.#beatAt, this.#config.keepalive);
      this.#beatAt = next > at ? next : after(at, this.#config.keepalive);
      this.#sendStatus(now);
    }
    for (const { node, silence } of this.#liveness.step({ on: "deadline" }, at)) this.#declareDead(node, silence, now);
    for (const { node, silence } of this.#pingNodes.step({ on: "deadline" }, at))
      this.#pingNodeDied(node, silence, now);
    this.#inboxOutputs(this.#inbox.step({ on: "deadline" }, at), now);
    for (const line of this.#rejects.due(at)) this.#log("rejected", "warn", line);
    this.#startupOutputs(this.#startup.step({ on: "deadline" }, at), now);
    this.#feedTakeover({ on: "deadline" }, now);
    this.#servicesOutputs(this.#services.step({ on: "deadline" }, at), now);
    if (this.#leaveAt !== undefined && this.#leaveAt <= at) this.#exit();
  }

  /**
   * We slept, and have not looked at what arrived meanwhile: everybody gets one keepalive more
   * (quirk 10). If the others must hold us dead by now, they have what was ours.
   */
  #stalled(late: Milliseconds, now: Now): void {
    const { keepalive, deadtime } = this.#config;
    const text = `We were not running for ${Math.round(late)} ms: no node is declared dead for that.`;
    this.#event("stalled", "warn", text, undefined, now);
    this.#liveness.step({ on: "stalled", late, keepalive }, now.instant);
    this.#pingNodes.step({ on: "stalled", late, keepalive }, now.instant);
    this.#links.postpone(keepalive, now.instant);
    const silence = this.#beatAt === undefined ? 0 : elapsed(this.#beatAt, now.instant) + keepalive;
    if (silence >= deadtime) this.#feedTakeover({ on: "overslept", silence: milliseconds(silence) }, now);
  }

  /** From the next message on; what is on its way, and what we send again, counts by the entry it names. */
  #changeKeys(keys: KeyRing, now: Now): void {
    this.#config = { ...this.#config, keys };
    this.#inbox.changeKeys(keys);
    this.#outbox.changeKeys(keys);
    const text = `Rereading authentication file: ${keys.entries.size} keys, entry ${keys.active} signs`;
    this.#event("keys", "info", text, undefined, now);
  }

  #sendStatus(now: Now): void {
    // Never more than the configured dead time (quirk 7).
    const successor = encodeSuccessor(this.#takeover.state());
    this.#post(compose.status({ status: this.#status, deadtime: this.#config.deadtime, successor }), now);
    this.#askPingNodes(now);
  }

  /** With each status, what the ping nodes are to answer in their own names. */
  #askPingNodes(now: Now): void {
    for (const { medium, kind, node } of this.#pingNodes.paths) {
      const sealed = this.#outbox.sealPing(compose.pingStatus(kind, node, now.wallSeconds));
      if (sealed.ok) this.#out.push({ do: "ping", medium, bytes: sealed.value });
    }
  }

  #setStatus(status: "up" | "active", now: Now): void {
    this.#status = status;
    this.#event("local-status", "info", `Local status now set to: '${status}'`, undefined, now);
    this.#sendStatus(now);
  }

  #exit(): void {
    this.#leaveAt = undefined;
    this.#beatAt = undefined;
    this.#log("shutdown-complete", "info", `${this.#self} Heartbeat shutdown complete.`);
    this.#out.push({ do: "exit", code: 0 });
  }

  // --- Messages to facts ------------------------------------------------------------------------------------------------

  #inboxOutputs(outputs: readonly InboxOutput[], now: Now): void {
    for (const output of outputs) {
      switch (output.is) {
        case "message":
          this.#accept(output.member, output.message, output.anew, now);
          break;
        case "anew":
          if (output.how === "restarted") this.#restarted(output.member, now);
          else this.#returned(output.member, now);
          break;
        case "say":
          this.#post(output.body, now);
          break;
        case "ping-answer":
          this.#pingNodeHeard(output.node, output.message, now);
          break;
        case "link":
          this.#linkChanged(output.change, now);
          break;
        case "reject":
          this.#reject(output.reason, output.text, now);
          break;
        case "log":
          this.#log(output.id, output.level, output.text);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** A script or tool wrote to the control FIFO: the message goes to the whole cluster, and to us. */
  #controlMessage(bytes: Uint8Array, now: Now): void {
    const body = decodePlain(bytes);
    if (!body.ok || stringOf(body.value, "t") === undefined)
      return this.#log("control-malformed", "error", "control FIFO: not a message with a type: ignored");
    this.#postAsOurs(body.value, now);
  }

  /** Sends a message that others made, and treats it as every receiver will; a stand-by is announced only if it can begin. */
  #postAsOurs(body: Message, now: Now): void {
    const standby = standbySet(body);
    if (standby !== undefined) return this.#feedTakeover({ on: "standby-request", set: standby }, now);
    const posted = this.#post(body, now);
    const parsed = posted === undefined ? undefined : parseMessage(posted);
    if (parsed?.ok && isFor(parsed.value, this.#self, this.#identity.uuid)) this.#decide(parsed.value, now);
  }

  #accept(member: Member, message: ClusterMessage, anew: Anew, now: Now): void {
    switch (message.kind) {
      case "status":
        return this.#peerStatus(member, message, anew, now);
      case "ack":
        if (!this.#flow.acknowledge(member.name, message.upTo, this.#outbox.highest))
          this.#reject("bad-ack", `${member.name} acknowledges ${message.upTo}, which we have not sent`, now);
        return this.#regulate();
      case "ping-status":
        return;
      case "retransmit-request":
        return this.#resend(member, message.first, message.last, now);
      case "retransmit-refusal":
        return this.#inboxOutputs(this.#inbox.refused(member, message.refused, message.info), now);
      case "nodes-request":
        return void this.#post(compose.nodesReply(member.name, this.#config.nodes, []), now);
      case "nodes-reply":
        this.#compareNodes(member.name, message.nodes);
        this.#startupOutputs(this.#startup.step({ on: "node-list" }, now.instant), now);
        return;
      default:
        this.#deliver(message.fields, "keep", now);
        return this.#decide(message, now);
    }
  }

  /** Messages that mean the same whoever sent them, ourselves included. */
  #decide(message: ClusterMessage, now: Now): void {
    const from = message.originator;
    const theirs = from !== this.#self;
    switch (message.kind) {
      case "starting":
        if (theirs) this.#feedTakeover({ on: "starting", from }, now);
        return;
      case "resource":
        if (theirs) {
          const { full, stable, info } = message;
          const held = message.held === "bad" ? "none" : message.held;
          this.#feedTakeover({ on: "resource", from, seq: message.seq ?? noSeq, held, full, stable, info }, now);
        }
        return;
      case "ask-resources":
        return this.#feedTakeover(
          {
            on: "ask-resources",
            from,
            seq: message.seq ?? noSeq,
            set: message.set === "bad" ? "all" : message.set,
            info: message.info,
          },
          now,
        );
      case "takeover-request":
        return this.#feedTakeover({ on: "take-over-request", from, set: takeoverSet(message.set) }, now);
      case "set-weight":
        return this.#place(message.node, message.weight === undefined ? {} : { weight: message.weight });
      case "set-site":
        return this.#place(message.node, message.site === undefined ? {} : { site: message.site });
      case "add-nodes":
      case "delete-nodes": {
        const order = `${message.kind === "add-nodes" ? "addnode" : "delnode"} ${message.nodes.join(" ")}`;
        return this.#log("nodes-fixed", "warn", `${order}: not done, the nodes are those of ha.cf`); // quirk 72
      }
      case "shutdown-done":
        if (theirs) this.#feedTakeover({ on: "shutdown-done", from, seq: message.seq ?? noSeq }, now);
        return;
      case "release-request": {
        const { group = "" } = message;
        const owner = this.#config.groups.find(({ key }) => key === group)?.owner;
        if (theirs) this.#feedTakeover({ on: "release-request", from, group, owner }, now);
        return;
      }
      case "release-reply":
        if (theirs && message.agreed)
          this.#feedTakeover({ on: "release-reply", from, group: message.group ?? "" }, now);
        return;
      case "fencing-result":
        return this.#notify(message.fields, this.#statusOf(from));
      case "other":
        if (this.#status === "active") this.#notify(message.fields, this.#statusOf(from));
        return;
      default:
        return;
    }
  }

  #keysOf(owner: NodeName): string[] {
    return this.#config.groups.filter((group) => group.owner === owner).map(({ key }) => key);
  }

  #statusOf(node: NodeName): string | undefined {
    return node === this.#self ? this.#status : (this.#roster.get(node)?.status ?? this.#pingNodes.statusOf(node));
  }

  #place(node: NodeName | undefined, place: Place): void {
    if (node === undefined || Object.keys(place).length === 0) return; // a tool's mistake: nothing to tell
    const what = Object.entries(place).flat().join(" ");
    if (!this.#config.nodes.includes(node))
      return this.#log("no-such-node", "warn", `${what} of ${node}: there is no such node`);
    this.#places.set(node, place);
    this.#log("place", "info", `${node} now has ${what}`);
  }

  /** Every node should have the same nodes in its ha.cf; with haresources a difference changes nothing but must be known. */
  #compareNodes(from: NodeName, theirs: readonly NodeName[]): void {
    const ours = this.#config.nodes;
    const onlyThere = theirs.filter((node) => !ours.includes(node));
    const onlyHere = ours.filter((node) => !theirs.includes(node));
    if (onlyThere.length === 0 && onlyHere.length === 0) return;
    const lists = [`only there: ${onlyThere.join(" ") || "none"}`, `only here: ${onlyHere.join(" ") || "none"}`];
    this.#log("node-lists-differ", "error", `The nodes of ${from} are not ours (${lists.join(", ")}): compare ha.cf`);
  }

  #peerStatus(member: Member, message: Extract<ClusterMessage, { kind: "status" }>, anew: Anew, now: Now): void {
    const last = this.#liveness.heardAt(member.name);
    const silence = last === undefined ? 0 : elapsed(last, now.instant);
    if (silence > this.#config.warntime && anew === undefined) {
      const text = `Late heartbeat: Node ${member.name}: interval ${Math.round(silence)} ms`;
      this.#log("late-heartbeat", "warn", text);
    }
    if ((message.seq ?? noSeq) < member.lastStatus) return; // overtaken by a newer one
    member.lastStatus = message.seq ?? noSeq;
    if (message.deadtime !== undefined) member.deadtime = message.deadtime;
    this.#liveness.step({ on: "heard", node: member.name, deadtime: member.deadtime }, now.instant);
    const status = nodeStatus(message.status, member.status);
    const changed = status !== member.status;
    if (changed) {
      // Whoever has just come up waits to hear of everybody: do not let it wait for our next turn.
      if (!isPresent(member)) {
        if (message.protocol) this.#flow.joined(member.name, this.#outbox.highest); // else: it never acknowledges
        this.#sendStatus(now);
      }
      this.#notify(message.fields, member.status);
      member.status = status;
      this.#event("status-update", "info", `Status update for node ${member.name}: status ${status}`, undefined, now);
    }
    this.#deliver(message.fields, changed ? "keep" : "no-change", now);
    const state = message.successor === undefined ? undefined : parseSuccessor(message.successor);
    this.#feedTakeover(
      {
        on: "peer-status",
        node: member.name,
        seq: message.seq ?? noSeq,
        active: status === "active",
        state,
        ...(anew === undefined ? {} : { anew }),
      },
      now,
    );
    this.#startupOutputs(this.#startup.step({ on: "heard", node: member.name }, now.instant), now);
  }

  #restarted(member: Member, now: Now): void {
    this.#event("restart", "info", `Heartbeat restart on node ${member.name}`, undefined, now);
    this.#inbox.forget(member);
    this.#flow.left(member.name);
    member.lastStatus = noSeq;
    member.status = "init";
  }

  #returned(member: Member, now: Now): void {
    const text = `Cluster node ${member.name} returning after partition.`;
    this.#event("partition-return", "crit", text, "the same process is heard again", now);
    this.#log("deadtime-hint", "warn", "Deadtime value may be too small.");
  }

  #declareDead(node: NodeName, silence: Milliseconds | undefined, now: Now): void {
    const member = this.#roster.get(node);
    if (member === undefined) return;
    this.#event("node-dead", "warn", `node ${node}: is dead`, deathReason(silence), now);
    this.#notify(deathNotice(node, now), member.status);
    member.status = "dead";
    this.#flow.left(node);
    this.#regulate();
    member.track.clear();
    this.#inbox.forget(member);
    this.#feedTakeover({ on: "peer-dead", node }, now);
    this.#deliver(deathNotice(node, now), "keep", now);
    this.#startupOutputs(this.#startup.step({ on: "dead", node }, now.instant), now);
  }

  #pingNodeHeard(node: NodeName, message: ClusterMessage, now: Now): void {
    const news = this.#pingNodes.heard(node, now.instant);
    if (news) {
      this.#linkChanged({ node, medium: this.#pingNodes.mediumOf(node) ?? mediumName(node), status: "up" }, now);
      this.#event("status-update", "info", `Status update for node ${node}: status ping`, undefined, now);
    }
    this.#deliver(message.fields, news ? "keep" : "no-change", now);
    this.#startupOutputs(this.#startup.step({ on: "heard", node }, now.instant), now);
  }

  /** News for people and for programs such as ipfail; resources stay where they are. */
  #pingNodeDied(node: NodeName, silence: Milliseconds | undefined, now: Now): void {
    this.#event("node-dead", "warn", `node ${node}: is dead`, deathReason(silence), now);
    const notice = deathNotice(node, now, "ping");
    this.#notify(notice, "ping");
    this.#deliver(notice, "keep", now);
    // One that never answered never had its link.
    if (silence !== undefined)
      this.#linkChanged({ node, medium: this.#pingNodes.mediumOf(node) ?? mediumName(node), status: "dead" }, now);
    this.#startupOutputs(this.#startup.step({ on: "dead", node }, now.instant), now);
  }

  #resend(member: Member, first: number, last: number, now: Now): void {
    if (last > this.#outbox.highest) {
      const text = `Rexmit of seq ${last} requested. ${this.#outbox.highest} is max.`;
      this.#reject("rexmit-beyond", text, now);
    }
    for (const answer of this.#outbox.answer(first, last, now)) {
      if (answer.is === "resend") {
        this.#out.push(this.#outbox.transmit(answer.bytes));
      } else {
        this.#reject("rexmit-refused", `Cannot rexmit pkt ${answer.seq} for ${member.name}: ${answer.because}`, now);
        this.#post(compose.retransmitRefusal(member.name, answer.seq, answer.because), now);
      }
    }
  }

  #linkChanged({ node, medium, status }: LinkChange, now: Now): void {
    this.#event(`link-${status}`, "info", `Link ${node}:${medium} ${status}.`, undefined, now);
    const notice = linkNotice(node, medium, status);
    this.#notify(notice, this.#statusOf(node));
    this.#deliver(notice, "keep", now);
  }

  // --- Decisions to effects ---------------------------------------------------------------------------------------------

  #feedTakeover(input: TakeoverInput, now: Now): void {
    this.#facts.push(input);
    this.#takeFacts(now);
  }

  /** One fact after the other: what follows from carrying out an order waits until the other orders of its step are out. */
  #takeFacts(now: Now): void {
    if (this.#busy) return;
    this.#busy = true;
    for (let fact = this.#facts.shift(); fact !== undefined; fact = this.#facts.shift())
      this.#takeoverOutputs(this.#takeover.step(fact, now.instant), now);
    this.#busy = false;
  }

  #startupOutputs(outputs: readonly StartupOutput[], now: Now): void {
    for (const output of outputs) {
      switch (output.is) {
        case "ask-node-list":
          this.#post(compose.nodesRequest(output.of), now);
          break;
        case "comm-up":
          this.#log("comm-up", "info", "Comm_now_up(): updating status to active");
          this.#liveness.step({ on: "comm-up" }, now.instant);
          this.#pingNodes.step({ on: "comm-up" }, now.instant);
          this.#out.push({ do: "open-clients" });
          this.#commUp(now);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** The status goes out first, and says already that we take part. */
  #commUp(now: Now): void {
    const outputs = this.#takeover.step({ on: "comm-up" }, now.instant);
    this.#setStatus("active", now);
    this.#busy = true;
    this.#takeoverOutputs(outputs, now);
    this.#busy = false;
    this.#takeFacts(now);
  }

  #takeoverOutputs(outputs: readonly TakeoverOutput[], now: Now): void {
    for (const output of outputs) {
      switch (output.is) {
        case "say": {
          const posted = this.#post(spoken(output.message), now);
          if (posted !== undefined && output.message.say === "stonith") this.#notify(posted, this.#status);
          break;
        }
        case "state-changed":
          this.#sendStatus(now);
          break;
        case "acquire": {
          const { share, because } = output;
          this.#tellOfShare("acquire", `Acquiring the resources of ${share}.`, share, because, now);
          this.#servicesOutputs(this.#services.step({ on: "acquire", share }, now.instant), now);
          break;
        }
        case "release": {
          const { share, because, urgent } = output;
          this.#tellOfShare("release", `Releasing the resources of ${share}.`, share, because, now);
          this.#servicesOutputs(this.#services.step({ on: "release", share, urgent }, now.instant), now);
          break;
        }
        case "reannounce":
          this.#servicesOutputs(this.#services.step({ on: "reannounce", share: output.share }, now.instant), now);
          break;
        case "log":
          this.#event(output.id, output.level, output.text, output.because, now);
          break;
        case "left":
          this.#leaveAt = after(now.instant, this.#roster.all().some(isPresent) ? lingerAtLeave : milliseconds(0));
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** A share without groups is held like any other, but there is nothing to tell of it. */
  #tellOfShare(id: string, text: string, share: NodeName, because: string, now: Now): void {
    if (this.#config.groups.some((group) => group.owner === share)) this.#event(id, "info", text, because, now);
  }

  #servicesOutputs(outputs: readonly ServicesOutput[], now: Now): void {
    for (const output of outputs) {
      switch (output.is) {
        case "effect":
          if (output.effect.do === "log")
            this.#event(output.effect.id, output.effect.level, output.effect.text, undefined, now);
          else this.#out.push(output.effect);
          break;
        case "share-up":
          this.#feedTakeover({ on: "share-up", share: output.share }, now);
          break;
        case "share-down":
          this.#feedTakeover({ on: "share-down", share: output.share, clean: output.clean }, now);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #clientsOutputs(outputs: readonly ClientOutput[], now: Now): void {
    for (const output of outputs) {
      if (output.is === "effect") this.#out.push(output.effect);
      else this.#postAsOurs(output.body, now);
    }
  }

  /** Signs, numbers and sends; what is sent is also heard by our own clients. The message as sent, or undefined if refused. */
  #post(body: Message, now: Now): Message | undefined {
    // Several keys beside an original: only text framing lets it take the entry that a message names (quirk 70).
    this.#outbox.classicFraming = this.#config.keys.entries.size > 1 && this.#takeover.besideOriginal;
    const posted = this.#outbox.post(body, now);
    if (!posted.ok) {
      this.#log("unsendable", "error", `message of type ${stringOf(body, "t") ?? "?"} not sent: ${posted.error}`);
      return undefined;
    }
    this.#out.push(this.#outbox.transmit(posted.value.bytes));
    const type = stringOf(body, "t") ?? "";
    if (!type.startsWith("NS_")) this.#regulate();
    if (!type.startsWith("NS_")) this.#deliver(posted.value.message, type === "status" ? "no-change" : "keep", now);
    return posted.value.message;
  }

  /** Tells the scripts that want to know; `before` is the status that the sender had until then. */
  #notify(message: Message, before: string | undefined): void {
    this.#told.push(...this.#notices.of(message, before));
  }

  #regulate(): void {
    for (const output of this.#flow.judge(this.#outbox.highest)) {
      if (output.is === "log") this.#log("history-filling", output.level, output.text);
      else this.#out.push({ do: output.is === "pause" ? "pause-clients" : "resume-clients" });
    }
  }

  #deliver(message: Message, treatment: Treatment, now: Now): void {
    this.#clientsOutputs(this.#clients.deliver(message, treatment), now);
  }

  #reject(reason: string, text: string, now: Now): void {
    const line = this.#rejects.note(reason, text, now.instant);
    if (line !== undefined) this.#log("rejected", "warn", line);
  }

  #log(id: string, level: LogLevel, text: string): void {
    this.#out.push(...this.#journal.line({ id, level, text }));
  }

  #event(id: string, level: LogLevel, text: string, because: string | undefined, now: Now): void {
    this.#out.push(...this.#journal.event({ id, level, text, ...(because === undefined ? {} : { because }) }, now));
  }

  #uuidOf(node: NodeName): Uint8Array | undefined {
    return node === this.#self ? this.#identity.uuid : this.#roster.get(node)?.uuid;
  }
}

const noSeq = seq(0);

const deathReason = (silence: Milliseconds | undefined): string =>
  silence === undefined ? "never heard since we started" : `silent for ${Math.round(silence)} ms`;

const isPresent = (member: Member): boolean => member.status === "up" || member.status === "active";
