/** Draws the picture of a node (`view.ts`) from its machines. Nothing is remembered here. */
import { elapsed, type NodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { viewOf } from "../wire/bytes.ts";
import type { Agreement } from "./agreement.ts";
import type { ClientView } from "./clients/host.ts";
import type { Companions } from "./companions.ts";
import type { Now } from "./input.ts";
import type { Journal } from "./journal.ts";
import type { Links } from "./membership/links.ts";
import type { Liveness } from "./membership/liveness.ts";
import type { PingNodes } from "./membership/ping-nodes.ts";
import type { Places } from "./membership/places.ts";
import type { Member, Roster } from "./membership/roster.ts";
import type { Identity } from "./outbox.ts";
import type { Protection } from "./protection.ts";
import type { Rejects } from "./rejects.ts";
import type { GroupJob } from "./services/group-job.ts";
import type { Services } from "./services/services.ts";
import type { Steward } from "./takeover/language.ts";
import type { GroupView, NodeStatus, NodeView, View } from "./view.ts";

export interface Parts {
  readonly agreement: Agreement;
  readonly config: ClusterConfig;
  readonly identity: Identity;
  readonly version: string;
  readonly status: NodeStatus;
  readonly roster: Roster;
  readonly places: Places;
  readonly liveness: Liveness;
  readonly links: Links;
  readonly pingNodes: PingNodes;
  readonly takeover: Steward;
  readonly services: Services;
  readonly protection: Protection;
  readonly journal: Journal;
  readonly rejects: Rejects;
  readonly companions: Companions;
}

/** What programs may ask for. */
export function clientPicture(parts: Parts, now: Now): ClientView {
  const { config, roster, takeover, version } = parts;
  return {
    version,
    resourceStatus: takeover.settled ? takeover.word : "transition",
    nodes: roster.table.map((name) => {
      const member = roster.get(name);
      if (member !== undefined) return peer(parts, member, now);
      return name === config.localNode ? self(parts) : pingNode(parts, name, now);
    }),
  };
}

export function picture(parts: Parts, now: Now): View {
  const { config, takeover, services } = parts;
  return {
    ...clientPicture(parts, now),
    node: config.localNode,
    status: parts.status,
    generation: parts.identity.generation,
    managesResources: config.managesResources,
    phase: takeover.phase,
    holds: takeover.word,
    stopping: takeover.phase === "shutdown" || takeover.state().leaving,
    ...(services.unfit === undefined ? {} : { unfit: services.unfit }),
    maintenance: takeover.maintenance,
    keepalive: config.keepalive,
    deadtime: config.deadtime,
    groups: services.jobs.map((job) => group(parts, job, now)),
    conflicts: services.conflicts(),
    events: parts.journal.events(),
    children: parts.companions.views(),
    counters: parts.rejects.counters(),
  };
}

function self({ config, identity, version, status, links, takeover, places }: Parts): NodeView {
  return {
    name: config.localNode,
    type: "normal",
    status,
    uuid: hexOf(identity.uuid),
    version,
    heardAgo: 0,
    deadtime: config.deadtime,
    holds: takeover.word,
    stable: takeover.settled,
    ...(takeover.state().unfit === true ? { unfit: true } : {}),
    ...places.of(config.localNode),
    links: links.of(config.localNode),
  };
}

function peer({ agreement, liveness, links, takeover, places, protection }: Parts, member: Member, now: Now): NodeView {
  const fencing = protection.progress(member.name);
  const heardAt = liveness.heardAt(member.name);
  const { word, settled, unfit, version } = takeover.peer(member.name);
  const differs = agreement.differences(member.name);
  return {
    name: member.name,
    type: "normal",
    status: member.status,
    ...(fencing === undefined ? {} : { fencing }),
    ...(member.uuid === undefined ? {} : { uuid: hexOf(member.uuid) }),
    ...(version === undefined ? {} : { version }),
    ...(heardAt === undefined ? {} : { heardAgo: Math.round(elapsed(heardAt, now.instant)) }),
    deadtime: member.deadtime,
    holds: word,
    stable: settled,
    ...(unfit ? { unfit } : {}),
    ...places.of(member.name),
    links: links.of(member.name),
    ...(differs.length === 0 ? {} : { differs }),
  };
}

/** It has one link, named as it is; to the cluster's other links it means nothing. */
function pingNode({ pingNodes }: Parts, name: NodeName, now: Now): NodeView {
  const heardAt = pingNodes.heardAt(name);
  const status = pingNodes.statusOf(name) ?? "init";
  return {
    name,
    type: "ping",
    status,
    ...(heardAt === undefined ? {} : { heardAgo: Math.round(elapsed(heardAt, now.instant)) }),
    deadtime: pingNodes.deadtime,
    holds: "none",
    stable: true,
    links: [{ medium: pingNodes.mediumOf(name) ?? name, status: status === "ping" ? "up" : "dead" }],
  };
}

function group({ takeover, services }: Parts, job: GroupJob, now: Now): GroupView {
  const { holder, starting, because, movingTo, failedOn } = takeover.unit(job.unit);
  return {
    key: job.group.key,
    owner: job.group.owner,
    ...(holder === undefined ? {} : { holder }),
    state: job.state,
    ...(starting ? { starting } : {}),
    ...(movingTo === undefined ? {} : { movingTo }),
    ...(failedOn.length === 0 ? {} : { failedOn }),
    because: job.because === "" ? because : job.because,
    resources: job.resources().map((resource, index) => {
      const monitor = services.monitorOf(job, index, now.instant);
      return monitor === undefined ? resource : { ...resource, monitor };
    }),
  };
}

const hexOf = (bytes: Uint8Array): string => viewOf(bytes).toString("hex");
