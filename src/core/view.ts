/**
 * A read-only picture of a node: the one source of every display, of the client API and of the tests.
 *
 * Plain JSON values only, because `heartbeat status --json` prints it as it stands.
 */

/** What a node claims, always from its own point of view (resources.md, section 1). */
export type HoldWord = "none" | "local" | "foreign" | "all";

export type NodeStatus = "init" | "up" | "active" | "dead" | "ping";
export type LinkStatus = "up" | "dead";
export type GroupState = "stopped" | "starting" | "running" | "stopping" | "failed" | "stop-failed";

export interface LinkView {
  readonly medium: string;
  readonly status: LinkStatus;
}

export interface NodeView {
  readonly name: string;
  readonly type: "normal" | "ping";
  readonly status: NodeStatus;
  /** What is being done to switch it off; undefined: nothing. */
  readonly fencing?: string;
  /** 32 hexadecimal digits; undefined until heard. */
  readonly uuid?: string;
  /** The version a successor says it is; undefined: an original, or not heard yet. */
  readonly version?: string;
  /** Milliseconds since its last status message; undefined: never heard. */
  readonly heardAgo?: number;
  /** The dead time it asks us for, in milliseconds. */
  readonly deadtime: number;
  readonly holds: HoldWord;
  readonly stable: boolean;
  /** Nothing is to be held there. */
  readonly unfit?: true;
  /** Set by `hb_setweight`; undefined: 100. */
  readonly weight?: number;
  /** Set by `hb_setsite`; undefined: none. */
  readonly site?: string;
  readonly links: readonly LinkView[];
  /** Where its configuration is not ours, in words; undefined: nothing is known of a difference. */
  readonly differs?: readonly string[];
}

export interface ResourceView {
  readonly text: string;
  readonly state: "stopped" | "starting" | "running" | "stopping" | "failed";
  /** Undefined: it is not watched. */
  readonly monitor?: MonitorView;
}

/** Times in milliseconds. */
export interface MonitorView {
  readonly interval: number;
  /** Within the window. */
  readonly failures: number;
  readonly last?: { readonly ok: boolean; readonly says: string; readonly latency: number; readonly ago: number };
  /** Until the next question; undefined: none is planned. */
  readonly next?: number;
}

export interface GroupView {
  readonly key: string;
  readonly owner: string;
  /** The node that holds it as far as we know. */
  readonly holder?: string;
  /** Its state on this node. */
  readonly state: GroupState;
  /** It is being handed over to this node. */
  readonly movingTo?: string;
  /** Its holder has not got it up yet. */
  readonly starting?: boolean;
  /** Nodes on which it did not start: `heartbeat cleanup` lets them try again. */
  readonly failedOn?: readonly string[];
  readonly because: string;
  readonly resources: readonly ResourceView[];
}

/** An address that runs here and that another machine on the network says is its own. */
export interface ConflictView {
  readonly ip: string;
  /** The last claimant's hardware address, and the interface on which it was heard. */
  readonly mac: string;
  readonly device: string;
  readonly claims: number;
}

export interface ChildView {
  readonly command: string;
  /** `over`: it ended and does not want to be started again. */
  readonly state: "waiting" | "starting" | "running" | "over";
  readonly pid?: number;
  /** Short lives in a row: above zero something is wrong with it. */
  readonly shortLives: number;
}

export interface EventView {
  /** Seconds since 1970. */
  readonly at: number;
  readonly text: string;
  readonly because?: string;
}

export interface View {
  readonly node: string;
  readonly version: string;
  readonly status: NodeStatus;
  readonly generation: number;
  /** False: `-M`, somebody else does, and what is said of holding means nothing. */
  readonly managesResources: boolean;
  readonly phase: string;
  readonly holds: HoldWord;
  /** `holds`, or `transition` while anything moves: the answer of `cl_status rscstatus`. */
  readonly resourceStatus: HoldWord | "transition";
  readonly stopping: boolean;
  /** Why nothing is to be held here; undefined: nothing is known against it. */
  readonly unfit?: string;
  /** Nothing is started, stopped or moved. */
  readonly maintenance: boolean;
  readonly keepalive: number;
  readonly deadtime: number;
  readonly nodes: readonly NodeView[];
  readonly groups: readonly GroupView[];
  /** Heard within the last minute. */
  readonly conflicts: readonly ConflictView[];
  /** Oldest first, the last 50. */
  readonly events: readonly EventView[];
  /** Programs that live with the daemon, as in ha.cf. */
  readonly children: readonly ChildView[];
  readonly counters: Readonly<Record<string, number>>;
}
