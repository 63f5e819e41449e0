/**
 * The composition root: reads the configuration, builds the drivers, puts the node between them and sets the loop going. The
 * only file that knows all of them.
 *
 * What may wait for a disk or start a process happens here, before real time is taken; after `start` was fed nothing does.
 * The order matters where a line says so.
 */
import { randomInt } from "node:crypto";
import { basename } from "node:path";
import { type Fault, faultText } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { inheritanceOf } from "../core/keepsake.ts";
import { agentTimeLimit } from "../core/limits.ts";
import { isPingMedium } from "../core/membership/ping-nodes.ts";
import { Node } from "../core/node.ts";
import type { Identity } from "../core/outbox.ts";
import type { OperatorAnswer } from "../core/takeover/language.ts";
import { openFifo } from "../drivers/fifo.ts";
import { claimPidFile, nextGeneration, ownUuid } from "../drivers/files.ts";
import type { FormerRunner, RunnerAnswer } from "../drivers/former-runner.ts";
import { lookAround } from "../drivers/look-around.ts";
import { openMedium } from "../drivers/open-medium.ts";
import { adjustOutOfMemoryScore, processName as nameProcess, takeRealTime } from "../drivers/priority.ts";
import { rebooter, restartMachine } from "../drivers/reboot.ts";
import { type RunnerSettings, runnerProtocol } from "../drivers/runner-protocol.ts";
import { ServiceManager } from "../drivers/service-manager.ts";
import { ControlFramer } from "../wire/control-framer.ts";
import { addressesOf, openAddresses, watchAddresses } from "./addresses.ts";
import { Clients } from "./clients.ts";
import { SystemClock } from "./clock.ts";
import {
  type CheckedConfiguration,
  changedBetween,
  checkConfiguration,
  type Line,
  type Stamps,
} from "./configuration.ts";
import type { OtherVersion, ReadConfiguration } from "./configuration-text.ts";
import { openControlSocket } from "./control-socket.ts";
import { arrangeCoreFiles, coreDirectory } from "./core-files.ts";
import { emptyResourceTemporary, makeDirectories } from "./directories.ts";
import { Fences } from "./fences.ts";
import { findFormerRunner } from "./former-runner.ts";
import { hostFiles, hostsAtStart } from "./hosts.ts";
import { coreArguments, type LaunchOptions, successionCode } from "./launch.ts";
import { Log } from "./log.ts";
import { Loop } from "./loop.ts";
import { MachineWatchdog } from "./machine-watchdog.ts";
import { Media } from "./media.ts";
import { mediumStarted } from "./medium-text.ts";
import { OrderDesk } from "./order-desk.ts";
import { incompatible, judgeOtherVersion } from "./other-version.ts";
import { type Paths, pathsBelow } from "./paths.ts";
import { type Drivers, perform } from "./perform.ts";
import { Recorder } from "./recorder.ts";
import { isHeartbeat, processName } from "./running.ts";
import { eventHooks, notifiedTypes, runnerSettings, Scripts } from "./scripts.ts";
import type { CaughtSignal, Signals } from "./signals.ts";
import type { StartReporter } from "./start-report.ts";
import { version } from "./version.ts";

/** Why a start failed, with the code that the launcher ends with. */
interface StartFailure {
  readonly code: number;
  readonly fault: Fault;
}

/** Two that start at once are no error: the cluster has its node. Else LSB: 4 not permitted, 1 generic. */
const exitCodes: Readonly<Record<string, number>> = { "already-running": 0, "not-permitted": 4 };
const failure = (fault: Fault) => failed({ code: exitCodes[fault.code] ?? 1, fault });

/** Ending after a broken invariant: what the log writer has not taken by then is lost. The runner waits for this end to clean up. */
const lastWordsMax = 200; // milliseconds

/** `formerRunner`: what the runner of the last core answers. */
export async function startCore(
  options: LaunchOptions,
  signals: Signals,
  reporter: StartReporter,
  formerRunner: Promise<RunnerAnswer>,
): Promise<void> {
  process.umask(0o022);
  nameProcess(processName);
  const service = ServiceManager.of(process.env, process.pid); // before anything is started that would inherit its variables
  const paths = pathsBelow(options.root);
  const checked = await checkConfiguration(paths, options);
  if (!checked.ok) {
    const says = checked.messages.filter(({ level }) => level === "error").map(({ text }) => text);
    reporter.report({ started: false, code: checked.exitCode, says });
    process.exit(checked.exitCode);
  }
  const core = new CoreProcess(checked, options, paths, reporter, service);
  const started = await core.start(formerRunner);
  if (started.ok) signals.deliverTo((signal) => core.take(signal));
  else void core.giveUp(started.error);
}

