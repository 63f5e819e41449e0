/**
 * What `heartbeat -D` prints: the directives that have a default. Programs read this table, so names, defaults and columns are the
 * original's; the descriptions are ours.
 *
 * Source: docs/reference/files-and-cli.md, section 1.
 */
const defaults: readonly (readonly [directive: string, value: string, description: string])[] = [
  ["cluster", "linux-ha", "the cluster's name"],
  ["hopfudge", "1", "hops a message may take beyond the number of nodes"],
  ["keepalive", "1000ms", "time between two heartbeats"],
  ["deadtime", "30000ms", "silence after which a node is dead"],
  ["baud", "19200", "speed of serial lines"],
  ["auto_failback", "legacy", "give resources back to a returning owner?"],
  ["hbgenmethod", "file", "where the generation number comes from"],
  ["realtime", "true", "run with real-time priority?"],
  ["msgfmt", "classic", "form of the messages on the wire"],
  ["conn_logd_time", "60", "time between attempts to reach the logging daemon"],
  ["log_badpack", "true", "log rejected messages?"],
  ["syslogmsgfmt", "true", "write log files in the form of syslog?"],
  ["coredumps", "true", "allow core dumps?"],
  ["pacemaker", "false", "leave resources to Pacemaker?"],
  ["autojoin", "none", "which nodes may join without being named"],
  ["uuidfrom", "file", "where the node's uuid comes from"],
  ["compression", "zlib", "method of compression"],
  ["compression_threshold", "2", "size from which messages are compressed, in kB"],
  ["traditional_compression", "no", "compress whole messages instead of fields?"],
  ["max_rexmit_delay", "250", "longest random delay before asking for a lost message, in ms"],
  ["record_config_changes", "on", "only with pacemaker on"],
  ["record_pengine_inputs", "on", "only with pacemaker on"],
  ["enable_config_writes", "on", "only with pacemaker on"],
  ["memreserve", "6500", "memory to reserve, in kB (without effect in this version)"],
];

const row = (directive: string, value: string, description: string): string =>
  `${directive.padEnd(24)} ${value.padEnd(9)} ${description}\n`;

export const defaultsTable: string = [
  row("Directive", "Default", "Description"),
  `${"-".repeat(80)}\n`,
  ...defaults.map((each) => row(...each)),
].join("");
