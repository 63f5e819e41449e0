/**
 * Who else is there: from what was heard, and from silence, to who lives, who is dead, which link works and when communication is up; told
 * to everybody whom it concerns.
 *
 * Source: docs/reference/wire-protocol.md, sections 9 and 10.
 */
import { unreachable } from "../base/exhaustive.ts";
import { elapsed, type Milliseconds, mediumName, type NodeName, seq } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import * as compose from "../wire/compose.ts";
import type { ClusterMessage } from "../wire/kinds.ts";
import type { Agreement } from "./agreement.ts";
import type { Companions } from "./companions.ts";
import type { Anew, Inbox } from "./inbox.ts";
import type { KeptPatience } from "./keepsake.ts";
import type { LinkChange, Links } from "./membership/links.ts";
import type { Liveness } from "./membership/liveness.ts";
import type { PingNodes } from "./membership/ping-nodes.ts";
import type { Member, Roster } from "./membership/roster.ts";
import type { Startup, StartupInput } from "./membership/startup.ts";
import type { Protection } from "./protection.ts";
import type { Resources } from "./resources.ts";
import { deathNotice, linkNotice, nodeStatus } from "./speech.ts";
import type { StepEffects } from "./step-effects.ts";
import type { UnitTable } from "./takeover/units.ts";
import type { Voice } from "./voice.ts";

export interface NeighboursParts {
  readonly agreement: Agreement;
  readonly config: ClusterConfig;
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly resources: Resources;
  readonly protection: Protection;
  readonly roster: Roster;
  readonly liveness: Liveness;
  readonly pingNodes: PingNodes;
  readonly links: Links;
  readonly startup: Startup;
  readonly inbox: Inbox;
  readonly companions: Companions;
  readonly units: UnitTable;
}

export class Neighbours {
  readonly #parts: NeighboursParts;

  constructor(parts: NeighboursParts) {
    this.#parts = parts;
  }

  /** The media are open. `kept`: the last core of this node has listened until a moment ago, and others were this patient with us. */
  start(kept?: readonly KeptPatience[]): void {
    const { config, effects, inbox, liveness, pingNodes, roster } = this.#parts;
    const { initdead } = config;
    for (const { node, deadtime } of kept ?? []) roster.setPatience(node, deadtime);
    inbox.start(effects.at);
    if (kept === undefined) {
      liveness.step({ on: "start", nodes: roster.all().map(({ name }) => name), initdead }, effects.at);
      pingNodes.step({ on: "start", nodes: pingNodes.names, initdead }, effects.at);
    } else {
      // quirk 234
      for (const { name, deadtime } of roster.all()) liveness.step({ on: "joined", node: name, deadtime }, effects.at);
      for (const node of pingNodes.names)
        pingNodes.step({ on: "joined", node, deadtime: pingNodes.deadtime }, effects.at);
    }
  }

  /** What silence means; lost messages and links are the inbox's to judge. */
  deadline(): void {
    const { effects, liveness, pingNodes } = this.#parts;
    for (const { node, silence } of liveness.step({ on: "deadline" }, effects.at)) this.#died(node, silence);
    for (const { node, silence } of pingNodes.step({ on: "deadline" }, effects.at)) this.#pingNodeDied(node, silence);
  }

  /** We slept, and have not looked at what arrived meanwhile: everybody gets one keepalive more (quirk 10). */
  stalled(late: Milliseconds): void {
    const { config, effects, links, liveness, pingNodes } = this.#parts;
    const { keepalive } = config;
    effects.event(
      "stalled",
      "warn",
      `We were not running for ${Math.round(late)} ms: no node is declared dead for that.`,
    );
    liveness.step({ on: "stalled", late, keepalive }, effects.at);
    pingNodes.step({ on: "stalled", late, keepalive }, effects.at);
    links.postpone(keepalive, effects.at);
  }

  status(member: Member, message: Extract<ClusterMessage, { kind: "status" }>, anew: Anew): void {
    const { agreement, config, effects, links, liveness, protection, resources, roster, units, voice } = this.#parts;
    for (const { originator, upTo } of message.acknowledgements)
      if (originator === config.localNode) voice.acknowledgedByTheWay(member.name, upTo);
    const number = message.seq ?? noSeq;
    if (number < member.lastStatus) return; // overtaken by a newer one
    const last = liveness.heardAt(member.name);
    const silence = last === undefined ? 0 : elapsed(last, effects.at);
    if (silence > config.warntime && anew === undefined) {
      const text = `Late heartbeat: Node ${member.name}: interval ${Math.round(silence)} ms`;
      effects.log("late-heartbeat", "warn", text);
    }
    member.lastStatus = number;
    if (message.deadtime !== undefined && message.deadtime !== member.deadtime) {
      roster.setPatience(member.name, message.deadtime);
      links.setPatience(member.name, message.deadtime, effects.at);
    }
    member.successor = message.successor;
    liveness.step({ on: "heard", node: member.name, deadtime: member.deadtime }, effects.at);
    protection.feed({ on: "heard", node: member.name });
    const status = nodeStatus(message.status, member.status);
    const changed = status !== member.status;
    if (changed) {
      // Whoever has just come up waits to hear of everybody: do not let it wait for our next turn.
      if (!isPresent(member)) {
        if (message.protocol) voice.joined(member.name); // else: it never acknowledges
        voice.sendStatus();
      }
      effects.notify(message.fields, member.status);
      member.status = status;
      effects.event("status-update", "info", `Status update for node ${member.name}: status ${status}`);
    }
    voice.deliver(message.fields, changed ? "keep" : "no-change");
    if (message.successor !== undefined) {
      const news = agreement.heard(member.name, message.successor, message.configuration, effects.at);
      if (news !== undefined) effects.event("configuration-differs", "warn", news);
    }
    const state = message.successor === undefined ? undefined : member.stateOf(message.successor, units);
    resources.feed({
      on: "peer-status",
      node: member.name,
      seq: number,
      active: status === "active",
      state,
      ...(anew === undefined ? {} : { anew }),
      ...(anew === "returned" && member.track.unheard !== undefined ? { unheard: member.track.unheard } : {}),
    });
    this.startup({ on: "heard", node: member.name });
  }

