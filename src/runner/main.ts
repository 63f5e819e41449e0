/**
 * The runner: the process that starts, times and kills scripts for the core, and outlives it.
 *
 * The core cannot do this itself, since starting a process holds its loop up. And somebody must be left when the core is killed:
 * its end of the socket closes, and unless it said goodbye, the runner gives up everything that it held.
 *
 * Its name is `hb-runner`, so that `killall heartbeat` does not end it; signals that end the daemon do not end it either, because then
 * it is needed most.
 */

import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { agentOf } from "../agents/index.ts";
import type { AgentAction, ProgramCall } from "../agents/resource.ts";
import type { LogId } from "../base/log-lines/index.ts";
import { adoptionsMax, type Beat, giveUpAt } from "../base/patience.ts";
import type { OperationId } from "../base/units.ts";
import type { GuardedGroup, LogLevel } from "../core/effect.ts";
import type { AgentOutcome } from "../core/input.ts";
import { Lines } from "../drivers/lines.ts";
import { readListNews } from "../drivers/list-news.ts";
import { LogSinks } from "../drivers/log-sinks.ts";
import { monotonic } from "../drivers/monotonic.ts";
import { adjustOutOfMemoryScore, leaveNothingOpen, processName } from "../drivers/priority.ts";
import {
  type ChildOrder,
  type DeviceOrder,
  type FromRunner,
  type KeptMemory,
  type Notice,
  type Offer,
  type ProbeOrder,
  type RunnerSettings,
  readToRunner,
  runnerProtocol,
  type ScriptOrder,
} from "../drivers/runner-protocol.ts";
import { BuiltInResources, runsBuiltIn } from "./built-in.ts";
import { RunningChildren } from "./children.ts";
import { Door } from "./door.ts";
import { giveUp } from "./giving-up.ts";
import type { GuardedScript } from "./last-will.ts";
import { Notifier } from "./notifier.ts";
import { runProbes } from "./probe.ts";
import { readProgram } from "./read-program.ts";
import { type Begun, findScript, isExecutable, type RunningScript, runScript, type ScriptCall } from "./script.ts";
import { Store } from "./store.ts";
import { syncDisks } from "./sync-disks.ts";
import { UnitWatch } from "./unit-watch.ts";

interface UnderWay extends Begun {
  readonly order: ScriptOrder;
}

/** A next core that ended instead of taking over is followed by another one after so many milliseconds. */
const successorPause = 500;
/** When the core is gone, its programs have so many milliseconds to end by themselves (quirk 165). */
const childGrace = 5000;

/** One program that is told of one event. */
interface EventCall {
  /** The program. */
  readonly type: string;
  readonly name: string;
  readonly json: string;
}

