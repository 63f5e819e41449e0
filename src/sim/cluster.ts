/** Small cluster configurations for simulated worlds, without the three files. */
import type { Resource, ResourceGroup } from "../agents/resource.ts";
import { mediumName, milliseconds, type NodeName, nodeName, seconds } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Extension } from "../config/ha4-cf.ts";
import type { HealthPlan } from "../config/ha4-health.ts";
import type { FencingDevice } from "../stonith/device.ts";

export interface ClusterSketch {
  readonly nodes: readonly SketchedNode[];
  /** Milliseconds. */
  readonly keepalive: number;
  readonly deadtime: number;
  readonly initdead: number;
  readonly autoFailback: Failback;
  /** How often running scripts are asked, in milliseconds, and how many failures are answered by a restart; undefined: never asked. */
  readonly monitor?: { readonly interval: number; readonly failuresAllowed: number };
  /** The interface whose carrier decides who is fit to hold resources; undefined: nothing does. */
  readonly carrier?: string;
  /** The nodes that have a fencing device; absent: none. */
  readonly fencing?: readonly string[];
  /** `joining`: started with `-M` and `autojoin any`, nobody is declared, and there are no groups. */
  readonly members?: "declared" | "joining";
}

type Failback = "on" | "off" | "legacy";

export interface SketchedNode {
  readonly name: string;
  /** Where its ha.cf reads otherwise than that of the others. */
  readonly autoFailback?: Failback;
  /** Resources of each group that prefers this node; what looks like an address is one. */
  readonly groups: readonly (readonly string[])[];
}

export function configure(sketch: ClusterSketch, self: NodeName): ClusterConfig {
  const joining = sketch.members === "joining";
  const nodes = joining ? [self] : sketch.nodes.map(({ name }) => nodeName(name));
  const groups = sketch.nodes.flatMap(({ name, groups: texts }) =>
    texts.map(
      (group): ResourceGroup => ({ key: group[0] ?? "", owner: nodeName(name), resources: group.map(resource) }),
    ),
  );
  return {
    localNode: self,
    nodes,
    nodeTable: nodes,
    autojoin: joining ? "any" : "none",
    managesResources: !joining,
    media: [{ kind: "bcast", name: mediumName("eth0"), device: "eth0", port: 694 }],
    keepalive: milliseconds(sketch.keepalive),
    deadtime: milliseconds(sketch.deadtime),
    warntime: milliseconds(sketch.deadtime / 2),
    initdead: milliseconds(sketch.initdead),
    deadping: milliseconds(sketch.deadtime),
    hopfudge: 1,
    autoFailback: sketch.nodes.find(({ name }) => name === self)?.autoFailback ?? sketch.autoFailback,
    messageFormat: "classic",
    compression: { method: "zlib", threshold: 2048, whole: false },
    maxRetransmitDelay: milliseconds(250),
    generationMethod: "file",
    uuidFrom: "file",
    realtime: false,
    rtprio: 1,
    logging: { useLogd: false, syslogMessageFormat: true, badPackets: true, debug: 0 },
    keys: { active: 1, entries: new Map([[1, { method: "crc", text: "" }]]) },
    groups: joining ? [] : groups,
    ...(sketch.monitor === undefined && sketch.carrier === undefined ? {} : { extension: extended(sketch) }),
    parameters: new Map(),
    environment: new Map(),
    apiAuth: new Map(),
    children: [],
    builtIns: [],
    fencing: {
      devices: (sketch.fencing ?? []).includes(self) ? [device] : [],
      armed: (sketch.fencing ?? []).map(nodeName),
    },
  };
}

const extended = ({ monitor, carrier }: ClusterSketch): Extension => ({
  defaults:
    monitor === undefined
      ? {}
      : { monitorInterval: milliseconds(monitor.interval), failuresAllowed: monitor.failuresAllowed },
  kinds: new Map(),
  groups: new Map(),
  resources: new Map(),
  ...(carrier === undefined ? {} : { health: healthBy(carrier) }),
});

const healthBy = (device: string): HealthPlan => ({
  checks: [{ probe: { kind: "carrier", device } }],
  pings: false,
  interval: seconds(1),
  timeLimit: seconds(1),
  patience: seconds(3),
  recovery: seconds(20),
});

const device: FencingDevice = {
  name: "power",
  kind: "glue",
  type: "external/power",
  parameters: { in: "text", text: "" },
  victims: undefined,
  timeLimit: milliseconds(20_000),
};

function resource(text: string): Resource {
  if (/^\d+\.\d+\.\d+\.\d+/.test(text)) return { kind: "address", text, address: { ip: text.split("/")[0] ?? text } };
  const [script = text, ...args] = text.split("::");
  return { kind: "script", text, script, args };
}
