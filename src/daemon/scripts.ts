/** The runner with what all scripts of this daemon share: where they are, what they find in their environment. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { unitName } from "../agents/systemd.ts";
import { unreachable } from "../base/exhaustive.ts";
import type { OperationId } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { optionsFor } from "../config/ha4-cf.ts";
import { monitorPlan } from "../config/monitor-plan.ts";
import type { AgentOutcome, Input } from "../core/input.ts";
import { agentTimeLimit, stopRetryPause } from "../core/limits.ts";
import type { TakenRunner } from "../drivers/former-runner.ts";
import { Runner, type RunnerEvents } from "../drivers/runner.ts";
import type { RunnerSettings, StopRule } from "../drivers/runner-protocol.ts";
import { wordsOf } from "../runner/last-will.ts";
import { isExecutable } from "../runner/script.ts";
import { type OtherVersion, type ReadConfiguration, readConfigurationText } from "./configuration-text.ts";
import type { Fences } from "./fences.ts";
import { type LaunchOptions, readerArguments } from "./launch.ts";
import { type Log, logTarget } from "./log.ts";
import { below, type Paths } from "./paths.ts";
import type { Drivers } from "./perform.ts";
import { scriptEnvironment } from "./script-environment.ts";
import { version } from "./version.ts";

/** A runner that ran before us. */
export interface Taken {
  readonly runner: TakenRunner;
  /** Orders whose end will still be told. */
  readonly underWay: readonly OperationId[];
}

/** `restarted`: a service manager starts the next core by itself. */
export function runnerSettings(config: ClusterConfig, paths: Paths, log: Log, restarted: boolean): RunnerSettings {
  const { debugfile } = config.logging;
  const units = watchedUnits(config);
  return {
    // Source: docs/reference/resources.md, section 2.2.
    directories: [join(paths.configuration, "resource.d"), "/etc/init.d"],
    environment: scriptEnvironment(config, log.debug, paths.root),
    workingDirectory: process.cwd(), // the daemon's own, by now
    runDirectory: paths.runDirectory,
    notifier: join(paths.configuration, "harc"),
    hooks: eventHooks(paths.configuration),
    log: logTarget(config, paths.root, restarted),
    stopTimeLimit: agentTimeLimit,
    stopRules: stopRules(config),
    stopRetryPause,
    restartsWhenStuck: true,
    adoption: { door: paths.runner, version, core: process.pid, restarted, afterDeath: adoptsAfterDeath(config) },
    ...(units.length === 0 ? {} : { unitWatch: { bus: paths.systemBus, units } }),
    ...(debugfile === undefined ? {} : { debugLog: below(paths.root, debugfile) }),
  };
}

function stopRules({ groups, extension }: ClusterConfig): StopRule[] {
  if (extension === undefined) return [];
  return groups.flatMap(({ key, resources }) =>
    resources.flatMap((resource): StopRule[] => {
      if (resource.kind === "address") return [];
      const { stopTimeout = agentTimeLimit, stopFailure } = optionsFor(extension, key, resource);
      return [
        {
          group: key,
          words: wordsOf(resource),
          timeLimit: stopTimeout,
          hold: stopFailure === "hold",
        },
      ];
    }),
  );
}

/** Full names of the units that are asked at all. */
const watchedUnits = ({ groups, extension }: ClusterConfig): string[] =>
  groups.flatMap(({ key, resources }) =>
    resources.flatMap((resource) =>
      resource.kind === "systemd" &&
      extension !== undefined &&
      monitorPlan(optionsFor(extension, key, resource), resource) !== undefined
        ? [unitName(resource.script)]
        : [],
    ),
  );

/** With a watchdog the death of the daemon restarts the machine, unless ha4.cf says that another daemon may go on. */
const adoptsAfterDeath = ({ watchdog, extension }: ClusterConfig): boolean =>
  watchdog === undefined || extension?.restartAdopts === true;

export class Scripts {
  readonly #runner: Runner;
  readonly #log: Log;
  readonly #fences: Fences;

