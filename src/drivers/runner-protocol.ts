/**
 * What the core and the runner say to each other: one JSON value a line, both ways, over one socket.
 *
 * A runner outlives an upgrade of the program and serves the next core until heartbeat is stopped, so that the two ends may be of different
 * builds. What they have in common has a number, `runnerProtocol`: a core takes over from a runner of the same number and of no other.
 * Each end looks at what it is told before it believes it.
 */
import type { Probe } from "../agents/probes/probe.ts";
import type { ProgramCall } from "../agents/resource.ts";
import type { OperationId } from "../base/units.ts";
import type { GuardedGroup } from "../core/effect.ts";
import type { AgentOutcome, ChildOutcome } from "../core/input.ts";
import type { ListNews } from "./list-news.ts";
import type { LogTarget } from "./log-format.ts";

/**
 * Goes up with every change that a runner or a core of the version before would not understand: of these messages, of what the core has
 * kept for its successor (core/keepsake.ts), of the arguments of a core that a runner starts. A field more that may be missing is none.
 */
export const runnerProtocol = 1;

/** Bytes of what a program printed that are kept; the rest is read and thrown away. */
export const outputMax = 4096;

/** What holds for all scripts. */
export interface RunnerSettings {
  /** Where scripts are looked for, in this order. */
  readonly directories: readonly string[];
  /** Variables beside those that the daemon itself was started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** In memory: what a program is to read and nobody else lies here for a moment. */
  readonly runDirectory: string;
  /** Where the output of starts and stops goes, appended; undefined: nowhere. */
  readonly debugLog?: string;
  /** Where the runner says what it does when the core is gone. */
  readonly log: LogTarget;
  /** Run for notifications. */
  readonly notifier: string;
  /** Run one after the other for every event. */
  readonly hooks: readonly string[];
  /** How long each notification may take, and each stop when the core is gone, in milliseconds. */
  readonly stopTimeLimit: number;
  /** Where ha4.cf says something of a stop. */
  readonly stopRules: readonly StopRule[];
  /** What would not stop is tried again after so many milliseconds. */
  readonly stopRetryPause: number;
  /** When the core is gone and something will not stop, the machine is restarted before others start it. False: for tests on a machine that is not theirs. */
  readonly restartsWhenStuck: boolean;
  /** Absent: there is nothing to hear about. */
  readonly unitWatch?: UnitWatchSettings;
  /** Absent: with the core ends what it held. */
  readonly adoption?: AdoptionSettings;
}

export interface StopRule {
  readonly group: string;
  /** The script and its arguments, with blanks between them. */
  readonly words: string;
  /** In milliseconds. */
  readonly timeLimit: number;
  /** It is no reason to restart the machine. */
  readonly hold: boolean;
}

/** Units of which systemd is to tell when they end. */
export interface UnitWatchSettings {
  /** The socket of the system bus. */
  readonly bus: string;
  /** Full names. */
  readonly units: readonly string[];
}

/** How the next core comes by what this one held. */
export interface AdoptionSettings {
  /** The path of the socket where it asks. */
  readonly door: string;
  /** Of this core's program. */
  readonly version: string;
  /** This core's process. */
  readonly core: number;
  /** A service manager starts the next one by itself. */
  readonly restarted: boolean;
  /** Also when this core dies; false: only when it says that another one follows. */
  readonly afterDeath: boolean;
}

/** A core's memory, at which the runner does not look; of its groups there may be hundreds. */
export interface KeptMemory {
  readonly groups: readonly object[];
}

/** What a runner without a core has for the next one. */
export interface Offer {
  /** Of the last core's program. */
  readonly version: string;
  /** In which the last core spoke, and this runner does; undefined: from before there was a number. */
  readonly protocol?: number;
  /** What the last core asked to `keep`; undefined: nothing yet. */
  readonly memory: unknown;
  /** Orders that have not ended, or whose end nobody has heard of. */
  readonly underWay: readonly OperationId[];
  /** The highest number of an order so far. */
  readonly lastOperation: number;
}

export interface ScriptOrder extends ProgramCall {
  readonly operation: OperationId;
  readonly action: "start" | "stop" | "status";
  readonly environment: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly timeLimit: number;
}

export interface ProbeOrder {
  readonly operation: OperationId;
  /** Asked in order, until one fails. */
  readonly probes: readonly Probe[];
  /** For all of them, in milliseconds. */
  readonly timeLimit: number;
}

