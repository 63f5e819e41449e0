/**
 * Checks across the lines of ha.cf, and values that follow from others: all of them, in the original's order.
 *
 * Source: docs/reference/configuration.md, section 7. All comparisons are in milliseconds.
 */
import { nearest } from "../base/registry.ts";
import { media } from "../media/index.ts";
import { foldAscii, shown } from "../syntax/text.ts";
import { withBuiltIns } from "./directives/apiauth.ts";
import { defaultPort } from "./directives/media.ts";
import type { Draft, Scope, Times } from "./draft.ts";

export function localNodeOf({ nodeinfo, uname }: Scope["facts"]): string {
  return foldAscii(nodeinfo ?? uname);
}

export function checkHaCf(scope: Scope): void {
  checkMedia(scope);
  deriveWarntime(scope);
  checkNodes(scope);
  checkTimes(scope);
  derivePort(scope);
  checkFailback(scope);
  checkLogging(scope);
  checkAutojoin(scope);
  checkChildren(scope);
}

/** True if one of these lines was bad, or a line could not be understood at all: what is missing has been complained about then. */
const blames = ({ bad }: Draft, ...names: readonly string[]): boolean =>
  bad.has("?") || names.some((name) => bad.has(name));

const origin = (scope: Scope, name: string): Parameters<Scope["report"]["add"]>[1] => {
  const recorded = scope.draft.parameters.get(name)?.origin;
  return recorded?.from === "file" ? recorded.place : undefined;
};

/** In milliseconds; as far as it is known, else the original's default. */
export const timeOf = (draft: Draft, name: Times): number =>
  draft.times.get(name) ??
  { keepalive: 1000, deadtime: 30_000, conn_logd_time: 60_000, warntime: 0, initdead: 0, deadping: 0 }[name];

function derive({ draft }: Scope, name: Times, value: number, by: string): void {
  draft.times.set(name, value);
  draft.parameters.set(name, { text: `${value}ms`, origin: { from: "derived", by } });
}

function checkMedia({ draft, report }: Scope): void {
  if (draft.media.length === 0) {
    if (blames(draft, ...media.names(), "udp")) return;
    const empty = [...draft.seen].find(([name]) => ["bcast", "serial", "udp"].includes(name));
    report.add("HB0401", empty?.[1], "No heartbeat media defined", "write at least one line such as: bcast eth0");
    return;
  }
  // A faulty line was meant to be the medium that is missing.
  if (blames(draft, ...media.names(), "udp")) return;
  if (draft.media.every(({ config }) => config.kind.startsWith("ping")))
    report.add(
      "HB0428",
      draft.media[0]?.at,
      "all media are ping media: no node can hear another",
      "add a line such as: bcast eth0",
    );
}

function deriveWarntime(scope: Scope): void {
  const { draft } = scope;
  if (!draft.times.has("warntime")) derive(scope, "warntime", Math.floor(timeOf(draft, "deadtime") / 2), "deadtime");
}

function checkNodes({ draft, facts, report }: Scope): void {
  if (draft.bad.has("node") || (draft.bad.has("?") && draft.members.length === 0)) return;
  if (draft.autojoin === "any") addLocalNode(draft, facts, report);
  const names = draft.members.filter(({ ping }) => !ping);
  if (draft.members.length === 0)
    report.add("HB0301", draft.seen.get("node"), "no nodes defined", "write a line with all nodes: node alice bob");
  const local = localNodeOf(facts);
  if (!names.some(({ name }) => name === local)) {
    const source = facts.nodeinfo === undefined ? "`uname -n`" : "/etc/ha.d/nodeinfo";
    report.add(
      "HB0305",
      names[0]?.at ?? draft.seen.get("node"),
      `Current node [${shown(local)}] not in configuration!`,
      () =>
        nodeHelp(
          local,
          names.map(({ name }) => name),
          source,
        ),
    );
  } else if (names.length === 1 && draft.autojoin === "none")
    report.add(
      "HB0307",
      names[0]?.at,
      "the cluster has one node only: nothing can take over, and 3.0.6 never acquires resources alone",
      "declare the other node",
    );
  for (const member of draft.members)
    if (member.ping && names.some(({ name }) => name === member.name))
      report.add(
        "HB0429",
        member.at,
        `ping node [${shown(member.name)}] is also a node of the cluster`,
        "ping a host outside the cluster, such as the router",
      );
}