  /** Starts the runner, or goes on with the one that was taken over. `feed` gets the outcomes. */
  constructor(
    settings: RunnerSettings,
    fences: Fences,
    log: Log,
    feed: (input: Input) => void,
    taken: Taken | undefined,
  ) {
    this.#log = log;
    this.#fences = fences;
    const events: RunnerEvents = {
      onFinished: (operation, outcome) => feed({ on: "agent-finished", operation, outcome }),
      onChildStarted: (child, pid) => feed({ on: "child-started", child, pid }),
      onChildEnded: (child, outcome) => feed({ on: "child-ended", child, outcome }),
      onAsked: (operation, outcome) =>
        feed({ on: "fence-finished", operation, outcome: fences.outcomeOf(operation, outcome) }),
      onNotified: (type, outcome) => {
        const how = noticeFailure(outcome);
        if (how !== undefined) log.write("notice-failed", "warn", `Managed ${type} process ${how}`);
      },
      onHooked: (program, outcome) => {
        const how = noticeFailure(outcome);
        if (how !== undefined) log.write("hook-failed", "warn", `${program} ${how}`);
      },
      onNotStored: (path, says) =>
        log.write(
          "hosts-unstored",
          "error",
          `cannot write ${path}: ${says}; nodes that join or go are forgotten at the next start`,
        ),
      onUnitDown: (unit) => feed({ on: "unit-down", unit }),
      onUnitBus: (lost) =>
        lost === undefined
          ? log.write("units-heard", "info", "systemd tells of its units again.")
          : log.write(
              "units-unheard",
              "warn",
              `systemd does not tell of its units: ${lost}. They are asked at their intervals, and what happens between is noticed then.`,
            ),
      onRemark: (resource, text) => log.write("built-in", "warn", `${resource}: ${text}`),
      onLost: (says) => log.write("runner-lost", "crit", `${says}; it is started again, scripts that ran are lost`),
    };
    this.#runner =
      taken === undefined
        ? Runner.start(settings, events)
        : Runner.adopt(taken.runner, taken.underWay, settings, events);
  }

  get hands(): Drivers["scripts"] {
    return {
      run: (order) => {
        const { operation, kind, script, args, action, timeLimit } = order;
        const environment = { HA_debug: String(this.#log.debug), ...order.environment };
        this.#runner.run({ operation, kind, script, args, action, environment, timeLimit });
      },
      probe: (order) => this.#runner.probe(order),
      notify: ({ type, fields, environment }) =>
        this.#runner.notify({ type, fields, environment: { HA_debug: String(this.#log.debug), ...environment } }),
      tellEvent: ({ name, event }) => this.#runner.tellEvent(name, JSON.stringify({ name, ...event })),
      guard: (held) => this.#runner.guard(held),
      keep: (keepsake) => this.#runner.keep(keepsake),
      beat: (patience) => this.#runner.beat(patience),
    };
  }

  get children(): Drivers["children"] {
    return {
      start: ({ child, path, args, user, uid, gid }) => {
        const environment = { HA_debug: String(this.#log.debug) };
        this.#runner.startChild({ child, path, args, user, uid, gid, environment });
      },
      signal: (child, signal) => this.#runner.signalChild(child, signal),
    };
  }

  store(path: string, text: string): void {
    this.#runner.store(path, text);
  }

  get fences(): Drivers["fences"] {
    return this.#fences.hands(this.#runner);
  }

  /** Writes to the disks what they still take; may never end, and nobody waits for it. */
  sync(): void {
    this.#runner.sync();
  }

  /** Reads and checks the configuration in a process of its own. `onEnd` gets it, or why there is none. */
  readConfiguration(options: LaunchOptions, onEnd: (read: ReadConfiguration | OtherVersion | string) => void): void {
    this.#runner.read(readerArguments(options), (outcome) =>
      onEnd(
        outcome.ok
          ? (readConfigurationText(outcome.text) ??
              "the reader is of another version: stop heartbeat and start it again")
          : outcome.says,
      ),
    );
  }

  /** The daemon ends and another one follows: started by the runner, if there are arguments for it. */
  succession(argv?: readonly string[]): void {
    this.#runner.succession(argv);
  }

  /** The daemon ends on purpose: what runs is left alone. */
  async dismiss(): Promise<void> {
    await this.#runner.goodbye();
  }
}

/** Names of the files in rc.d: the types of messages that are notified. A file that is put there later is not seen before the next start. */
export function notifiedTypes(configuration: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(join(configuration, "rc.d"), { withFileTypes: true });
    return new Set(
      entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name),
    );
  } catch {
    return new Set(); // no directory, nobody to notify
  }
}

/** The programs of events.d, in the order of their names. One that is put there later is not seen before the next start. */
export function eventHooks(configuration: string): readonly string[] {
  const folder = join(configuration, "events.d");
  try {
    return readdirSync(folder)
      .filter((name) => /^[A-Za-z0-9_.-]+$/.test(name) && !name.startsWith("."))
      .sort()
      .map((name) => join(folder, name))
      .filter(isExecutable);
  } catch {
    return []; // no directory, nobody to tell
  }
}

/** Undefined: it ended well. */
function noticeFailure(outcome: AgentOutcome | { readonly result: "dropped" }): string | undefined {
  switch (outcome.result) {
    case "exited":
      return outcome.code === 0 ? undefined : `exited with return code ${outcome.code}.`;
    case "killed":
      return `killed by signal ${outcome.signal}.`;
    case "timed-out":
      return "was not finished in time and killed.";
    case "not-found":
      return "not started: there is no such program that can be run.";
    case "lost":
      return `lost: ${outcome.says}`;
    case "dropped":
      return "not started: too many notifications are waiting already.";
    default:
      return unreachable(outcome);
  }
}