class RunnerProcess {
  #core = new Socket({ fd: 3, readable: true, writable: true });
  readonly #underWay = new Map<OperationId, UnderWay>();
  readonly #devices = new Map<OperationId, RunningScript>();
  readonly #notifier = new Notifier<Notice>(
    (notice) => this.#notify(notice),
    (type, outcome) => this.#answer({ say: "notified", type, outcome }),
  );
  readonly #hooks = new Notifier<EventCall>(
    (call) => this.#runHook(call),
    (program, outcome) => this.#answer({ say: "hooked", program, outcome }),
  );
  readonly #door = new Door({
    greeting: () => this.#greeting(),
    onTake: (socket, settings) => this.#taken(socket, settings),
    onCallers: () => this.#wait(),
    onDecline: () => this.#decline(),
    onFault: (says) => this.#log("no-door", "warn", `The next core will not find the runner of this one: ${says}`),
  });
  readonly #store = new Store((path, says) => this.#answer({ say: "not-stored", path, says }));
  readonly #unitWatch = new UnitWatch({
    onDown: (unit) => this.#answer({ say: "unit-down", unit }),
    onDeaf: (lost) => this.#answer({ say: "unit-bus", lost }),
    onHeard: () => this.#answer({ say: "unit-bus" }),
  });
  readonly #builtIn = new BuiltInResources((resource, text) => this.#remark(resource, text));
  #children = this.#newChildren();
  /** Those of the last core, who must end before the next one's start. */
  #formerChildren: Promise<void> = Promise.resolve();
  #settings: RunnerSettings | undefined;
  #held: readonly GuardedGroup[] = [];
  #memory: KeptMemory | undefined;
  #lastOperation = 0;
  #beat: Beat | undefined;
  /** When a core took over after the death of another. */
  #adoptions: number[] = [];
  /** What has ended while there was no core to tell. */
  #unreported: FromRunner[] = [];
  #end: "unknown" | "goodbye" | "succession" = "unknown";
  #successor: readonly string[] | undefined;
  #phase: "serving" | "waiting" | "leaving" = "serving";
  #timer: NodeJS.Timeout | undefined;

  listen(): void {
    this.#serve(this.#core);
  }

  #serve(core: Socket): void {
    const lines = new Lines();
    this.#core = core;
    core.on("data", (bytes) => {
      for (const line of lines.push(bytes)) this.#hear(line);
    });
    core.on("error", () => {}); // "close" follows
    core.on("close", () => this.#coreIsGone());
  }

  #hear(line: string): void {
    const said = readToRunner(line);
    switch (said?.say) {
      case "settings":
        return this.#set(said.settings);
      case "run":
        return this.#run(said.order);
      case "probe":
        return this.#probe(said.order);
      case "ask-device":
        return this.#askDevice(said.order);
      case "drop-device":
        return this.#devices.get(said.operation)?.kill(0);
      case "kill":
        return this.#underWay.get(said.operation)?.running.kill();
      case "notify":
        return this.#notifier.push(said.notice);
      case "tell-event":
        for (const program of this.#settings?.hooks ?? [])
          this.#hooks.push({ type: program, name: said.name, json: said.json });
        return;
      case "read":
        return readProgram(said.argv, (outcome) => this.#answer({ say: "read", outcome }));
      case "store":
        return this.#store.push(said.path, said.text);
      case "sync":
        return syncDisks();
      case "start-child":
        return this.#startChild(said.order);
      case "signal-child":
        this.#formerChildren.then(() => this.#children.signal(said.child, said.signal));
        return;
      case "guard":
        this.#held = readListNews(said.held, this.#held);
        return;
      case "keep":
        this.#memory = { ...said.memory, groups: readListNews(said.groups, this.#memory?.groups ?? []) };
        return;
      case "beat":
        this.#beat = { at: said.at, patience: said.patience };
        return;
      case "succession":
        this.#end = "succession";
        this.#successor = said.argv;
        return;
      case "goodbye":
        this.#end = "goodbye";
        return;
      case "coming": // only at the door
      case "take":
      case "decline":
      case undefined:
        return;
    }
  }

  #set(settings: RunnerSettings): void {
    this.#settings = settings;
    enter(settings.workingDirectory);
    const { adoption, unitWatch } = settings;
    this.#unitWatch.watch(unitWatch?.bus ?? "", unitWatch?.units ?? []);
    if (adoption !== undefined) this.#door.open(adoption.door);
  }

  #startChild(order: ChildOrder): void {
    const environment = { ...this.#inherited(), ...this.#settings?.environment, ...order.environment };
    this.#formerChildren.then(() => this.#children.start(order, environment));
  }

  /** What becomes of them is told to the core that ordered them and to no other. */
  #newChildren(): RunningChildren {
    const children: RunningChildren = new RunningChildren({
      onStarted: (child, pid) => {
        if (this.#children === children) this.#answer({ say: "child-started", child, pid });
      },
      onEnded: (child, outcome) => {
        if (this.#children === children) this.#answer({ say: "child-ended", child, outcome });
      },
    });
    return children;
  }

  #run(order: ScriptOrder): void {
    this.#lastOperation = order.operation;
    const begun = this.#begin(order, order.action, order.environment, order.timeLimit);
    if (begun === undefined) return this.#finished(order.operation, { result: "not-found" });
    const { running, ended, init } = begun;
    this.#underWay.set(order.operation, { order, running, ended });
    ended.then((outcome) => {
      this.#underWay.delete(order.operation);
      this.#finished(order.operation, outcome.result === "exited" && init ? { ...outcome, init } : outcome);
    });
  }

  #probe({ operation, probes, timeLimit }: ProbeOrder): void {
    this.#lastOperation = operation;
    const settings = this.#settings;
    if (settings === undefined) return this.#finished(operation, { result: "not-found" });
    const environment = { ...this.#inherited(), ...settings.environment };
    runProbes(probes, timeLimit, { environment, workingDirectory: settings.workingDirectory }).then((outcome) =>
      this.#finished(operation, outcome),
    );
  }

  #askDevice({ operation, program, argv, input, timeLimit }: DeviceOrder): void {
    const settings = this.#settings;
    const core = this.#core;
    const asked = (outcome: AgentOutcome): void => {
      // The next core counts its operations anew: what another one asked is no answer to it.
      if (this.#core === core) this.#answer({ say: "asked", operation, outcome });
    };
    const path = program.find(isExecutable);
    if (settings === undefined || path === undefined) return asked({ result: "not-found" });
    const { running, ended } = start({
      path,
      argv,
      listen: true,
      environment: withoutLogs(this.#inherited()),
      workingDirectory: settings.workingDirectory,
      timeLimit,
      debugLog: undefined,
      input: { text: input, directory: settings.runDirectory },
    });
    this.#devices.set(operation, running);
    ended.then((outcome) => {
      if (this.#devices.get(operation) === running) this.#devices.delete(operation);
      asked(outcome);
    });
  }

  /** Undefined: there is no such program here. `init`: it is a script of /etc/init.d. */
  #begin(
    program: ProgramCall,
    action: AgentAction,
    environment: Readonly<Record<string, string>>,
    timeLimit: number,
  ): (Begun & { readonly init: boolean }) | undefined {
    const settings = this.#settings;
    if (settings !== undefined && runsBuiltIn(program, settings.directories)) {
      const { workingDirectory, runDirectory, adoption } = settings;
      const surroundings = {
        ...{ workingDirectory, runDirectory, timeLimit },
        environment: { ...this.#inherited(), ...settings.environment },
        node: settings.environment["HA_CURHOST"] ?? "",
        spared: [process.ppid, ...(adoption === undefined ? [] : [adoption.core])],
      };
      return { ...this.#builtIn.run({ ...program, action, ...surroundings }), init: false };
    }
    const call = this.#callOf(program, action, environment, timeLimit);
    return call === undefined ? undefined : { ...start(call), init: call.path.startsWith("/etc/init.d/") };
  }

  /** Undefined: there is no such program here. */
  #callOf(
    { kind, script, args }: ProgramCall,
    action: AgentAction,
    environment: Readonly<Record<string, string>>,
    timeLimit: number,
  ): ScriptCall | undefined {
    const settings = this.#settings;
    if (settings === undefined) return undefined;
    const command = agentOf(kind).command({ script, args, action });
    const { program } = command;
    const path = typeof program === "string" ? findScript(program, settings.directories) : program.find(isExecutable);
    if (path === undefined) return undefined;
    return {
      path,
      argv: command.argv,
      listen: action === "status",
      environment: { ...this.#inherited(), ...settings.environment, ...environment, ...command.environment },
      workingDirectory: settings.workingDirectory,
      timeLimit,
      debugLog: settings.debugLog,
    };
  }

  async #notify({ type, fields, environment }: Notice): Promise<AgentOutcome> {
    const settings = this.#settings;
    if (settings === undefined || !isExecutable(settings.notifier)) return { result: "not-found" };
    return await start({
      path: settings.notifier,
      argv: [type],
      listen: false,
      environment: { ...this.#inherited(), ...fields, ...settings.environment, ...environment },
      workingDirectory: settings.workingDirectory,
      timeLimit: settings.stopTimeLimit,
      debugLog: settings.debugLog,
    }).ended;
  }

  async #runHook({ type: program, name, json }: EventCall): Promise<AgentOutcome> {
    const settings = this.#settings;
    if (settings === undefined || !isExecutable(program)) return { result: "not-found" };
    return await start({
      path: program,
      argv: [name, json],
      listen: false,
      environment: { ...this.#inherited(), ...settings.environment },
      workingDirectory: settings.workingDirectory,
      timeLimit: settings.stopTimeLimit,
      debugLog: settings.debugLog,
    }).ended;
  }

  /** The surroundings of the daemon's own start, but for its own setting. */
  #inherited(): NodeJS.ProcessEnv {
    const { UV_THREADPOOL_SIZE: _pool, ...inherited } = process.env;
    return inherited;
  }

  #finished(operation: OperationId, outcome: AgentOutcome): void {
    this.#answer({ say: "finished", operation, outcome });
  }

  #answer(answer: FromRunner): void {
    if (this.#core.writable) this.#core.write(`${JSON.stringify(answer)}\n`);
    else if (answer.say === "finished") this.#unreported.push(answer);
  }

  /** Of a built-in resource; the core has a log writer of its own. */
  #remark(resource: string, text: string): void {
    if (this.#core.writable) this.#answer({ say: "remark", resource, text });
    else this.#log("built-in", "warn", `${resource}: ${text}`);
  }

  #log(id: LogId, level: LogLevel, text: string): void {
    if (this.#settings === undefined) return;
    new LogSinks({ ...this.#settings.log, pid: process.pid }).write({ id, level, text, at: Date.now() });
  }

  // --- Between two cores ------------------------------------------------------------------------------------------------

  #coreIsGone(): void {
    for (const device of this.#devices.values()) device.kill(0); // the next core judges anew who must be off
    const { adoption } = this.#settings ?? {};
    if (this.#end === "goodbye" || this.#settings === undefined) return void this.#exit();
    const former = this.#children;
    this.#children = this.#newChildren();
    this.#formerChildren = former.endAll(childGrace);
    const planned = this.#end === "succession";
    if (adoption === undefined || !(planned || adoption.afterDeath)) return void this.#giveUp();
    this.#phase = "waiting";
    const milliseconds = this.#wait();
    if (milliseconds === undefined) return;
    if (this.#successor !== undefined) this.#startSuccessor(this.#successor);
    if (!planned) {
      const wait = `${(milliseconds / 1000).toFixed(1)} s`;
      this.#log(
        "core-died",
        "crit",
        `The heartbeat core process died: keeping what it held for ${wait}, for the next one to take over.`,
      );
    }
  }

  /** Waits for the next core, from now on for as long as this returns, in milliseconds; undefined: not at all, or not any more. */
  #wait(): number | undefined {
    if (this.#phase !== "waiting") return undefined;
    clearTimeout(this.#timer);
    const now = monotonic();
    const adoptions = this.#end === "succession" ? [] : this.#adoptions;
    const next = this.#settings?.adoption?.restarted ? "restarted" : "awaited";
    const until = giveUpAt(this.#beat, adoptions, now, next, this.#door.called);
    if (until === undefined) {
      void this.#giveUp();
      return undefined;
    }
    this.#timer = setTimeout(() => void this.#giveUp(), until - now);
    return until - now;
  }

  /**
   * The next core, in a session of its own, as a launcher would start it. Once more as long as there is time: what keeps it from starting may
   * pass (an interface that is being set up anew).
   */
  #startSuccessor(argv: readonly string[]): void {
    if (this.#phase !== "waiting" || this.#successor !== argv) return;
    const again = (): unknown => setTimeout(() => this.#startSuccessor(argv), successorPause);
    spawn(process.execPath, [...argv], { argv0: "heartbeat", cwd: "/", detached: true, stdio: "ignore" })
      .on("error", again)
      .on("exit", again)
      .unref();
  }

  #greeting(): FromRunner {
    if (this.#phase === "serving") return { say: "serving", core: this.#settings?.adoption?.core ?? process.ppid };
    if (this.#phase === "leaving") return { say: "leaving", pid: process.pid };
    const unheard = this.#unreported.flatMap((answer) => (answer.say === "finished" ? [answer.operation] : []));
    const offer: Offer = {
      version: this.#settings?.adoption?.version ?? "",
      protocol: runnerProtocol,
      memory: this.#memory,
      underWay: [...this.#underWay.keys(), ...unheard],
      lastOperation: this.#lastOperation,
    };
    return { say: "offer", pid: process.pid, offer };
  }

  #taken(core: Socket, settings: RunnerSettings): boolean {
    if (this.#phase !== "waiting") return false;
    clearTimeout(this.#timer);
    if (this.#end === "unknown") this.#adoptions = [...this.#adoptions, monotonic()].slice(-adoptionsMax);
    this.#phase = "serving";
    this.#end = "unknown";
    this.#successor = undefined;
    this.#set(settings);
    this.#serve(core);
    this.#answer({ say: "taken" });
    for (const answer of this.#unreported.splice(0)) this.#answer(answer);
    return true;
  }

  #decline(): void {
    if (this.#phase !== "waiting") return;
    clearTimeout(this.#timer);
    void this.#giveUp();
  }

  async #giveUp(): Promise<void> {
    const settings = this.#settings;
    if (settings === undefined) return void this.#exit();
    this.#phase = "leaving";
    await giveUp({
      settings,
      held: [...this.#held, ...this.#starting()],
      beat: this.#beat,
      interrupt: () => this.#interrupt(),
      stop: async (script, timeLimit) => {
        const underWay = await this.#stopUnderWay(script)?.ended;
        if (underWay?.result === "exited" && underWay.code === 0) return underWay;
        return (await this.#begin(script, "stop", {}, timeLimit)?.ended) ?? { result: "not-found" };
      },
    });
    await this.#formerChildren;
    await this.#exit();
  }

  async #exit(): Promise<void> {
    this.#door.close();
    await this.#store.done();
    process.exit(0);
  }

  /** The core had ordered this stop already: it may finish, within its limit. */
  #stopUnderWay({ kind, script, args }: GuardedScript): UnderWay | undefined {
    const same = (order: ScriptOrder) =>
      order.kind === kind && order.script === script && order.args.join("\0") === args.join("\0");
    return [...this.#underWay.values()].find(({ order }) => order.action === "stop" && same(order));
  }

  /** It must be stopped whether or not it is guarded yet. */
  #starting(): GuardedGroup[] {
    return [...this.#underWay.values()]
      .filter(({ order }) => order.action === "start")
      .map(({ order: { kind, script, args } }) => ({ key: script, resources: [{ kind, script, args }] }));
  }

  async #interrupt(): Promise<void> {
    const killed = [...this.#underWay.values()].filter(({ order }) => order.action !== "stop");
    for (const { running } of killed) running.kill(0);
    await Promise.all(killed.map(({ ended }) => ended));
  }
}

/** Children start where we are. A directory that is gone is no reason not to run. */
function enter(directory: string): void {
  try {
    process.chdir(directory);
  } catch {
    process.chdir("/");
  }
}

/** Told of no log, a device prints what it has to say: we read it, and what we log of it shows no password (quirk 174). */
const withoutLogs = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("HA_")));

function start(call: ScriptCall): Begun {
  let end: (outcome: AgentOutcome) => void = () => {};
  const ended = new Promise<AgentOutcome>((resolve) => {
    end = resolve;
  });
  return { running: runScript(call, (outcome) => end(outcome)), ended };
}

processName("hb-runner");
adjustOutOfMemoryScore(0); // the core's protection is not for those it starts
process.umask(0o022);
leaveNothingOpen();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) process.on(signal, () => {});
new RunnerProcess().listen();
