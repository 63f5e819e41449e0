/**
 * The log line of an opened medium. Operators and log filters know the original's words, its prefix `glib: ` included.
 *
 * Source: docs/reference/files-and-cli.md, section 6; wire-protocol.md, section 11.
 * Deviations: the original opens each medium twice and logs a `closed` line for its own copy; there is no copy here.
 */
import { unreachable } from "../base/exhaustive.ts";
import type { MediumConfig } from "../media/medium.ts";

export function mediumStarted(config: MediumConfig): string {
  switch (config.kind) {
    case "bcast":
      return `glib: UDP Broadcast heartbeat started on port ${config.port} (${config.port}) interface ${config.device}`;
    case "ucast":
      return `glib: ucast: started on port ${config.port} interface ${config.device} to ${config.address}`;
    case "mcast":
      return `glib: UDP multicast heartbeat started for group ${config.group} port ${config.port} interface ${config.device} (ttl=${config.ttl} loop=${config.loop ? 1 : 0})`;
    case "ucast6":
      return `glib: ucast6: heartbeat started for [${config.address}]:${config.port} on interface ${config.device}`;
    case "mcast6":
      return `glib: UDP multicast heartbeat started for [${config.group}]:${config.port} on interface ${config.device} (hops=${config.hops} loop=${config.loop ? 1 : 0})`;
    case "serial":
      return `glib: Starting serial heartbeat on tty ${config.device} (${config.baud} baud)`;
    case "ping":
    case "ping6":
      return `glib: ${config.kind} heartbeat started.`;
    case "ping_group":
      return "glib: ping group heartbeat started.";
    default:
      return unreachable(config);
  }
}
