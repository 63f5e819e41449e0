/**
 * Where the daemon's files are. With `--root DIR` every one of them moves below DIR, so that two nodes can run on one machine without
 * namespaces, and tests without touching the host.
 *
 * Source: docs/reference/files-and-cli.md, section 5.
 * Deviations: `control`, `runner` and `crash` are ours.
 */
import { join } from "node:path";

export interface Paths {
  /** Empty: the host's own. */
  readonly root: string;
  readonly configuration: string;
  readonly pidFile: string;
  readonly runDirectory: string;
  readonly resourceTemporary: string;
  /** Asked by `heartbeat status`; root only. */
  readonly control: string;
  /** Where the next core finds the runner of the last one; root only. */
  readonly runner: string;
  /** Is there while a watchdog is armed. */
  readonly armed: string;
  /** The socket of D-Bus, where systemd tells of its units. */
  readonly systemBus: string;
  /** The client API. */
  readonly register: string;
  readonly state: string;
  readonly fifo: string;
  readonly generation: string;
  readonly uuid: string;
  /** The nodes that joined, and those that were deleted: `-M` only. */
  readonly hostcache: string;
  readonly deletedHosts: string;
  /** The daemon's working directory, and that of its scripts. */
  readonly cores: string;
  /** The last inputs before an invariant broke. */
  readonly crash: string;
}

export function pathsBelow(root: string): Paths {
  const run = join(root, "/run/heartbeat");
  const state = join(root, "/var/lib/heartbeat");
  return {
    root,
    configuration: join(root, "/etc/ha.d"),
    pidFile: join(root, "/run/heartbeat.pid"),
    runDirectory: run,
    resourceTemporary: join(run, "rsctmp"),
    control: join(run, "control"),
    runner: join(run, "runner"),
    armed: join(run, "watchdog-armed"),
    systemBus: join(root, "/run/dbus/system_bus_socket"),
    register: join(run, "register"),
    state,
    fifo: join(state, "fifo"),
    generation: join(state, "hb_generation"),
    uuid: join(state, "hb_uuid"),
    hostcache: join(state, "hostcache"),
    deletedHosts: join(state, "delhostcache"),
    cores: join(state, "cores/root"),
    crash: join(state, "crash.jsonl"),
  };
}

/** A path of the configuration (a log file), moved below the root; /dev stays where it is. */
export const below = (root: string, path: string): string => (path.startsWith("/dev/") ? path : join(root, path));
