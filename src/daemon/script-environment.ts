/**
 * The variables that every resource script finds, beside those of the daemon's own start.
 *
 * Scripts written for the original read these: where to log, which functions to source, what ha.cf says.
 *
 * Source: docs/reference/resources.md, section 6.
 * Deviations: none. Notifications and the takeover of one's own resources add more; those come with the order to run.
 */
import type { ClusterConfig } from "../config/cluster-config.ts";
import { below } from "./paths.ts";

/** `root`: what log files lie below, as for the daemon itself. */
export function scriptEnvironment(
  config: ClusterConfig,
  debug: number,
  root: string,
): Readonly<Record<string, string>> {
  const { logging } = config;
  const environment: Record<string, string> = {};
  for (const [name, value] of config.parameters) environment[`HA_${name}`] = value;
  for (const [name, value] of config.environment) environment[`HA_${name}`] = value;
  return {
    ...environment,
    HA_CURHOST: config.localNode,
    HA_DIR: "/etc/ha.d/",
    HA_FUNCS: "/etc/ha.d/shellfuncs",
    HA_DATEFMT: "%Y/%m/%d_%T\t",
    HA_LOGFILE: logging.logfile === undefined ? "" : below(root, logging.logfile),
    HA_DEBUGLOG: logging.debugfile === undefined ? "" : below(root, logging.debugfile),
    HA_LOGD: logging.useLogd ? "yes" : "no",
    HA_debug: String(debug),
    HA_COMPRESSION: config.parameters.get("compression") ?? "zlib",
    OCF_ROOT: "/usr/lib/ocf",
    ...(root === "" ? {} : { HEARTBEAT_ROOT: root }), // where shellfuncs looks for everything
    ...(logging.facility === undefined ? {} : { HA_LOGFACILITY: logging.facility }),
  };
}