  /** The same node speaks again: another process, or the one that we held dead. */
  anew(member: Member, how: Exclude<Anew, undefined>): void {
    const { effects, inbox, voice } = this.#parts;
    if (how === "returned") {
      const text = `Cluster node ${member.name} returning after partition.`;
      effects.event("partition-return", "crit", text, "the same process is heard again");
      effects.log("deadtime-hint", "warn", "Deadtime value may be too small.");
      return;
    }
    effects.event("restart", "info", `Heartbeat restart on node ${member.name}`);
    inbox.forget(member);
    voice.left(member.name);
    member.lastStatus = noSeq;
    member.successor = undefined;
    member.status = "init";
  }

  pingNodeHeard(node: NodeName, message: ClusterMessage): void {
    const { effects, pingNodes, voice } = this.#parts;
    const news = pingNodes.heard(node, effects.at);
    if (news) {
      this.linkChanged({ node, medium: pingNodes.mediumOf(node) ?? mediumName(node), status: "up" });
      effects.event("status-update", "info", `Status update for node ${node}: status ping`);
    }
    voice.deliver(message.fields, news ? "keep" : "no-change");
    this.startup({ on: "heard", node });
  }

  linkChanged({ node, medium, status }: LinkChange): void {
    const { effects, voice } = this.#parts;
    effects.event(`link-${status}`, "info", `Link ${node}:${medium} ${status}.`);
    const notice = linkNotice(node, medium, status);
    effects.notify(notice, this.statusOf(node));
    voice.deliver(notice, "keep");
  }

  startup(input: StartupInput): void {
    const { companions, effects, liveness, pingNodes, protection, resources, startup, voice } = this.#parts;
    for (const output of startup.step(input, effects.at)) {
      switch (output.is) {
        case "ask-node-list":
          voice.post(compose.nodesRequest(output.of));
          break;
        case "comm-up":
          effects.log("comm-up", "info", "Comm_now_up(): updating status to active");
          liveness.step({ on: "comm-up" }, effects.at);
          pingNodes.step({ on: "comm-up" }, effects.at);
          effects.push({ do: "open-clients" });
          resources.commUp();
          companions.start();
          protection.feed({ on: "comm-up" });
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Our question for the list of nodes is out. */
  get asking(): boolean {
    return this.#parts.startup.asking;
  }

  /** Communication is up. */
  get communicates(): boolean {
    return this.#parts.startup.up;
  }

  statusOf(node: NodeName): string | undefined {
    const { config, pingNodes, roster, voice } = this.#parts;
    return node === config.localNode ? voice.status : (roster.get(node)?.status ?? pingNodes.statusOf(node));
  }

  #died(node: NodeName, silence: Milliseconds | undefined): void {
    const { effects, inbox, resources, roster, voice } = this.#parts;
    const member = roster.get(node);
    if (member === undefined) return;
    effects.event("node-dead", "warn", `node ${node}: is dead`, deathReason(silence));
    for (const { fields } of member.notices.all()) voice.deliver(fields, "keep"); // to none of them: it is said to everybody
    const notice = deathNotice(node, effects.now);
    effects.notify(notice, member.status);
    member.status = "dead";
    voice.left(node);
    member.track.clear();
    inbox.forget(member);
    resources.feed({ on: "peer-dead", node });
    voice.deliver(notice, "keep");
    this.startup({ on: "dead", node });
  }

  /** News for people and for programs such as ipfail; resources stay where they are. */
  #pingNodeDied(node: NodeName, silence: Milliseconds | undefined): void {
    const { effects, pingNodes, voice } = this.#parts;
    effects.event("node-dead", "warn", `node ${node}: is dead`, deathReason(silence));
    const notice = deathNotice(node, effects.now, "ping");
    effects.notify(notice, "ping");
    voice.deliver(notice, "keep");
    // One that never answered never had its link.
    if (silence !== undefined)
      this.linkChanged({ node, medium: pingNodes.mediumOf(node) ?? mediumName(node), status: "dead" });
    this.startup({ on: "dead", node });
  }
}

const noSeq = seq(0);

const deathReason = (silence: Milliseconds | undefined): string =>
  silence === undefined ? "never heard since we started" : `silent for ${Math.round(silence)} ms`;

/** Its process runs, as far as we know. */
export const isPresent = (member: Member): boolean => member.status === "up" || member.status === "active";
