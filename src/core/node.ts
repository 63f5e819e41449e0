/**
 * The brain of one node: routes each input to the part that it concerns.
 *
 * Bytes become messages in `inbox.ts` and nowhere else; a message changes state only when its signature holds, its sender is known and
 * its number is new. Who is there is decided in `neighbours.ts`, who runs what in `resources.ts`; whatever is said goes through `voice.ts`, and
 * every effect through `step-effects.ts`, in the order of deciding.
 */
import { unreachable } from "../base/exhaustive.ts";
import { Prng } from "../base/prng.ts";
import {
  after,
  earliest,
  elapsed,
  type Instant,
  type Milliseconds,
  milliseconds,
  type NodeName,
  nodeName,
  seq,
} from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import { decodePlain } from "../wire/framing.ts";
import type { ClusterMessage } from "../wire/kinds.ts";
import { type Message, stringOf } from "../wire/message.ts";
import { Agreement } from "./agreement.ts";
import { Clients } from "./clients/clients.ts";
import { Companions } from "./companions.ts";
import { Retransmit } from "./delivery/retransmit.ts";
import type { Effect } from "./effect.ts";
import { Enrolment, type Hosts, noHosts, withHosts } from "./enrolment.ts";
import { Inbox, type InboxOutput } from "./inbox.ts";
import type { ConfirmOrder, Input, Now } from "./input.ts";
import { Journal } from "./journal.ts";
import type { Inheritance } from "./keepsake.ts";
import { lookAroundFor, restartPatience } from "./limits.ts";
import { Links } from "./membership/links.ts";
import { Liveness } from "./membership/liveness.ts";
import { isPingMedium, PingNodes } from "./membership/ping-nodes.ts";
import { Places } from "./membership/places.ts";
import { Roster } from "./membership/roster.ts";
import { Startup } from "./membership/startup.ts";
import { Neighbours } from "./neighbours.ts";
import { Notices } from "./notices.ts";
import { type Identity, Outbox } from "./outbox.ts";
import { clientPicture, type Parts, picture } from "./picture.ts";
import { Protection } from "./protection.ts";
import { QuickRestart } from "./quick-restart.ts";
import { Rejects } from "./rejects.ts";
import { Resources } from "./resources.ts";
import { Services } from "./services/services.ts";
import { standbySet, takeoverSet } from "./speech.ts";
import { StepEffects } from "./step-effects.ts";
import { Bystander } from "./takeover/bystander.ts";
import type { OperatorAnswer, OperatorOrder, Steward } from "./takeover/language.ts";
import { Takeover } from "./takeover/takeover.ts";
import type { View } from "./view.ts";
import { Voice } from "./voice.ts";

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
  /** Programs of the administrator want to be told of every event. */
  readonly hooked?: boolean;
  /** What was kept by `keep-hosts` before we started; none if not given. */
  readonly hosts?: Hosts;
}

export class Node {
  readonly #config: ClusterConfig;
  readonly #self: NodeName;
  readonly #version: string;
  readonly #pid: number;
  readonly #identity: Identity;
  readonly #roster: Roster;
  readonly #liveness = new Liveness();
  readonly #links: Links;
  readonly #pingNodes: PingNodes;
  readonly #inbox: Inbox;
  readonly #rejects = new Rejects();
  readonly #places = new Places();
  readonly #takeover: Steward;
  readonly #services: Services;
  readonly #startup: Startup;
  readonly #journal: Journal;
  readonly #agreement: Agreement;
  readonly #effects: StepEffects;
  readonly #voice: Voice;
  readonly #protection: Protection;
  readonly #resources: Resources;
  readonly #neighbours: Neighbours;
  readonly #clients: Clients;
  readonly #companions: Companions;
  readonly #enrolment: Enrolment;
  readonly #restart = new QuickRestart();
  #beatAt: Instant | undefined;
  /** A heartbeat went out in this step. */
  #beaten = false;

