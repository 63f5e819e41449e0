/**
 * Which nodes belong to the cluster, where that may change: under `-M`. Unknown nodes join by being heard, `hb_addnode` and `hb_delnode` say so
 * by message, and a node that starts takes over the list of the one it asked. What came of it is kept in the host cache.
 *
 * With haresources the nodes are those of ha.cf, whoever says what: who owns what is computed from the same list everywhere.
 *
 * Source: docs/reference/wire-protocol.md, sections 7.2 and 10.2 to 10.3. Deviations: the host cache always says what the node knows
 * (quirk 120); a node list counts only as the answer to our own question (quirk 121); the table has 100 names, and a name is one word (quirk 122).
 */
import { type NodeName, nodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { defaultWeight, type HostEntry, isPlainNodeName } from "../config/hostcache.ts";
import { foldAscii, shown } from "../syntax/text.ts";
import * as compose from "../wire/compose.ts";
import { nodesMax } from "../wire/limits.ts";
import { text } from "../wire/message.ts";
import type { Inbox } from "./inbox.ts";
import type { Links } from "./membership/links.ts";
import type { Liveness } from "./membership/liveness.ts";
import type { Place, Places } from "./membership/places.ts";
import { type Member, type Roster, sameBytes } from "./membership/roster.ts";
import { isPresent, type Neighbours } from "./neighbours.ts";
import type { Identity } from "./outbox.ts";
import type { Resources } from "./resources.ts";
import type { StepEffects } from "./step-effects.ts";
import type { Voice } from "./voice.ts";

/** What the host cache and the list of deleted nodes said when we started. */
export interface Hosts {
  readonly known: readonly HostEntry[];
  readonly deleted: readonly HostEntry[];
}

export const noHosts: Hosts = { known: [], deleted: [] };

export interface EnrolmentParts {
  readonly config: ClusterConfig;
  readonly identity: Identity;
  readonly effects: StepEffects;
  readonly voice: Voice;
  readonly resources: Resources;
  readonly neighbours: Neighbours;
  readonly roster: Roster;
  readonly liveness: Liveness;
  readonly links: Links;
  readonly places: Places;
  readonly inbox: Inbox;
}

/** The nodes to begin with: those of ha.cf and those that joined before, without those that were deleted. */
export function withHosts(config: ClusterConfig, ownUuid: Uint8Array, { known, deleted }: Hosts): ClusterConfig {
  if (config.managesResources || config.autojoin === "none") return config;
  const gone = new Set(deleted.map(({ name }) => name));
  const stays = (name: NodeName): boolean =>
    name === config.localNode || !gone.has(name) || !config.nodes.includes(name);
  const table = config.nodeTable.filter(stays);
  const others = known.filter(({ uuid }) => !sameBytes(uuid, ownUuid)); // we may have had another name
  const joined = others.map(({ name }) => name).filter((name) => !table.includes(name) && !gone.has(name));
  const added = [...new Set(joined)].slice(0, Math.max(0, nodesMax - table.length));
  return { ...config, nodes: [...config.nodes.filter(stays), ...added], nodeTable: [...table, ...added] };
}

export class Enrolment {
  readonly #parts: EnrolmentParts;
  #deleted: readonly HostEntry[];
  /** What is kept differs from what is known. */
  #stale = true;

  constructor(parts: EnrolmentParts, hosts: Hosts) {
    this.#parts = parts;
    const { config, roster, places } = parts;
    this.#deleted = config.autojoin === "none" ? [] : hosts.deleted;
    for (const { name, uuid, weight, site } of hosts.known) {
      const member = roster.get(name);
      if (member === undefined && name !== config.localNode) continue;
      if (member !== undefined && uuid.some((byte) => byte !== 0)) member.uuid = uuid;
      places.set(name, { ...(weight === defaultWeight ? {} : { weight }), ...(site === "" ? {} : { site }) });
    }
  }

  // --- What is heard ----------------------------------------------------------------------------------------------------

  /** An unknown node was heard; what it said is not looked at, what it says next is. */
  joined(member: Member): void {
    this.#admit(member, `process_clustermsg: Adding new node [${shown(member.name)}] to configuration.`);
  }

  /** A node that we know has another name. */
  renamed(before: NodeName, member: Member): void {
    const { config, effects, inbox, liveness, links, neighbours, places, resources, voice } = this.#parts;
    effects.event("node-renamed", "warn", `nodename ${shown(before)} uuid changed to ${shown(member.name)}`);
    liveness.step({ on: "removed", node: before }, effects.at);
    liveness.step({ on: "joined", node: member.name, deadtime: config.deadtime }, effects.at);
    links.remove(before);
    places.move(before, member.name);
    inbox.forgetName(before);
    voice.left(before);
    resources.feed({ on: "peer-dead", node: before });
    neighbours.startup({ on: "joined", node: member.name });
    neighbours.startup({ on: "heard", node: member.name });
    neighbours.startup({ on: "removed", node: before });
    this.#stale = true;
  }

  /** A node's identity is known now, or another one. */
  identified(): void {
    this.#stale = true;
  }

  place(node: NodeName | undefined, place: Place): void {
    const { effects, places, roster } = this.#parts;
    if (node === undefined || Object.keys(place).length === 0) return; // a tool's mistake: nothing to tell
    const what = Object.entries(place).flat().join(" ");
    if (!roster.nodes.includes(node))
      return effects.log("no-such-node", "warn", `${what} of ${node}: there is no such node`);
    places.set(node, place);
    this.#stale = true;
    effects.log("place", "info", `${node} now has ${what}`);
  }

  // --- What is ordered --------------------------------------------------------------------------------------------------

  add(names: readonly NodeName[]): void {
    if (this.#fixed("addnode", names)) return;
    const { effects, roster } = this.#parts;
    for (const each of names) {
      const name = nodeName(foldAscii(each));
      if (roster.table.includes(name)) effects.log("node-there", "info", `addnode: ${shown(name)} is there already`);
      else this.#addUnknown(name, `hb_add_one_node: Adding new node[${shown(name)}] to configuration.`);
    }
  }

  /** All or none of them, and only when everybody else is there to hear of it. */
  delete(names: readonly NodeName[]): void {
    if (this.#fixed("delnode", names)) return;
    const { effects, roster } = this.#parts;
    const folded = names.map((name) => nodeName(foldAscii(name)));
    const refuse = (level: "warn" | "error", why: string): void => effects.event("node-stays", level, why);
    for (const name of folded) {
      if (!roster.nodes.includes(name))
        return refuse("warn", `deletion failed: node ${shown(name)} is not in the configuration`);
      if (roster.get(name)?.status !== "dead")
        return refuse("warn", `deletion failed: node ${shown(name)} is not dead`);
    }
    const missing = roster.all().find((member) => !folded.includes(member.name) && !isPresent(member));
    if (missing !== undefined) {
      const state = `${shown(missing.name)} is ${missing.status}`;
      return refuse("error", `delnode: deletion failed. We don't have all required nodes alive (${state})`);
    }
    for (const name of folded) this.#remove(name, true);
  }

  // --- Node lists -------------------------------------------------------------------------------------------------------

  tell(requester: NodeName): void {
    const { roster, voice } = this.#parts;
    const deleted = this.#deleted.map(({ name }) => name);
    voice.post(compose.nodesReply(requester, roster.nodes, deleted));
  }

  /** The answer to our question at the start, or somebody's word. */
  listed(from: NodeName, nodes: readonly NodeName[], deleted: readonly NodeName[]): void {
    const { config, neighbours } = this.#parts;
    if (config.managesResources) this.#compare(from, nodes);
    else if (neighbours.asking) this.#adopt(nodes, deleted); // quirk 121
    neighbours.startup({ on: "node-list" });
  }

  #adopt(nodes: readonly NodeName[], deleted: readonly NodeName[]): void {
    const { config, effects, roster } = this.#parts;
    for (const name of nodes)
      if (!roster.table.includes(name))
        this.#addUnknown(name, `Adding new node [${shown(name)}] to configuration.`, "the node list has it");
    for (const { name, status } of roster.all()) {
      if (nodes.includes(name)) continue;
      if (status === "init" || status === "dead") this.#remove(name, false, "the node list does not have it");
      else
        effects.log("node-stays", "error", `remove_node: node ${shown(name)} is ${status}. Cannot remove alive node`);
    }
    const gone = deleted.filter((name) => name !== config.localNode && isPlainNodeName(name) && !roster.get(name));
    this.#deleted = gone.slice(0, nodesMax).map((name) => ({ name, uuid: new Uint8Array(16), weight: 0, site: "" }));
    this.#stale = true;
  }

  /** Every node should have the same nodes in its ha.cf; with haresources a difference changes nothing but must be known. */
  #compare(from: NodeName, theirs: readonly NodeName[]): void {
    const ours = this.#parts.roster.nodes;
    const onlyThere = theirs.filter((node) => !ours.includes(node));
    const onlyHere = ours.filter((node) => !theirs.includes(node));
    if (onlyThere.length === 0 && onlyHere.length === 0) return;
    const lists = [`only there: ${onlyThere.join(" ") || "none"}`, `only here: ${onlyHere.join(" ") || "none"}`];
    const says = `The nodes of ${from} are not ours (${lists.join(", ")}): compare ha.cf`;
    this.#parts.effects.log("node-lists-differ", "error", says);
  }

  // --- What is kept -----------------------------------------------------------------------------------------------------

  /** At the end of a step: says once what has to be written down. Nothing is before we know who is there. */
  keep(): void {
    const { config, effects, neighbours, roster } = this.#parts;
    if (!this.#stale || config.managesResources || !neighbours.communicates) return;
    this.#stale = false;
    effects.push({
      do: "keep-hosts",
      known: roster.nodes.map((name) => this.#entry(name)),
      deleted: this.#deleted,
    });
  }

  #entry(name: NodeName): HostEntry {
    const { config, identity, places, roster } = this.#parts;
    const uuid = name === config.localNode ? identity.uuid : roster.get(name)?.uuid;
    const { weight = defaultWeight, site = "" } = places.of(name);
    return { name, uuid: uuid ?? new Uint8Array(16), weight, site };
  }

  // --- Changes ----------------------------------------------------------------------------------------------------------

  /** True, and told, where nodes are those of ha.cf (quirk 72). */
  #fixed(order: string, names: readonly NodeName[]): boolean {
    const { config, effects } = this.#parts;
    if (!config.managesResources) return false;
    effects.log("nodes-fixed", "warn", `${order} ${names.join(" ")}: not done, the nodes are those of ha.cf`);
    return true;
  }

  #addUnknown(name: NodeName, says: string, because?: string): void {
    const { effects, roster } = this.#parts;
    if (!isPlainNodeName(name))
      return effects.log("no-name", "warn", `[${shown(name)}] cannot be the name of a node: not added`);
    if (roster.table.length >= nodesMax)
      return effects.log("table-full", "error", `${shown(name)} not added: there are ${nodesMax} nodes already`);
    this.#admit(roster.add(name), says, because);
  }

  #admit(member: Member, says: string, because?: string): void {
    const { config, effects, liveness, neighbours } = this.#parts;
    effects.event("node-added", "info", says, because);
    this.#deleted = this.#deleted.filter(({ name }) => name !== member.name);
    liveness.step({ on: "joined", node: member.name, deadtime: config.deadtime }, effects.at);
    neighbours.startup({ on: "joined", node: member.name });
    this.#stale = true;
  }

  #remove(name: NodeName, remember: boolean, because?: string): void {
    const { effects, inbox, liveness, links, neighbours, places, roster, voice } = this.#parts;
    effects.event("node-removed", "info", `Removing node [${shown(name)}] from configuration.`, because);
    if (remember) this.#deleted = [...this.#deleted, this.#entry(name)].slice(-nodesMax);
    inbox.forgetName(name);
    roster.remove(name);
    liveness.step({ on: "removed", node: name }, effects.at);
    links.remove(name);
    places.move(name, undefined);
    voice.left(name);
    voice.deliver([text("t", "delnode"), text("node", name)], "keep"); // never on the network
    neighbours.startup({ on: "removed", node: name });
    this.#stale = true;
  }
}