/** With `autojoin any` nobody has to be declared, this node neither. */
function addLocalNode(draft: Draft, facts: Scope["facts"], report: Scope["report"]): void {
  const local = localNodeOf(facts);
  if (draft.members.some(({ name, ping }) => !ping && name === local)) return;
  const at = draft.seen.get("autojoin") ?? { line: 1, start: 0, end: 0 };
  draft.members.push({ name: local, ping: false, at });
  report.add("HB0309", at, `Current node [${shown(local)}] added to configuration.`);
}

function nodeHelp(local: string, names: readonly string[], source: string): string {
  const short = local.split(".")[0] ?? local;
  const same = names.find((name) => name.split(".")[0] === short);
  const declared = `nodes are named as printed by ${source}, and declared with a 'node' directive`;
  if (same !== undefined)
    return `${source} gives ${shown(local)}, the file says ${shown(same)}: the short name and the full one are different names here; write node ${shown(local)}`;
  const near = local.length > 64 ? undefined : nearest(local, names);
  if (near !== undefined) return `the file says ${shown(near)}: is that this node? ${declared}`;
  return `${declared}; here: node ${shown(local)}${names.length > 0 ? "; or this file belongs to another host" : ""}`;
}

function checkTimes(scope: Scope): void {
  const { draft, report } = scope;
  const keepalive = timeOf(draft, "keepalive");
  const deadtime = timeOf(draft, "deadtime");
  const place = (name: Times) => origin(scope, name);
  if (draft.bad.has("keepalive") || draft.bad.has("deadtime")) return;
  if (deadtime <= 2 * keepalive)
    report.add(
      "HB0310",
      place("deadtime") ?? place("keepalive"),
      `Dead time [${deadtime}] is too small compared to keeplive [${keepalive}]`,
      `deadtime must be above twice keepalive: more than ${2 * keepalive}ms`,
    );
  const warntime = timeOf(draft, "warntime");
  if (origin(scope, "warntime") !== undefined && warntime >= deadtime)
    report.add(
      "HB0311",
      place("warntime"),
      `warntime (${warntime}ms) is not below deadtime (${deadtime}ms): no late heartbeat is ever logged`,
      `write warntime ${Math.floor(deadtime / 2)}ms`,
    );
  if (origin(scope, "warntime") !== undefined && warntime < keepalive)
    report.add(
      "HB0312",
      place("warntime"),
      `warntime (${warntime}ms) is below keepalive (${keepalive}ms): every heartbeat will be logged as late`,
      `write warntime ${Math.floor(deadtime / 2)}ms`,
    );
  checkInitdead(scope, deadtime);
  if (!draft.times.has("deadping")) derive(scope, "deadping", deadtime, "deadtime");
  else if (timeOf(draft, "deadping") <= 2 * keepalive)
    report.add(
      "HB0315",
      place("deadping"),
      `Ping dead time [${timeOf(draft, "deadping")}] is too small compared to keeplive [${keepalive}]`,
      `deadping must be above twice keepalive: more than ${2 * keepalive}ms`,
    );
}

function checkInitdead(scope: Scope, deadtime: number): void {
  const { draft, report } = scope;
  if (!draft.times.has("initdead"))
    derive(scope, "initdead", deadtime > 10_000 ? deadtime : deadtime < 6000 ? 12_000 : 2 * deadtime, "deadtime");
  const initdead = timeOf(draft, "initdead");
  const place = origin(scope, "initdead");
  if (initdead < deadtime)
    report.add(
      "HB0313",
      place,
      `Initial dead time [${initdead}] is smaller than deadtime [${deadtime}]`,
      `write initdead ${Math.max(2 * deadtime, 10_000)}ms, or leave it out`,
    );
  else if (initdead < 10_000)
    report.add(
      "HB0314",
      place,
      `Initial dead time [${initdead} ms] may be too small! It bridges a slow start of the network`,
      "write at least 10 s, and at least deadtime",
    );
  else if (initdead < 2 * deadtime && place !== undefined)
    report.add(
      "HB0316",
      place,
      `initdead (${initdead}ms) is less than twice deadtime: a slowly starting network may look like a dead node`,
    );
}

