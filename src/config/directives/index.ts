/** The registry of ha.cf directives, alphabetical: a new one is a description and one line here. */
import { registry } from "../../base/registry.ts";
import type { Directive } from "../../syntax/directive.ts";
import type { Scope } from "../draft.ts";
import { apiauth } from "./apiauth.ts";
import { failfast, respawn } from "./children.ts";
import { compression, compressionThreshold, traditionalCompression } from "./compression.ts";
import { autoFailback, niceFailback } from "./failback.ts";
import { connLogdTime, debug, debugfile, logBadpack, logfacility, logfile, syslogmsgfmt, useLogd } from "./logging.ts";
import { mediaDirectives, udp } from "./media.ts";
import { autojoin, cluster, node, quorumServer } from "./node.ts";
import {
  crm,
  crmDaemonDir,
  crmdSpawnsPengine,
  enableConfigWrites,
  pacemaker,
  recordConfigChanges,
  recordPengineInputs,
} from "./pacemaker.ts";
import {
  coredumps,
  coreroot,
  env,
  hbgenmethod,
  memreserve,
  realtime,
  rtprio,
  useApphbd,
  uuidfrom,
  watchdog,
} from "./process.ts";
import { stonith, stonithHost } from "./stonith.ts";
import { deadping, deadtime, initdead, keepalive, warntime } from "./timing.ts";
import { baud, hopfudge, maxRexmitDelay, msgfmt, udpport } from "./transport.ts";

const all: readonly Directive<Scope>[] = [
  apiauth,
  autoFailback,
  autojoin,
  baud,
  cluster,
  compression,
  compressionThreshold,
  connLogdTime,
  coredumps,
  coreroot,
  crm,
  crmDaemonDir,
  crmdSpawnsPengine,
  deadping,
  deadtime,
  debug,
  debugfile,
  enableConfigWrites,
  env,
  failfast,
  hbgenmethod,
  hopfudge,
  initdead,
  keepalive,
  logBadpack,
  logfacility,
  logfile,
  maxRexmitDelay,
  memreserve,
  msgfmt,
  niceFailback,
  node,
  pacemaker,
  quorumServer,
  realtime,
  recordConfigChanges,
  recordPengineInputs,
  respawn,
  rtprio,
  stonith,
  stonithHost,
  syslogmsgfmt,
  traditionalCompression,
  udp,
  udpport,
  useApphbd,
  useLogd,
  uuidfrom,
  warntime,
  watchdog,
];

export const directives = registry([...all, ...mediaDirectives].sort((a, b) => (a.name < b.name ? -1 : 1)));

/** Names that other versions knew, or that people bring from elsewhere: what to write instead. */
export const foreignNames: ReadonlyMap<string, string> = new Map([
  ["legacy", "legacy is a value: write auto_failback legacy, or better auto_failback on"],
  ["ppp-udp", "this medium ended with version 1.x: use ucast or serial"],
  ["hbaping", "hbaping is not available: the library for its Fibre Channel adapter is missing; use ping"],
  ["rds", "the stock build has no rds: use ucast or bcast"],
  ["tipc", "the stock build has no tipc: use ucast or bcast"],
  ["openais", "the stock build has no openais: use ucast or bcast"],
  ["normalpoll", "the stock build has no normalpoll: remove the line"],
  ["nodes", "write node"],
  ["host", "write node"],
  ["hostname", "write node"],
  ["interface", "write bcast eth0 or ucast eth0 ADDRESS"],
  ["broadcast", "write bcast"],
  ["unicast", "write ucast"],
  ["multicast", "write mcast"],
  ["port", "write udpport"],
  ["udp_port", "write udpport"],
  ["dead_time", "write deadtime"],
  ["keep_alive", "write keepalive"],
  ["warn_time", "write warntime"],
  ["init_dead", "write initdead"],
  ["failback", "write auto_failback"],
  ["log_file", "write logfile"],
  ["log_facility", "write logfacility"],
  ["debug_file", "write debugfile"],
  ["ipfail", "write respawn hacluster /usr/libexec/heartbeat/ipfail"],
  ["auth", "keys stand in the file authkeys"],
]);
