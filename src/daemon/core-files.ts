/**
 * Where a crash leaves its core file, of the daemon or of what it started: `coredumps` and `coreroot`.
 *
 * Source: docs/reference/configuration.md, section 5.12; files-and-cli.md, section 5.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { faultText } from "../base/fault.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { allowCoreFiles } from "../drivers/priority.ts";
import type { Log } from "./log.ts";
import { below, type Paths } from "./paths.ts";

const off = /^(?:false|off|no?|0)$/i;

/** Before anything is started that is to inherit it. A refusal is worth a line and no more. */
export function arrangeCoreFiles({ parameters }: ClusterConfig, log: Log): void {
  const fault = allowCoreFiles(!off.test(parameters.get("coredumps") ?? "true"));
  if (fault !== undefined) log.write("core-files", "warn", faultText(fault));
}

/** The working directory of the daemon and of all that it starts: below `coreroot` one for each user, and root's is ours. */
export function coreDirectory({ parameters }: ClusterConfig, paths: Paths, log: Log): string {
  const root = parameters.get("coreroot");
  if (root === undefined) return paths.cores;
  const directory = join(below(paths.root, root), "root");
  try {
    if (statSync(directory).isDirectory()) return directory;
    log.write("core-files", "error", `Cannot chdir to [${directory}]: Not a directory`);
  } catch (error) {
    log.write(
      "core-files",
      "error",
      `Cannot chdir to [${directory}]: ${error instanceof Error ? error.message : error}`,
    );
  }
  return paths.cores;
}
