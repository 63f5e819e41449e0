/** The three files of a laboratory node. */
export type Kind = "original" | "ours";

export interface Settings {
  /** The nodes, in the order of ha.cf. */
  readonly nodes: Readonly<Record<string, Kind>>;
  /** Lines of media; PEER and PEER6 stand for an address of the other node (one line for each). Default `bcast eth0`. */
  readonly media?: readonly string[];
  /** Further lines of ha.cf; a directive named here replaces the laboratory's own line. */
  readonly haCf?: readonly string[];
  readonly authkeys?: string;
  readonly haresources?: string;
  /** Names of test services (service.ts) to install as resource scripts. */
  readonly services?: readonly string[];
  /** Options that heartbeat is started with on every node: `-M`. */
  readonly options?: readonly string[];
  /** Whether a test sets the wall clock of its machines (`setClock`). */
  readonly ownClocks?: boolean;
  /** The nodes that the ha.cf of a node declares, where it does not declare all. */
  readonly declared?: Readonly<Record<string, readonly string[]>>;
  /** Megabytes of an image that every node sees as `/shared/disk.img` and can attach to a loop device of its own (shared-disk.ts). */
  readonly sharedDisk?: number;
  /** Separate networks: eth0, eth1 ... Default 1. */
  readonly networks?: number;
}

/**
 * Below a dead time of one second the original's own ticks of half a second decide, and it ends its start-up only 10 s after
 * its peer's: with one of them in the cluster the settings are those of docs/reference/running-the-original.md. The initial dead time
 * must outlast the start of the peer on a busy machine; it costs nothing where both come up.
 */
const withOriginal = ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"];
const onlyOurs = ["keepalive 100ms", "warntime 400ms", "deadtime 800ms", "initdead 6"];
const always = ["logfacility none", "logfile /var/log/ha-log", "debugfile /var/log/ha-debug", "realtime off"];

const directiveOf = (line: string): string => line.split(/\s+/)[0] ?? "";

export interface Peer {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The ha.cf of a node whose peers have these addresses. The media come after `udpport`, as the original wants it. */
export function haCf(settings: Settings, node: string, peers: readonly Peer[]): string {
  const timing = Object.values(settings.nodes).includes("original") ? withOriginal : onlyOurs;
  const extra = settings.haCf ?? [];
  const named = new Set(extra.map(directiveOf));
  const own = [...always, ...timing, "udpport 694", "auto_failback on"].filter((line) => !named.has(directiveOf(line)));
  const media = (settings.media ?? ["bcast eth0"]).flatMap((line) =>
    line.includes("PEER") ? peers.map(({ ipv4, ipv6 }) => line.replace("PEER6", ipv6).replace("PEER", ipv4)) : [line],
  );
  const nodes = (settings.declared?.[node] ?? Object.keys(settings.nodes)).map((name) => `node ${name}`);
  return `${[...own, ...extra, ...media, ...nodes].join("\n")}\n`;
}

export const defaultAuthkeys = "auth 1\n1 sha1 laboratory\n";
