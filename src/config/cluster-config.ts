/**
 * What the three files say, validated and read-only: the only form in which configuration reaches the core.
 *
 * Source: docs/reference/configuration.md. Texts as the administrator wrote them are kept in `parameters`, because clients and
 * scripts of the original see those.
 */
import type { ResourceGroup } from "../agents/resource.ts";
import type { Milliseconds, NodeName } from "../base/units.ts";
import type { MediumConfig } from "../media/medium.ts";
import type { FencingDevice } from "../stonith/device.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import type { Extension } from "./ha4-cf.ts";

export interface ClusterConfig {
  readonly localNode: NodeName;
  /** Cluster nodes in file order. */
  readonly nodes: readonly NodeName[];
  /** Cluster nodes and ping nodes in file order: what clients see. */
  readonly nodeTable: readonly NodeName[];
  /** Whose messages make a node: of those declared, of others, too, or of any, this one not being declared either. */
  readonly autojoin: "none" | "other" | "any";
  /** False: `-M`. Then there are no groups, and nodes may come and go. */
  readonly managesResources: boolean;
  readonly media: readonly MediumConfig[];
  readonly keepalive: Milliseconds;
  readonly deadtime: Milliseconds;
  readonly warntime: Milliseconds;
  readonly initdead: Milliseconds;
  readonly deadping: Milliseconds;
  readonly hopfudge: number;
  readonly autoFailback: "on" | "off" | "legacy";
  readonly messageFormat: "classic" | "netstring";
  readonly compression: CompressionConfig;
  readonly maxRetransmitDelay: Milliseconds;
  readonly generationMethod: "file" | "time";
  readonly uuidFrom: "file" | "nodename";
  readonly realtime: boolean;
  /** 1 to 99. */
  readonly rtprio: number;
  readonly logging: LoggingConfig;
  readonly keys: KeyRing;
  readonly groups: readonly ResourceGroup[];
  /** Where it is written, for people: lines of ha.cf by directive, of haresources by `group KEY`; absent: it was not read from files. */
  readonly lines?: ReadonlyMap<string, number>;
  /** Every recorded parameter with its text: for `getparm` and the `HA_*` environment (configuration.md, section 4 "Rec"). */
  readonly parameters: ReadonlyMap<string, string>;
  /** `env NAME=value`: exported to scripts as `HA_NAME`. */
  readonly environment: ReadonlyMap<string, string>;
  readonly apiAuth: ReadonlyMap<string, ApiAuth>;
  /** `respawn` and `failfast`, in file order. */
  readonly children: readonly ChildConfig[];
  /** What the daemon does itself because a `respawn` line names the program for it. */
  readonly builtIns: readonly BuiltIn[];
  readonly fencing: FencingConfig;
  /** The device that restarts the machine; absent: none. */
  readonly watchdog?: string;
  /** What the optional file ha4.cf says besides. */
  readonly extension?: Extension;
}

export interface CompressionConfig {
  readonly method: "bz2" | "zlib";
  /** In bytes: longer messages are compressed, if `whole`. */
  readonly threshold: number;
  /** `traditional_compression`: the message as a whole; else only the fields for which a program asks. */
  readonly whole: boolean;
}

export interface FencingConfig {
  /** Those that this node uses, in the order in which they are tried. */
  readonly devices: readonly FencingDevice[];
  /** The nodes that have a device of their own. */
  readonly armed: readonly NodeName[];
  /** For each place in the `node` order, between two nodes that can fence each other; absent: ten seconds. */
  readonly wait?: Milliseconds;
}

export interface LoggingConfig {
  /** A syslog facility's name; undefined: no syslog. */
  readonly facility?: string;
  readonly logfile?: string;
  readonly debugfile?: string;
  readonly useLogd: boolean;
  /** `conn_logd_time` in milliseconds; undefined: the logging daemon is not used. */
  readonly logdRetryAfter?: number;
  /** True: `Mon DD HH:MM:SS host ...` in files; false: `heartbeat[pid]: YYYY/MM/DD_HH:MM:SS ...`. */
  readonly syslogMessageFormat: boolean;
  /** False: what cannot be read or verified is counted, not logged. */
  readonly badPackets: boolean;
  /** 0 to 255. */
  readonly debug: number;
}

export interface ApiAuth {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
}

export type BuiltIn = "ipfail";

/** A program that lives with the daemon. */
export interface ChildConfig {
  readonly kind: "respawn" | "failfast";
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  /** Path and arguments as written: what log lines name. */
  readonly command: string;
  readonly path: string;
  readonly args: readonly string[];
}