  constructor(options: NodeOptions) {
    const { identity, seed, version, pid, notified = new Set(), hooked = false, hosts = noHosts } = options;
    const prng = new Prng(seed);
    const config = withHosts(options.config, identity.uuid, hosts);
    this.#config = config;
    this.#self = config.localNode;
    this.#version = version;
    this.#pid = pid;
    this.#identity = identity;
    const others = config.nodes.filter((node) => node !== config.localNode);
    this.#roster = new Roster(config, prng);
    this.#links = new Links(config.media.filter((medium) => !isPingMedium(medium)).map((medium) => medium.name));
    this.#pingNodes = new PingNodes(config);
    const patience = config.autojoin === "none" ? milliseconds(0) : config.initdead;
    this.#startup = new Startup(others, this.#pingNodes.names, patience);
    const outbox = new Outbox(
      config,
      identity,
      (node) => this.#uuidOf(node),
      () => this.#roster.table.length,
    );
    this.#inbox = new Inbox(
      config,
      identity,
      this.#roster,
      this.#pingNodes,
      this.#links,
      new Retransmit(config.maxRetransmitDelay, prng),
      (bytes) => outbox.sentLately(bytes),
    );
    this.#takeover = config.managesResources ? this.#takeoverOf(config) : new Bystander(version);
    this.#services = new Services(
      config.groups,
      config.extension,
      () => this.#takeover.reach(),
      (unit, now) => this.#takeover.couldGo(unit, now),
    );
    this.#agreement = new Agreement(config);
    this.#journal = new Journal(config.logging.debug);
    const notices = new Notices(notified, config.autoFailback === "legacy");
    this.#effects = new StepEffects(this.#journal, this.#rejects, notices, hooked ? config.localNode : undefined);
    this.#clients = new Clients({
      config,
      view: () => clientPicture(this.#parts(), this.#effects.now),
      uuidOf: (node) => this.#uuidOf(nodeName(node)),
    });
    this.#voice = new Voice({
      config,
      identity,
      effects: this.#effects,
      outbox,
      clients: this.#clients,
      pingNodes: this.#pingNodes,
      successor: () => `${this.#takeover.successor()} ${this.#agreement.word}`,
      configuration: () => this.#agreement.parts(this.#effects.at),
      acknowledgements: () => this.#roster.acknowledgements(),
      besideOriginal: () => this.#takeover.besideOriginal,
      intercept: (body) => this.#intercept(body),
      heardOwn: (message) => this.#decide(message),
      overheard: (message, treatment) => this.#companions.overhear(message, treatment),
    });
    this.#companions = new Companions({
      config,
      effects: this.#effects,
      voice: this.#voice,
      clients: this.#clients,
      view: () => this.view(this.#effects.now),
      debugging: () => this.#journal.level > 0,
    });
    this.#protection = new Protection({
      config,
      effects: this.#effects,
      voice: this.#voice,
      onFenced: (node, because) => this.#resources.feed({ on: "peer-fenced", node, because }),
    });
    this.#resources = new Resources({
      effects: this.#effects,
      voice: this.#voice,
      takeover: this.#takeover,
      services: this.#services,
      protection: this.#protection,
      roster: this.#roster,
    });
    this.#neighbours = new Neighbours({
      agreement: this.#agreement,
      config,
      effects: this.#effects,
      voice: this.#voice,
      resources: this.#resources,
      protection: this.#protection,
      roster: this.#roster,
      liveness: this.#liveness,
      pingNodes: this.#pingNodes,
      links: this.#links,
      startup: this.#startup,
      inbox: this.#inbox,
      companions: this.#companions,
      units: this.#takeover.table,
    });
    this.#enrolment = new Enrolment(
      {
        config,
        identity,
        effects: this.#effects,
        voice: this.#voice,
        resources: this.#resources,
        neighbours: this.#neighbours,
        roster: this.#roster,
        liveness: this.#liveness,
        links: this.#links,
        places: this.#places,
        inbox: this.#inbox,
      },
      hosts,
    );
  }

  #takeoverOf(config: ClusterConfig): Takeover {
    return new Takeover({
      self: config.localNode,
      nodes: config.nodes,
      autoFailback: config.autoFailback !== "off", // quirk 12
      groups: config.groups,
      ownGroups: config.groups.filter((group) => group.owner === config.localNode).map(({ key }) => key),
      legacy: config.autoFailback === "legacy",
      deadtime: config.deadtime,
      keepalive: config.keepalive,
      version: this.#version,
      pings: () => this.#pingNodes.names.filter((name) => this.#pingNodes.statusOf(name) === "ping").length,
      canFence: (node) => this.#protection.can(node),
    });
  }

  view(now: Now): View {
    return picture(this.#parts(), now);
  }

  #parts(): Parts {
    return {
      agreement: this.#agreement,
      config: this.#config,
      identity: this.#identity,
      version: this.#version,
      status: this.#voice.status,
      roster: this.#roster,
      places: this.#places,
      liveness: this.#liveness,
      links: this.#links,
      pingNodes: this.#pingNodes,
      takeover: this.#takeover,
      services: this.#services,
      protection: this.#protection,
      journal: this.#journal,
      rejects: this.#rejects,
      companions: this.#companions,
    };
  }

  nextDeadline(): Instant | undefined {
    return [
      this.#beatAt,
      this.#liveness.nextDeadline(),
      this.#pingNodes.nextDeadline(),
      this.#startup.nextDeadline(),
      this.#inbox.nextDeadline(),
      this.#rejects.nextDeadline(),
      this.#protection.nextDeadline(),
      this.#resources.nextDeadline(),
      this.#clients.nextDeadline(),
      this.#companions.nextDeadline(),
      this.#companions.allEnded ? this.#resources.leaveAt : undefined,
      this.#companions.allEnded ? this.#restart.nextDeadline() : undefined,
    ].reduce(earliest);
  }

  step(input: Input, now: Now): readonly Effect[] {
    this.#effects.begin(now);
    this.#beaten = false;
    this.#take(input);
    this.#leaveWhenReady();
    this.#restartWhenReady();
    this.#enrolment.keep();
    const keepsake = this.#resources.keepsake();
    return [
      ...(keepsake === undefined ? [] : [{ do: "keep", keepsake } as const]),
      ...this.#effects.end(),
      // Last: only a step that came to its end proves that we are well.
      ...(this.#beaten && this.#config.watchdog !== undefined ? [{ do: "pat-watchdog" } as const] : []),
    ];
  }

  #take(input: Input): void {
    switch (input.on) {
      case "start":
        return this.#start(input.inherited);
      case "deadline":
        return this.#deadline();
      case "stalled":
        return this.#stalled(input.late);
      case "datagram":
      case "looked-around":
        return this.#inboxOutputs(this.#inbox.step(input, this.#effects.at));
      case "control-message":
        return this.#controlMessage(input.bytes);
      case "agent-finished":
      case "address-finished":
      case "address-gone":
      case "address-claimed":
      case "interface-up":
      case "unit-down":
        return this.#resources.serve(input);
      case "fence-finished":
        return this.#protection.feed({ on: "finished", operation: input.operation, outcome: input.outcome });
      case "client-connected":
      case "client-frame":
      case "client-closed":
      case "process-gone":
        return this.#voice.client(input);
      case "child-started":
      case "child-ended":
        return this.#companions.take(input);
      case "stop":
        this.#effects.log("stopping", "info", `Heartbeat shutdown in progress. (${this.#pid})`);
        if (this.#restart.cancel()) this.#voice.askPatience(milliseconds(0));
        this.#protection.feed({ on: "stop" });
        this.#companions.nodeStops();
        return this.#resources.stop();
      case "order":
        return this.#effects.push({ do: "answer-order", ticket: input.ticket, answer: this.#obey(input.order) });
      case "reread":
        this.#resources.order({ do: "cleanup", group: undefined });
        return;
      case "restart":
        return this.#restart.request();
      case "keys":
        return this.#changeKeys(input.keys);
      case "debug-level":
        this.#journal.level = input.level;
        return;
      default:
        return unreachable(input);
    }
  }

  #obey(order: OperatorOrder | ConfirmOrder): OperatorAnswer {
    return order.do === "fence-confirm" ? this.#protection.confirm(order.node) : this.#resources.order(order);
  }

  // --- Time -------------------------------------------------------------------------------------------------------------

  #start(inherited: Inheritance | undefined): void {
    this.#neighbours.start(inherited?.keepsake.patience);
    if (inherited !== undefined) this.#resources.inherit(inherited);
    this.#voice.sendStatus(); // `init`: the first words of a process (wire-protocol.md, section 10.1)
    this.#voice.setStatus("up");
    this.#beatAt = after(this.#effects.at, this.#config.keepalive);
    this.#neighbours.startup({ on: "start", adopted: inherited !== undefined });
    if (inherited !== undefined) this.#resources.resume();
  }

  #deadline(): void {
    const { at } = this.#effects;
    if (this.#beatAt !== undefined && this.#beatAt <= at) {
      const next = after(this.#beatAt, this.#config.keepalive);
      this.#beatAt = next > at ? next : after(at, this.#config.keepalive);
      this.#voice.sendStatus();
      this.#beaten = true;
    }
    this.#neighbours.deadline();
    this.#inboxOutputs(this.#inbox.step({ on: "deadline" }, at));
    for (const { level, text } of this.#rejects.due(at)) this.#effects.log("rejected", level, text);
    this.#neighbours.startup({ on: "deadline" });
    this.#protection.feed({ on: "deadline" });
    this.#resources.deadline();
    this.#voice.client({ on: "deadline" });
    this.#companions.deadline();
  }

  /** When all is released and said: first the programs that live with us, then we. */
  #leaveWhenReady(): void {
    const { leaveAt } = this.#resources;
    if (leaveAt === undefined) return;
    this.#companions.leave();
    if (this.#companions.allEnded && leaveAt <= this.#effects.at) this.#exit();
  }

  /** The programs that live with us end first; the next process starts its own. */
  #restartWhenReady(): void {
    const { at } = this.#effects;
    switch (this.#restart.judge(this.#resources.quiet, this.#companions.allEnded, at)) {
      case "waits":
        return this.#effects.log("restart-waits", "warn", "Restart delayed until current resource activity finishes.");
      case "announce":
        this.#voice.askPatience(restartPatience);
        return this.#companions.leave();
      case "go":
        this.#effects.log("shutdown-complete", "info", `${this.#self} Heartbeat shutdown complete.`);
        this.#effects.log("restart-triggered", "info", "Heartbeat restart triggered.");
        this.#effects.log("restarting", "info", "Restarting heartbeat.");
        this.#beatAt = undefined;
        return this.#effects.push({ do: "succession" });
      case undefined:
        return;
    }
  }

  /** If the others must hold us dead by now, they have what was ours. */
  #stalled(late: Milliseconds): void {
    this.#neighbours.stalled(late);
    const { keepalive, deadtime } = this.#config;
    this.#resources.serve({ on: "stalled", wait: keepalive });
    const silence = this.#beatAt === undefined ? 0 : elapsed(this.#beatAt, this.#effects.at) + keepalive;
    if (silence >= deadtime) this.#resources.feed({ on: "overslept", silence: milliseconds(silence) });
  }

  /** From the next message on; what is on its way, and what we send again, counts by the entry it names. */
  #changeKeys(keys: KeyRing): void {
    this.#inbox.changeKeys(keys);
    this.#agreement.changeKeys(keys);
    this.#voice.changeKeys(keys);
    const text = `Rereading authentication file: ${keys.entries.size} keys, entry ${keys.active} signs`;
    this.#effects.event("keys", "info", text);
  }

  #exit(): void {
    this.#resources.gone();
    this.#beatAt = undefined;
    this.#effects.log("shutdown-complete", "info", `${this.#self} Heartbeat shutdown complete.`);
    this.#effects.push({ do: "exit", code: 0 });
  }

  // --- Messages to facts ------------------------------------------------------------------------------------------------

  #inboxOutputs(outputs: readonly InboxOutput[]): void {
    for (const output of outputs) {
      switch (output.is) {
        case "message":
          this.#accept(output);
          break;
        case "anew":
          this.#neighbours.anew(output.member, output.how);
          break;
        case "joined":
          this.#enrolment.joined(output.member);
          break;
        case "renamed":
          this.#enrolment.renamed(output.before, output.member);
          break;
        case "identified":
          this.#enrolment.identified();
          break;
        case "look-around":
          this.#effects.push({ do: "look-around", duration: lookAroundFor });
          break;
        case "say":
          this.#voice.post(output.body);
          break;
        case "pass-on":
          this.#voice.passOn(output.message, output.from);
          break;
        case "ping-answer":
          this.#neighbours.pingNodeHeard(output.node, output.message);
          break;
        case "link":
          this.#neighbours.linkChanged(output.change);
          break;
        case "reject":
          this.#effects.reject(output.reason, output.text, output.level);
          break;
        case "log":
          this.#effects.log(output.id, output.level, output.text);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** A script or tool wrote to the control FIFO: the message goes to the whole cluster, and to us. */
  #controlMessage(bytes: Uint8Array): void {
    const body = decodePlain(bytes);
    if (!body.ok || stringOf(body.value, "t") === undefined)
      return this.#effects.log("control-malformed", "error", "control FIFO: not a message with a type: ignored");
    this.#voice.postAsOurs(body.value);
  }

  /** A stand-by is announced only if it can begin. */
  #intercept(body: Message): boolean {
    const set = standbySet(body);
    if (set !== undefined) this.#resources.feed({ on: "standby-request", set });
    return set !== undefined;
  }

  #accept({ member, message, anew }: Extract<InboxOutput, { readonly is: "message" }>): void {
    switch (message.kind) {
      case "status":
        return this.#neighbours.status(member, message, anew);
      case "ack":
        return this.#voice.acknowledged(member.name, message.upTo);
      case "ping-status":
        return;
      case "retransmit-request":
        return this.#voice.resend(member.name, message.first, message.last);
      case "retransmit-refusal":
        return this.#inboxOutputs(this.#inbox.refused(member, message.refused, message.info));
      case "nodes-request":
        return this.#enrolment.tell(member.name);
      case "nodes-reply":
        return this.#enrolment.listed(member.name, message.nodes, message.deleted);
      default:
        this.#voice.deliver(message.fields, "keep");
        return this.#decide(message);
    }
  }

  /** Messages that mean the same whoever sent them, ourselves included. */
  #decide(message: ClusterMessage): void {
    const from = message.originator;
    const theirs = from !== this.#self;
    switch (message.kind) {
      case "starting":
        if (theirs) this.#resources.feed({ on: "starting", from });
        return;
      case "resource":
        if (theirs) {
          const { full, stable, info } = message;
          const held = message.held === "bad" ? "none" : message.held;
          this.#resources.feed({ on: "resource", from, seq: message.seq ?? noSeq, held, full, stable, info });
        }
        return;
      case "ask-resources": {
        const set = message.set === "bad" ? "all" : message.set;
        return this.#resources.feed({
          on: "ask-resources",
          from,
          seq: message.seq ?? noSeq,
          set,
          info: message.info,
        });
      }
      case "takeover-request":
        return this.#resources.feed({ on: "take-over-request", from, set: takeoverSet(message.set) });
      case "set-weight":
        return this.#enrolment.place(message.node, message.weight === undefined ? {} : { weight: message.weight });
      case "set-site":
        return this.#enrolment.place(message.node, message.site === undefined ? {} : { site: message.site });
      case "add-nodes":
        return this.#enrolment.add(message.nodes);
      case "delete-nodes":
        return this.#enrolment.delete(message.nodes);
      case "shutdown-done":
        if (theirs) this.#resources.feed({ on: "shutdown-done", from, seq: message.seq ?? noSeq });
        return;
      case "release-request": {
        const { group = "" } = message;
        const owner = this.#config.groups.find(({ key }) => key === group)?.owner;
        if (theirs) this.#resources.feed({ on: "release-request", from, group, owner });
        return;
      }
      case "release-reply":
        if (theirs && message.agreed) this.#resources.feed({ on: "release-reply", from, group: message.group ?? "" });
        return;
      case "fencing-result":
        this.#effects.notify(message.fields, this.#neighbours.statusOf(from));
        if (theirs && message.result === "OK" && message.node !== undefined)
          this.#protection.feed({ on: "told", node: message.node, by: from });
        return;
      case "other":
        if (this.#voice.status === "active") this.#effects.notify(message.fields, this.#neighbours.statusOf(from));
        return;
      default:
        return;
    }
  }

  #uuidOf(node: NodeName): Uint8Array | undefined {
    return node === this.#self ? this.#identity.uuid : this.#roster.get(node)?.uuid;
  }
}

const noSeq = seq(0);