class CoreProcess {
  readonly #config: ClusterConfig;
  readonly #checked: Extract<CheckedConfiguration, { readonly ok: true }>;
  readonly #options: LaunchOptions;
  readonly #paths: Paths;
  readonly #reporter: StartReporter;
  readonly #service: ServiceManager | undefined;
  readonly #clock = new SystemClock();
  readonly #recorder = new Recorder();
  readonly #seed = randomInt(2 ** 32);
  readonly #log: Log;
  readonly #media: Media;
  readonly #clients: Clients;
  /** Undone at the end, last first. */
  readonly #closers: (() => void)[] = [];
  #scripts: Scripts | undefined;
  #identity: Identity | undefined;
  #loop: Loop | undefined;
  #ending = false;
  readonly #watchdog: MachineWatchdog;
  /** The files as they were when we took them over. */
  #stamps: Stamps;
  #rereading: "once" | "again" | undefined;

  constructor(
    checked: Extract<CheckedConfiguration, { readonly ok: true }>,
    options: LaunchOptions,
    paths: Paths,
    reporter: StartReporter,
    service: ServiceManager | undefined,
  ) {
    this.#service = service;
    this.#checked = checked;
    this.#options = options;
    this.#stamps = checked.stamps;
    this.#config = checked.config;
    this.#paths = paths;
    this.#reporter = reporter;
    this.#log = new Log(checked.config, paths.root, { managed: service !== undefined, owner: checked.clusterUser });
    arrangeCoreFiles(checked.config, this.#log);
    this.#watchdog = new MachineWatchdog({ config: checked.config, paths, log: this.#log });
    this.#media = new Media(this.#clock, (id, level, text) => this.#log.write(id, level, text));
    this.#clients = new Clients(paths.register, this.#feed, (id, level, text) => this.#log.write(id, level, text));
  }

  /** Waits as long as that runner gives one script: after that it has killed it. */
  #formerRunner(answer?: Promise<RunnerAnswer>): Promise<FormerRunner | undefined> {
    return findFormerRunner({
      door: this.#paths.runner,
      ...(answer === undefined ? {} : { answer }),
      protocol: runnerProtocol,
      isCore: (pid) => isHeartbeat(pid, this.#paths.root),
      patience: agentTimeLimit,
      onWait: (pid) =>
        this.#log.write(
          "former-runner",
          "warn",
          `Heartbeat died; waiting until its runner [pid ${pid}] has given up what was held.`,
        ),
      onIncompatible: ({ pid, offer }) => this.#log.write("runner-incompatible", "error", incompatible(pid, offer)),
      onImpatient: () =>
        this.#log.write(
          "former-runner-late",
          "error",
          "The runner of the last heartbeat is still at work; starting beside it.",
        ),
    });
  }

  /** Builds everything and feeds `start`. After a failure `giveUp` must be called. */
  async start(formerRunner: Promise<RunnerAnswer>): Promise<Result<undefined, StartFailure>> {
    const former = await this.#formerRunner(formerRunner);
    for (const { id, level, text } of this.#checked.messages) this.#log.write(id, level, text);
    this.#log.write("starting", "info", "**************************");
    this.#log.write("starting", "info", `Configuration validated. Starting heartbeat ${version}`);
    this.#log.write("starting", "info", `heartbeat: version ${version}`);
    const claimed = this.#claimMachine();
    if (claimed !== undefined) return failure(claimed);
    const identity = this.#establishIdentity();
    this.#identity = identity;
    const settings = runnerSettings(this.#config, this.#paths, this.#log, this.#service !== undefined);
    const inherited = former && (await this.#inherit(former, settings));
    if (inherited === undefined) await this.#watchdog.letItReset(this.#service);
    const emptied = inherited === undefined ? emptyResourceTemporary(this.#paths) : undefined;
    if (emptied !== undefined) return failure(emptied);
    this.#scripts = new Scripts(settings, new Fences(this.#config), this.#log, this.#feed, inherited?.taken);
    const opened = this.#openFifo() ?? this.#openMedia();
    if (opened !== undefined) return failure(opened);
    this.#assemble(identity, this.#scripts);
    this.#watchdog.arm(); // late: it runs from here on, and what stands before may take its time
    this.#takeRealTime(); // last: what is started or made before has no part in it, or is made real-time with the rest
    this.#feed({ on: "start", ...(inherited === undefined ? {} : { inherited: inherited.inheritance }) });
    this.#reporter.report({ started: true });
    this.#service?.ready(`heartbeat ${version}, node ${this.#config.localNode}`);
    return ok(undefined);
  }

  /** Source: docs/reference/files-and-cli.md, section 1.1. */
  take(signal: CaughtSignal): void {
    switch (signal) {
      case "SIGTERM":
        this.#service?.stopping();
        return this.#feed({ on: "stop" });
      case "SIGHUP":
        return this.#reread();
      case "SIGUSR1":
        return this.#changeDebug(1);
      case "SIGUSR2":
        return this.#changeDebug(-1);
    }
  }

  /** The launcher hears of it when all is cleared away. */
  async giveUp({ code, fault }: StartFailure): Promise<void> {
    const says = faultText(fault);
    this.#log.write("not-started", code === 0 ? "info" : "error", says);
    await this.#clearAway();
    this.#reporter.report({ started: false, code, says: [says] });
    process.exit(code);
  }

  readonly #feed: Loop["feed"] = (input) => this.#loop?.feed(input);

  /** Directories and pid file: from here on this machine's heartbeat is us. */
  #claimMachine(): Fault | undefined {
    const made = makeDirectories(this.#paths, this.#checked.clusterUser);
    if (made !== undefined) return made;
    const claimed = claimPidFile(this.#paths.pidFile, process.pid, (pid) => isHeartbeat(pid, this.#paths.root));
    if (claimed !== undefined) return claimed;
    process.chdir(coreDirectory(this.#config, this.#paths, this.#log));
    return undefined;
  }

  /** Takes over what the last core held, if that is still to be had. */
  async #inherit(former: FormerRunner, settings: RunnerSettings) {
    const { memory, underWay, lastOperation } = former.offer;
    const inheritance = inheritanceOf(memory, underWay, lastOperation);
    const runner = await former.take(settings);
    if (runner === undefined) {
      await this.#formerRunner();
      return undefined;
    }
    this.#log.write("adopted", "warn", `Taking over what the last heartbeat held, and its runner [pid ${runner.pid}].`);
    return { inheritance, taken: { runner, underWay: inheritance.underWay } };
  }

  #establishIdentity(): Identity {
    const { generationMethod, uuidFrom, localNode } = this.#config;
    const { wallSeconds } = this.#clock.now();
    const { generation, previous, unstored } = nextGeneration(this.#paths.generation, generationMethod, wallSeconds);
    if (previous === "missing")
      this.#log.write("generation-guessed", "warn", `No Previous generation - starting at ${generation}`);
    if (previous === "broken" || previous === "unreadable")
      this.#log.write("generation-guessed", "warn", `BROKEN previous generation - starting at ${generation}`);
    const own = ownUuid(this.#paths.uuid, uuidFrom, localNode);
    if (unstored !== undefined)
      this.#log.write(
        "generation-unstored",
        "error",
        `${faultText(unstored)}: the generation is taken from the clock, which must not go back`,
      );
    if (own.unstored !== undefined)
      this.#log.write("uuid-unstored", "error", `${faultText(own.unstored)}: the uuid is taken from the node's name`);
    this.#log.write("generation", "info", `Heartbeat generation: ${generation}`);
    if (own.created) this.#log.write("uuid-made", "info", "No uuid found for current node - generating a new uuid.");
    return { uuid: own.uuid, generation };
  }

  #openFifo(): Fault | undefined {
    const framer = new ControlFramer();
    const opened = openFifo(this.#paths.fifo, (piece) => {
      const { messages, dropped } = framer.push(piece);
      for (const bytes of messages) this.#feed({ on: "control-message", bytes });
      if (dropped.length > 0)
        this.#log.write("control-malformed", "warn", `${this.#paths.fifo}: thrown away (${dropped.join(", ")})`);
    });
    if (!opened.ok) return opened.error;
    if (opened.value.created) this.#log.write("fifo-made", "info", `Creating FIFO ${this.#paths.fifo}.`);
    this.#closers.push(() => opened.value.close());
    return undefined;
  }

  #openMedia(): Fault | undefined {
    this.#closers.push(() => this.#media.close());
    for (const medium of this.#config.media) {
      const { name } = medium;
      const opened = openMedium(
        medium,
        (bytes) => this.#feed({ on: "datagram", medium: name, bytes }),
        (text) => this.#log.write("medium-reduced", "warn", text),
      );
      if (!opened.ok) return opened.error;
      if (isPingMedium(medium)) this.#media.addPing(opened.value);
      else this.#media.add(opened.value, medium.kind === "serial" ? "text" : "datagram");
      this.#log.write("medium-started", "info", mediumStarted(medium));
    }
    return undefined;
  }

  #assemble(identity: Identity, scripts: Scripts): void {
    const node = new Node({
      config: this.#config,
      identity,
      seed: this.#seed,
      version,
      pid: process.pid,
      notified: notifiedTypes(this.#paths.configuration),
      hooked: eventHooks(this.#paths.configuration).length > 0,
      hosts: hostsAtStart(this.#paths, this.#config, this.#log),
    });
    const log = (...line: Parameters<Log["write"]>) => this.#log.write(...line);
    const addresses = addressesOf(this.#config);
    const orders = new OrderDesk(this.#feed);
    const drivers = {
      media: this.#media,
      scripts: scripts.hands,
      fences: scripts.fences,
      addresses: openAddresses(addresses.size > 0, log),
      clients: this.#clients.hands,
      lookAround,
      keepHosts: (...hosts: Parameters<Drivers["keepHosts"]>) => {
        for (const { path, text } of hostFiles(this.#paths, ...hosts)) scripts.store(path, text);
      },
      signal: sendSignal,
      children: scripts.children,
      log,
      answer: (ticket: number, answer: OperatorAnswer) => orders.answered(ticket, answer),
      patWatchdog: () => this.#watchdog.pat(),
      reboot: rebooter({
        keepalive: this.#config.keepalive,
        sync: () => {
          this.#watchdog.abandon(); // should the kernel refuse, it does not
          scripts.sync();
        },
        log,
        // Files below another root are a test or a rescue system: this machine is not theirs.
        restart: this.#paths.root === "" ? restartMachine : () => "it is not the machine of this heartbeat",
      }),
      succeed: () => void this.#succeed(),
      exit: (code: number) => void this.#end(code),
    };
    this.#loop = new Loop({
      brain: node,
      clock: this.#clock,
      recorder: this.#recorder,
      perform: (effect) => perform(effect, drivers, this.#feed),
      keepalive: this.#config.keepalive,
      onAlive: (now) => this.#service?.alive(now),
      wakeEvery: this.#service?.interval,
      onBroken: (error) => this.#broken(error),
    });
    process.on("uncaughtException", (error) => this.#broken(error));
    const control = openControlSocket(
      this.#paths.control,
      { view: () => node.view(this.#clock.now()), obey: (order) => orders.obey(order), record: () => this.#flight() },
      (says) => log("control-socket", "error", says),
    );
    this.#closers.push(
      watchAddresses(addresses, this.#feed, log),
      () => control.close(),
      () => this.#clients.stop(),
    );
  }

  #takeRealTime(): void {
    adjustOutOfMemoryScore(-1000); // without the right to it we are as killable as others
    if (!this.#config.realtime) return;
    const taken = takeRealTime(this.#config.rtprio);
    if (taken.ok) return;
    this.#log.write(
      "no-real-time",
      "warn",
      `Running without real-time priority, so heartbeats may be late: ${faultText(taken.error)}`,
    );
  }

  /** Everything is read and checked beside us; what comes meanwhile is looked at afterwards. */
  #reread(): void {
    if (this.#scripts === undefined || this.#ending) return;
    if (this.#rereading !== undefined) {
      this.#rereading = "again";
      return;
    }
    this.#rereading = "once";
    this.#scripts.readConfiguration(this.#options, (read) => {
      const again = this.#rereading === "again";
      this.#rereading = undefined;
      if (this.#ending) return;
      this.#takeOver(read);
      if (again) this.#reread();
    });
  }

  /** All or nothing: while one file has an error, the others change nothing either (quirk 33). */
  #takeOver(read: ReadConfiguration | OtherVersion | string): void {
    if (typeof read === "string")
      return this.#keepConfiguration([{ id: "configuration-refused", text: `it could not be read: ${read}` }]);
    if ("otherVersion" in read) {
      const { restart, lines } = judgeOtherVersion(read);
      for (const { id, level, text } of lines) this.#log.write(id, level, text);
      return restart ? this.#feed({ on: "restart" }) : undefined;
    }
    if (read.ok) this.#feed({ on: "reread" });
    const changed = changedBetween(this.#stamps, read.stamps);
    if (changed.length === 0) return this.#log.write("configuration-unchanged", "info", "Configuration unchanged.");
    const complaints = read.messages.filter(({ level }) => level === "error" || level === "warn");
    if (!read.ok) return this.#keepConfiguration(complaints);
    for (const { id, level, text } of complaints) this.#log.write(id, level, text);
    const others = changed.filter((file) => basename(file) !== "authkeys");
    if (others.length < changed.length) {
      this.#stamps = new Map(
        [...read.stamps].map(([file, at]) => [file, others.includes(file) ? (this.#stamps.get(file) ?? 0) : at]),
      );
      this.#feed({ on: "keys", keys: read.config.keys });
    }
    if (others.length === 0) return;
    this.#log.write(
      "configuration-changed",
      "info",
      `Changed: ${others.join(", ")}. Restarting; what we hold stays where it is.`,
    );
    this.#feed({ on: "restart" });
  }

  #keepConfiguration(reasons: readonly Pick<Line, "id" | "text">[]): void {
    for (const { id, text } of reasons) this.#log.write(id, "error", text);
    this.#log.write(
      "configuration-refused",
      "error",
      "The new configuration has errors: heartbeat goes on with its old one, keys included.",
    );
  }

  #changeDebug(by: 1 | -1): void {
    const before = this.#log.debug;
    const level = this.#log.changeDebug(by);
    const text = `debug now set to ${level} [pid ${process.pid}]`;
    this.#log.write("debug-level", level > 0 ? "debug" : "info", text); // the step down to 0 would be filtered away
    if (before === 0 && level === 1) this.#log.write("starting", "info", `heartbeat: version ${version}`);
    this.#feed({ on: "debug-level", level });
  }

  /** The recorder on request; it holds no keys. */
  #flight(): string {
    const { localNode } = this.#config;
    const generation = this.#identity?.generation;
    return this.#recorder.text({ says: "on request", version, node: localNode, generation, seed: this.#seed });
  }

  /** Wrong is worse than down: keep what happened, say so, and go without goodbye to the runner, which then releases what we held. */
  #broken(error: unknown): void {
    if (this.#ending) process.exit(1);
    this.#ending = true;
    this.#loop?.close();
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    let kept = `the last inputs are in ${this.#paths.crash}`;
    try {
      const { localNode } = this.#config;
      const generation = this.#identity?.generation;
      this.#recorder.dump(this.#paths.crash, { says, version, node: localNode, generation, seed: this.#seed });
    } catch (dumpError) {
      kept = `the last inputs could not be kept: ${dumpError}`;
    }
    this.#log.write("internal-error", "emerg", `Internal error, heartbeat ends at once; ${kept}. ${says}`);
    this.#reporter.report({ started: false, code: 1, says: [`Internal error: ${says}`] });
    setTimeout(() => process.exit(1), lastWordsMax);
    void this.#log.close().then(() => process.exit(1));
  }

  async #end(code: number): Promise<void> {
    if (this.#ending) return;
    await this.#clearAway();
    process.exit(code);
  }

  /** The next process finds the runner, and with it all that is held. */
  async #succeed(): Promise<void> {
    if (this.#ending) return;
    this.#log.write("restarting", "info", "Performing heartbeat restart exec.");
    const supervised = this.#options.supervised === true;
    await this.#clearAway((scripts) => scripts.succession(supervised ? undefined : coreArguments(this.#options)));
    process.exit(supervised ? successionCode : 0);
  }

  async #clearAway(leave = (scripts: Scripts): Promise<void> | void => scripts.dismiss()): Promise<void> {
    this.#ending = true;
    this.#loop?.close();
    // Everything is released; after a broken invariant nobody comes here, and the machine restarts.
    this.#watchdog.close();
    for (const close of this.#closers.reverse()) close();
    if (this.#scripts !== undefined) await leave(this.#scripts);
    await this.#log.close();
  }
}

function sendSignal(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
