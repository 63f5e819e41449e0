/** The two-node cluster on which test/vectors/client-api was captured, as the client API sees it. */
import { milliseconds, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import type { ClientHost } from "../../src/core/clients/host.ts";
import type { NodeView, View } from "../../src/core/view.ts";

const originalVersion = "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)";

const parameters = new Map([
  ["auto_failback", "off"],
  ["baud", "19200"],
  ["cluster", "linux-ha"],
  ["deadping", "3"],
  ["deadtime", "4"],
  ["debug", "0"],
  ["debugfile", "/var/log/ha-debug"],
  ["hbgenmethod", "file"],
  ["hbversion", "3.0.6"],
  ["hopfudge", "1"],
  ["initdead", "8"],
  ["keepalive", "500ms"],
  ["logfacility", "local0"],
  ["logfile", "/var/log/ha-log"],
  ["pacemaker", "off"],
  ["realtime", "true"],
  ["udpport", "694"],
  ["warntime", "2"],
]);

export const hacluster = 102;
export const haclient = 105;

const apiAuth: ClusterConfig["apiAuth"] = new Map([
  ["anon", { uids: [0], gids: [haclient] }],
  ["aptest", { uids: [0], gids: [] }],
  ["ccm", { uids: [hacluster], gids: [] }],
  ["ipfail", { uids: [hacluster], gids: [] }],
  ["ping", { uids: [], gids: [haclient] }],
]);

export const uuids: ReadonlyMap<string, Uint8Array> = new Map([
  ["node-a", Buffer.from("CYUhdFlxSLaswgCq+I9dvA==", "base64")],
  ["node-b", Buffer.from("0p0CzKV8R3Ch2HYrV8stPw==", "base64")],
]);

export function configOf(localNode: string, changes: Partial<ClusterConfig> = {}): ClusterConfig {
  return {
    localNode: nodeName(localNode),
    nodes: [nodeName("node-a"), nodeName("node-b")],
    nodeTable: [nodeName("node-a"), nodeName("node-b")],
    autojoin: "none",
    managesResources: true,
    media: [],
    keepalive: milliseconds(500),
    deadtime: milliseconds(4000),
    warntime: milliseconds(2000),
    initdead: milliseconds(8000),
    deadping: milliseconds(3000),
    hopfudge: 1,
    autoFailback: "off",
    fencing: { devices: [], armed: [] },
    messageFormat: "classic",
    compression: { method: "zlib", threshold: 2048, whole: false },
    maxRetransmitDelay: milliseconds(250),
    generationMethod: "file",
    uuidFrom: "file",
    realtime: true,
    rtprio: 1,
    logging: { facility: "local0", useLogd: false, syslogMessageFormat: true, badPackets: true, debug: 0 },
    keys: { active: 1, entries: new Map([[1, { method: "sha1", text: "secret" }]]) },
    groups: [],
    parameters,
    environment: new Map(),
    apiAuth,
    children: [],
    builtIns: [],
    ...changes,
  };
}

const normal = (name: string): NodeView => ({
  name,
  type: "normal",
  status: "active",
  deadtime: 4000,
  holds: "none",
  stable: true,
  links: [{ medium: "eth0", status: "up" }],
});

const pingNode: NodeView = {
  ...normal("10.77.1.254"),
  type: "ping",
  status: "ping",
  links: [{ medium: "10.77.1.254", status: "up" }],
};

export function viewOf(localNode: string, changes: Partial<View> = {}): View {
  return {
    node: localNode,
    version: originalVersion,
    status: "active",
    generation: 1,
    managesResources: true,
    phase: "stable",
    holds: "local",
    resourceStatus: "local",
    stopping: false,
    maintenance: false,
    keepalive: 500,
    deadtime: 4000,
    nodes: [normal("node-a"), normal("node-b"), pingNode],
    groups: [],
    conflicts: [],
    events: [],
    children: [],
    counters: {},
    ...changes,
  };
}

export function hostOf(localNode: string, view: Partial<View> = {}, config: Partial<ClusterConfig> = {}): ClientHost {
  return {
    config: configOf(localNode, config),
    view: () => viewOf(localNode, view),
    uuidOf: (node) => uuids.get(node),
  };
}