/** A program that lives with the daemon. */
export interface ChildOrder {
  readonly child: number;
  readonly path: string;
  readonly args: readonly string[];
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A fencing device to be asked. The input holds its secrets: it goes to the program's standard input and nowhere else. */
export interface DeviceOrder {
  readonly operation: OperationId;
  /** Paths, of which the first that is there is run. */
  readonly program: readonly string[];
  readonly argv: readonly string[];
  readonly input: string;
  /** In milliseconds. */
  readonly timeLimit: number;
}

export interface Notice {
  readonly type: string;
  /** Variables that what we say ourselves replaces. */
  readonly fields: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

export type ToRunner =
  | { readonly say: "settings"; readonly settings: RunnerSettings }
  /** Ends in `finished`. */
  | { readonly say: "run"; readonly order: ScriptOrder }
  /** Ends in `finished`, as a `status` does: 0 when all is well, and what was seen. */
  | { readonly say: "probe"; readonly order: ProbeOrder }
  /** Ends in `asked`. */
  | { readonly say: "ask-device"; readonly order: DeviceOrder }
  /** It ends in `asked` with `timed-out`. */
  | { readonly say: "drop-device"; readonly operation: OperationId }
  /** End this operation now; it ends in `finished` with `timed-out`. */
  | { readonly say: "kill"; readonly operation: OperationId }
  /** Ends in `notified`. */
  | { readonly say: "notify"; readonly notice: Notice }
  /** Each of the hooks ends in `hooked`. */
  | { readonly say: "tell-event"; readonly name: string; readonly json: string }
  /** Run a program of ours that reads for us, one at a time; ends in `read`. */
  | { readonly say: "read"; readonly argv: readonly string[] }
  /** Write a file, in place of what it held; one character is one byte. Ends in `not-stored`, or in nothing if it could be written. */
  | { readonly say: "store"; readonly path: string; readonly text: string }
  /** The machine is about to be restarted: write to the disks what they still take. */
  | { readonly say: "sync" }
  /** Ends in `child-ended`; comes to `child-started` before, if it could be started. */
  | { readonly say: "start-child"; readonly order: ChildOrder }
  /** To its process group; one that does not run hears nothing. */
  | { readonly say: "signal-child"; readonly child: number; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Replaces what was guarded before. */
  | { readonly say: "guard"; readonly held: ListNews<GuardedGroup> }
  /** What the next core needs to know; replaces what was kept before. Said before the orders that follow from it. */
  | { readonly say: "keep"; readonly memory: KeptMemory; readonly groups: ListNews<object> }
  /** The others have just heard of us, and will wait so long before they hold us dead: monotonic, in milliseconds. */
  | { readonly say: "beat"; readonly at: number; readonly patience: number }
  /** The core ends and another one takes over at once; with arguments for Node.js, the runner starts it when this one is gone. */
  | { readonly say: "succession"; readonly argv?: readonly string[] }
  /** The core ends on purpose: undo nothing, leave what runs, end. */
  | { readonly say: "goodbye" }
  /** A new core, at the door: it is getting ready, and takes or declines soon. It has given up when the connection ends. */
  | { readonly say: "coming" }
  /** A new core, after an `offer`: everything is mine from now on. Answered by `taken`, or by the end of the connection. */
  | { readonly say: "take"; readonly settings: RunnerSettings }
  /** A new core, after an `offer`: I cannot use it, give it up. */
  | { readonly say: "decline" };

export type FromRunner =
  | { readonly say: "finished"; readonly operation: OperationId; readonly outcome: AgentOutcome }
  | { readonly say: "child-started"; readonly child: number; readonly pid: number }
  | { readonly say: "child-ended"; readonly child: number; readonly outcome: ChildOutcome }
  | { readonly say: "asked"; readonly operation: OperationId; readonly outcome: AgentOutcome }
  | { readonly say: "notified"; readonly type: string; readonly outcome: AgentOutcome | { readonly result: "dropped" } }
  | {
      readonly say: "hooked";
      readonly program: string;
      readonly outcome: AgentOutcome | { readonly result: "dropped" };
    }
  /** One of the watched units is down, by systemd's word. */
  | { readonly say: "unit-down"; readonly unit: string }
  /** Why systemd's word is not heard; absent: it is heard again. */
  | { readonly say: "unit-bus"; readonly lost?: string }
  | { readonly say: "read"; readonly outcome: ReadOutcome }
  | { readonly say: "not-stored"; readonly path: string; readonly says: string }
  /** What a person should know of a built-in resource; no outcome depends on it. */
  | { readonly say: "remark"; readonly resource: string; readonly text: string }
  /** To a caller: my core lives. */
  | { readonly say: "serving"; readonly core: number }
  /** To a caller: what was held is being given up; the connection ends when that is done. */
  | { readonly say: "leaving"; readonly pid: number }
  | { readonly say: "offer"; readonly pid: number; readonly offer: Offer }
  | { readonly say: "taken" };

export type ReadOutcome = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly says: string };

const toRunner: readonly ToRunner["say"][] = [
  ...([
    "settings",
    "run",
    "probe",
    "kill",
    "notify",
    "tell-event",
    "read",
    "store",
    "sync",
    "guard",
    "goodbye",
  ] as const),
  ...(["start-child", "signal-child"] as const),
  ...(["ask-device", "drop-device"] as const),
  ...(["keep", "beat", "succession", "coming", "take", "decline"] as const),
];
const fromRunner: readonly FromRunner["say"][] = [
  ...(["finished", "notified", "hooked", "read", "not-stored", "child-started", "child-ended", "asked"] as const),
  ...(["serving", "leaving", "offer", "taken", "unit-down", "unit-bus", "remark"] as const),
];

/** A line from the core; undefined: none that we know. */
export const readToRunner = (line: string): ToRunner | undefined => saysOneOf(line, toRunner) as ToRunner | undefined;

/** A line from the runner; undefined: none that we know. */
export const readFromRunner = (line: string): FromRunner | undefined =>
  saysOneOf(line, fromRunner) as FromRunner | undefined;

function saysOneOf(line: string, known: readonly string[]): unknown {
  try {
    const said: unknown = JSON.parse(line);
    const word = typeof said === "object" && said !== null && "say" in said ? said.say : undefined;
    return typeof word === "string" && known.includes(word) ? said : undefined;
  } catch {
    return undefined;
  }
}
