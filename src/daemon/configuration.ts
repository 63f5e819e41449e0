/**
 * The configuration as launcher and core alike use it: with what the command line adds, and with findings in the words of the log.
 *
 * Source: docs/reference/configuration.md, section 1.
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import type { LogId } from "../base/log-lines/index.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevel } from "../core/effect.ts";
import { type Diagnostic, locationOf } from "../syntax/diagnostic.ts";
import type { ClusterUser } from "./directories.ts";
import type { LaunchOptions } from "./launch.ts";
import { type Loaded, loadConfiguration } from "./load-configuration.ts";
import type { Paths } from "./paths.ts";

export interface Line {
  readonly id: LogId;
  readonly level: LogLevel;
  readonly text: string;
}

interface Checked {
  readonly messages: readonly Line[];
  /** The files and when they were last changed. */
  readonly stamps: Stamps;
  /** All that was read, for whoever shows it. */
  readonly loaded: Loaded;
}

export type CheckedConfiguration = Checked &
  (
    | {
        readonly ok: true;
        readonly config: ClusterConfig;
        /** Undefined: no such user or group on this host. */
        readonly clusterUser: ClusterUser | undefined;
      }
    | { readonly ok: false; readonly exitCode: number }
  );

/** The original's last word. */
export const configurationError = "Configuration error, heartbeat not started.";

export async function checkConfiguration(paths: Paths, options: LaunchOptions): Promise<CheckedConfiguration> {
  const stamps = stampsOf(paths);
  const loaded = await loadConfiguration(paths.configuration, options.debug, paths.root, options.managesResources);
  const messages = loaded.diagnostics.map(asLine);
  if (loaded.config === undefined) {
    messages.push({ id: "configuration-error", level: "error", text: configurationError });
    return { ok: false, messages, stamps, loaded, exitCode: loaded.exitCode };
  }
  const { config, facts } = loaded;
  const uid = facts.users.get("hacluster")?.uid;
  const gid = facts.groups.get("haclient");
  return {
    ok: true,
    messages,
    stamps,
    loaded,
    config: { ...config, realtime: config.realtime && options.realtime },
    clusterUser: uid === undefined || gid === undefined ? undefined : { uid, gid },
  };
}

function asLine(diagnostic: Diagnostic): Line {
  const { severity, message, code, help } = diagnostic;
  const level = severity === "warning" ? "warn" : severity === "error" ? "error" : "info";
  const advice = help === undefined ? "" : ` (${help})`;
  return { id: code, level, text: `${locationOf(diagnostic)}: ${message} [${code}]${advice}` };
}

/** Files by name with their times of change in milliseconds; 0: not there. */
export type Stamps = ReadonlyMap<string, number>;

const stampsOf = ({ configuration }: Paths): Stamps =>
  new Map(
    ["ha.cf", "authkeys", "haresources", "ha4.cf"].map((name) => [
      join(configuration, name),
      changedAt(join(configuration, name)),
    ]),
  );

const changedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The files that were changed, made or removed between two looks (quirk 111). */
export const changedBetween = (before: Stamps, after: Stamps): string[] =>
  [...after].filter(([file, at]) => before.get(file) !== at).map(([file]) => file);
