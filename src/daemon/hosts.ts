/**
 * The host cache on the disk: read before the core takes real time, written by the runner afterwards.
 *
 * Source: docs/reference/wire-protocol.md, section 10.3; configuration.md, section 11.3.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { type HostEntry, hostcacheText, readHostcache } from "../config/hostcache.ts";
import { type Hosts, noHosts } from "../core/enrolment.ts";
import { shown } from "../syntax/text.ts";
import type { Log } from "./log.ts";
import type { Paths } from "./paths.ts";

/** What an earlier start left; nothing where ha.cf alone names the nodes. */
export function hostsAtStart(
  paths: Pick<Paths, "hostcache" | "deletedHosts">,
  { autojoin, managesResources }: ClusterConfig,
  log: Log,
): Hosts {
  if (managesResources) makeDeletedHosts(paths.deletedHosts);
  if (managesResources || autojoin === "none") return noHosts;
  return { known: entriesIn(paths.hostcache, log), deleted: entriesIn(paths.deletedHosts, log) };
}

/** Where nodes are those of ha.cf nobody is ever deleted. The original leaves a list that says so; one that is there from other times stays. */
function makeDeletedHosts(path: string): void {
  try {
    writeFileSync(path, "", { flag: "a", mode: 0o644 });
  } catch {
    // Nothing depends on it, and what is wrong with the directory is told where the generation is stored.
  }
}

/** A file that heartbeat did not write like this is removed, as the original does: else it would stand in the way for ever. */
function entriesIn(path: string, log: Log): HostEntry[] {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
      log.write(
        "hostcache-unreadable",
        "error",
        `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    return [];
  }
  const read = readHostcache(text);
  if (read.ok) return read.value;
  log.write("hostcache-unreadable", "error", `Malformed node/uuid line [${shown(read.error)}]`);
  log.write("hostcache-unreadable", "error", `Invalid host/uuid map file [${path}] - removed.`);
  try {
    rmSync(path);
  } catch {
    // It is written anew anyway, or that fails and is told.
  }
  return [];
}

/** The two files as they are to be. */
export const hostFiles = (
  paths: Pick<Paths, "hostcache" | "deletedHosts">,
  known: readonly HostEntry[],
  deleted: readonly HostEntry[],
): readonly { readonly path: string; readonly text: string }[] => [
  { path: paths.hostcache, text: hostcacheText(known) },
  { path: paths.deletedHosts, text: hostcacheText(deleted) },
];
