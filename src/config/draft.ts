/**
 * A configuration while ha.cf is being read: directives act on it in file order, as in the original, and what was not said
 * stays undefined until defaults are filled in.
 */
import type { MediumConfig, MediumKind } from "../media/medium.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Place } from "../syntax/lexer.ts";
import type { ApiAuth, CompressionConfig } from "./cluster-config.ts";
import type { HostFacts } from "./host-facts.ts";

/** Where a value comes from, for `heartbeat config`. */
export type Origin =
  | { readonly from: "file"; readonly place: Place }
  | { readonly from: "default" }
  | { readonly from: "derived"; readonly by: string };

export interface Recorded {
  readonly text: string;
  readonly origin: Origin;
}

/** One entry of the node table: cluster nodes and ping nodes, in file order, duplicates and all. */
export interface Member {
  readonly name: string;
  readonly ping: boolean;
  readonly at: Place;
}

export interface DraftMedium {
  readonly config: MediumConfig;
  /** The arguments as written, in canonical blanks. */
  readonly text: string;
  readonly at: Place;
}

/** A line that is kept as it is: `apiauth`, `respawn`, `stonith` ... */
export interface KeptLine {
  readonly directive: string;
  readonly text: string;
  readonly at: Place;
}

export type Times = "keepalive" | "deadtime" | "warntime" | "initdead" | "deadping" | "conn_logd_time";

export interface Draft {
  readonly members: Member[];
  readonly media: DraftMedium[];
  readonly kept: KeptLine[];
  readonly times: Map<Times, number>;
  readonly parameters: Map<string, Recorded>;
  readonly environment: Map<string, string>;
  readonly apiAuth: Map<string, ApiAuth>;
  /** The port that the first medium of a kind found: later values of udpport do not reach that kind. */
  readonly portOf: Map<MediumKind, number>;
  /** Where each directive stands first; and each child program, by its line: `root /bin/x`. */
  readonly seen: Map<string, Place>;
  /** Directives with a bad line; "?" for a line that is none. */
  readonly bad: Set<string>;
  port: number | undefined;
  baud: number;
  hopfudge: number;
  autoFailback: "on" | "off" | "legacy";
  messageFormat: "classic" | "netstring";
  compression: CompressionConfig;
  maxRetransmitDelay: number;
  generationMethod: "file" | "time";
  uuidFrom: "file" | "nodename";
  realtime: boolean;
  rtprio: number;
  facility: string | undefined;
  logfile: string | undefined;
  debugfile: string | undefined;
  useLogd: boolean | undefined;
  logBadPackets: boolean;
  syslogMessageFormat: boolean;
  debug: number;
  autojoin: "none" | "other" | "any";
  /** False: Heartbeat manages haresources itself. */
  pacemaker: boolean | undefined;
}

export const emptyDraft = (): Draft => ({
  members: [],
  media: [],
  kept: [],
  times: new Map(),
  parameters: new Map(),
  environment: new Map(),
  apiAuth: new Map(),
  portOf: new Map(),
  seen: new Map(),
  bad: new Set(),
  port: undefined,
  baud: 19200,
  hopfudge: 1,
  autoFailback: "legacy",
  messageFormat: "classic",
  compression: { method: "zlib", threshold: 2048, whole: false },
  maxRetransmitDelay: 250,
  generationMethod: "file",
  uuidFrom: "file",
  realtime: true,
  rtprio: 1,
  facility: undefined,
  logfile: undefined,
  debugfile: undefined,
  useLogd: undefined,
  logBadPackets: true,
  syslogMessageFormat: true,
  debug: 0,
  autojoin: "none",
  pacemaker: undefined,
});

/** What a directive works on. */
export interface Scope {
  readonly draft: Draft;
  /** False: started with `-M`. */
  readonly managesResources: boolean;
  readonly facts: HostFacts;
  readonly report: Report;
}