function derivePort(scope: Scope): void {
  if (scope.draft.parameters.has("udpport")) return;
  const by = scope.facts.services.has("ha-cluster")
    ? "the service ha-cluster of /etc/services"
    : "the port registered for ha-cluster";
  scope.draft.parameters.set("udpport", { text: String(defaultPort(scope)), origin: { from: "derived", by } });
}

function checkFailback(scope: Scope): void {
  const { draft, report } = scope;
  if (draft.autoFailback !== "legacy" || blames(draft, "auto_failback", "nice_failback")) return;
  const at = draft.seen.get("auto_failback") ?? draft.seen.get("nice_failback");
  report.add(
    "HB0317",
    at,
    "Deprecated 'legacy' auto_failback option selected. Please convert to 'auto_failback on'. See documentation for conversion details." +
      (at === undefined ? " No auto_failback line means legacy" : ""),
    "write auto_failback on or auto_failback off, the same on all nodes",
  );
}

/** kern and none have number 0 and mean no syslog. */
const hasFacility = (draft: Draft): boolean =>
  draft.facility !== undefined && draft.facility !== "kern" && draft.facility !== "none";

function checkLogging(scope: Scope): void {
  const { draft, report } = scope;
  if (blames(draft, "logfacility", "logfile", "debugfile", "use_logd")) return;
  const target = draft.logfile !== undefined || draft.debugfile !== undefined || hasFacility(draft);
  if (!target && draft.useLogd === false)
    report.add(
      "HB0505",
      origin(scope, "use_logd"),
      "No log entry found in ha.cf and use_logd is set to off",
      "write logfacility local0, or logfile /var/log/ha-log",
    );
  else if (!target && draft.useLogd === undefined) {
    report.add(
      "HB0506",
      undefined,
      "No log entry found in ha.cf -- use logd",
      "write logfacility local0, or use_logd on if that is meant",
    );
    draft.useLogd = true;
    draft.parameters.set("use_logd", { text: "yes", origin: { from: "derived", by: "no other place for messages" } });
  } else if (target && draft.useLogd === true)
    report.add(
      "HB0507",
      origin(scope, "use_logd"),
      "logd is enabled but logfile/debugfile/logfacility is still configured in ha.cf",
      "keep one of them",
    );
  if (!hasFacility(draft)) return;
  for (const name of ["logfile", "debugfile"] as const)
    if (draft[name] === undefined)
      draft.parameters.set(name, { text: "/dev/null", origin: { from: "derived", by: "logfacility" } });
}

function checkAutojoin(scope: Scope): void {
  if (scope.managesResources && scope.draft.autojoin !== "none")
    scope.report.add(
      "HB0308",
      origin(scope, "autojoin"),
      "R1 style resource management conflicts with  autojoin set; You need either unset autojoin or enable crm",
      "write autojoin none and declare all nodes; where another program manages the resources, start with heartbeat -M",
    );
}

/** ipfail needs ping nodes to compare, and the permission to connect. */
function checkChildren({ draft, facts, report }: Scope): void {
  const ipfail = draft.kept.find(({ directive, text }) => directive === "respawn" && /\/ipfail( |$)/.test(text));
  if (ipfail === undefined) return;
  if (!draft.members.some(({ ping }) => ping))
    report.add(
      "HB0628",
      ipfail.at,
      "ipfail compares ping nodes, and there is none: it will never act",
      "add a line such as: ping 10.0.0.254",
    );
  const [name = ""] = ipfail.text.split(" ", 1);
  const user = facts.users.get(name);
  const auth = withBuiltIns(draft.apiAuth, facts).get("ipfail");
  if (user && auth && !draft.bad.has("apiauth") && !auth.uids.includes(user.uid) && !auth.gids.includes(user.gid))
    report.add(
      "HB0629",
      ipfail.at,
      `ipfail runs as ${shown(name)}, whom apiauth does not let in: it cannot connect`,
      `write: apiauth ipfail uid=${shown(name)}`,
    );
}
