/**
 * Programs that live and die with the daemon: `respawn` and `failfast` lines of ha.cf.
 *
 * They are started when communication is up, in the order of the file, and again whenever they end: at once after a long life, a second
 * later after a short one, and ever more slowly when they go on ending. Exit code 100 is a program's own word that it is not wanted here.
 * A `failfast` program that fails takes the machine with it. When the node leaves, the programs are ended one after the other, the last
 * one first, because a later one may need an earlier one.
 *
 * Source: docs/reference/resources.md, section 15; log lines are the original's.
 * Deviations: a program that keeps ending is never given up for good (quirk 160); one that does not end when told to is killed (quirk 161).
 */

import { Deadlines } from "../../base/deadlines.ts";
import { unreachable } from "../../base/exhaustive.ts";
import type { LogId } from "../../base/log-lines/index.ts";
import { after, elapsed, type Instant, instant, type Milliseconds, milliseconds } from "../../base/units.ts";
import type { ChildConfig } from "../../config/cluster-config.ts";
import type { Effect, LogLevel } from "../effect.ts";
import type { ChildOutcome, Input } from "../input.ts";
import { childEndMax, childLongestWait, childShortLife, childShortLivesMax, childWait } from "../limits.ts";
import type { Machine } from "../machine.ts";
import type { ChildView } from "../view.ts";
import { signalText } from "./signal-text.ts";

export type ChildrenInput =
  | Extract<Input, { readonly on: "child-started" | "child-ended" | "deadline" }>
  /** Communication is up. */
  | { readonly on: "start" }
  /** The node begins to leave. */
  | { readonly on: "node-stops" }
  /** All resources are released and that is said: end them. */
  | { readonly on: "leave" };

export type ChildrenOutput =
  | { readonly is: "effect"; readonly effect: Effect }
  /** The process ended, and with it what it had signed on as. */
  | { readonly is: "ended"; readonly pid: number }
  /** Answer to `leave`: none runs any more. */
  | { readonly is: "all-ended" };

interface Child {
  readonly number: number;
  readonly config: ChildConfig;
  /** `starting`: ordered, its process has no number yet. */
  phase: ChildView["state"];
  pid: number | undefined;
  startedAt: Instant;
  /** Short lives in a row. */
  shortLives: number;
}

export class Children implements Machine<ChildrenInput, ChildrenOutput> {
  readonly #children: readonly Child[];
  /** Whether the lines that the original writes only when debugging are wanted. */
  readonly #debugging: () => boolean;
  readonly #startAt = new Deadlines<Child>();
  /** While leaving: the one that is being ended, and when patience with it ends. */
  #ending: Child | undefined;
  readonly #killAt = new Deadlines<Child>();
  /** The node releases its resources: nothing is started again, and no end of a program is a failure (section 15, rules 2 and 3). */
  #stopping = false;
  #killed = false;
  #leaving = false;
  #out: ChildrenOutput[] = [];

  /** A child's number is its place in `children`. */
  constructor(children: readonly ChildConfig[], debugging: () => boolean) {
    this.#debugging = debugging;
    this.#children = children.map((config, number) => ({
      number,
      config,
      phase: "waiting",
      pid: undefined,
      startedAt: instant(0),
      shortLives: 0,
    }));
  }

  step(input: ChildrenInput, now: Instant): readonly ChildrenOutput[] {
    this.#out = [];
    switch (input.on) {
      case "start":
        if (!this.#leaving && !this.#stopping) for (const child of this.#children) this.#start(child, now);
        break;
      case "child-started":
        this.#started(this.#children[input.child], input.pid, now);
        break;
      case "child-ended":
        this.#ended(this.#children[input.child], input.outcome, now);
        break;
      case "node-stops":
        this.#stopping = true;
        this.#startAt.clear();
        break;
      case "leave":
        if (!this.#leaving) this.#leave(now);
        break;
      case "deadline":
        for (const child of this.#startAt.due(now)) this.#start(child, now);
        for (const child of this.#killAt.due(now)) this.#patienceEnded(child, now);
        break;
      default:
        unreachable(input);
    }
    return this.#out;
  }

  nextDeadline(): Instant | undefined {
    const [start, kill] = [this.#startAt.next(), this.#killAt.next()];
    return start === undefined || (kill !== undefined && kill < start) ? kill : start;
  }

  views(): ChildView[] {
    return this.#children.map(({ config, phase, pid, shortLives }) => ({
      command: config.command,
      state: phase,
      ...(pid === undefined ? {} : { pid }),
      shortLives,
    }));
  }

  #start(child: Child, now: Instant): void {
    const { command, path, args, user, uid, gid } = child.config;
    child.phase = "starting";
    child.startedAt = now;
    this.#log("child-start", "info", `Starting child client "${command}" (${uid},${gid})`);
    this.#effect({ do: "start-child", child: child.number, path, args, user, uid, gid });
  }

  #started(child: Child | undefined, pid: number, now: Instant): void {
    if (child === undefined || child.phase !== "starting") return;
    const { command, uid, gid } = child.config;
    child.phase = "running";
    child.pid = pid;
    child.startedAt = now;
    this.#log("child-started", "info", `Starting "${command}" as uid ${uid}  gid ${gid} (pid ${pid})`);
  }

  #ended(child: Child | undefined, outcome: ChildOutcome, now: Instant): void {
    if (child === undefined || (child.phase !== "starting" && child.phase !== "running")) return;
    const { pid } = child;
    this.#tell(child, outcome);
    child.phase = "waiting";
    child.pid = undefined;
    if (pid !== undefined) this.#out.push({ is: "ended", pid });
    if (this.#leaving) {
      if (child === this.#ending) this.#endNext(now);
      return;
    }
    if (this.#stopping) {
      child.phase = "over"; // its service is being stopped, and it noticed
      return;
    }
    if (child.config.kind === "failfast" && isFailure(outcome))
      return this.#effect({ do: "reboot", reason: child.config.command });
    if (outcome.how === "exited" && outcome.code === 100) {
      child.phase = "over";
      return;
    }
    this.#again(child, now);
  }

  #again(child: Child, now: Instant): void {
    const short = elapsed(child.startedAt, now) < childShortLife;
    child.shortLives = short ? child.shortLives + 1 : 0;
    const wait = waitAfter(child.shortLives);
    const { command } = child.config;
    if (child.shortLives > childShortLivesMax) {
      this.#log("child-too-fast", "error", `Client ${command} "respawning too fast"`); // quirk 160
      this.#log("child-later", "info", `Client ${command} is started again in ${Math.round(wait / 1000)} s.`);
    } else this.#log("child-again", "error", `Respawning client "${command}":`);
    if (wait === 0) this.#start(child, now);
    else this.#startAt.set(child, after(now, wait));
  }

  #tell({ config: { command }, pid }: Child, outcome: ChildOutcome): void {
    const whileDebugging = (text: string): void => {
      if (this.#debugging()) this.#log("child-ended", this.#leaving ? "debug" : "error", text);
    };
    switch (outcome.how) {
      case "exited": {
        const text = `Managed ${command} process ${pid} exited with return code ${outcome.code}.`;
        this.#log("child-ended", this.#leaving ? "debug" : outcome.code === 0 ? "info" : "warn", text);
        if (outcome.code !== 0) whileDebugging(`Client ${command} exited with return code ${outcome.code}.`);
        return;
      }
      case "killed": {
        const signal = signalText(outcome.signal);
        this.#log(
          "child-ended",
          this.#leaving ? "debug" : "warn",
          `Managed ${command} process ${pid} killed by signal ${signal.text}.`,
        );
        return whileDebugging(`Client ${command} (pid=${pid}) killed by signal ${signal.number}.`);
      }
      case "not-started":
        return this.#log("child-not-started", "error", `Cannot exec ${command}: ${outcome.says}`);
      case "lost":
        return this.#log("child-lost", "warn", `${command} ended with the runner: ${outcome.says}`);
      default:
        return unreachable(outcome);
    }
  }

  // --- Leaving ----------------------------------------------------------------------------------------------------------

  #leave(now: Instant): void {
    this.#leaving = true;
    this.#startAt.clear();
    this.#endNext(now);
  }

  /** The last one that is left; nobody is ended before those after it have ended. */
  #endNext(now: Instant): void {
    const before = this.#ending?.number ?? this.#children.length;
    if (this.#ending !== undefined) this.#killAt.delete(this.#ending);
    for (const child of this.#children.slice(0, before).reverse()) {
      this.#ending = child;
      this.#killed = false;
      const { command } = child.config;
      if (child.phase === "waiting" || child.phase === "over") {
        this.#log("child-not-running", "info", `client [${command}] is not running.`);
        continue;
      }
      this.#log("child-end", "info", `killing ${command} process group ${child.pid ?? "(starting)"} with signal 15`);
      this.#effect({ do: "signal-child", child: child.number, signal: "SIGTERM" });
      this.#killAt.set(child, after(now, childEndMax));
      return;
    }
    this.#out.push({ is: "all-ended" });
  }

  /** Told to end, then killed; what even that does not end is in the hands of the kernel, and is left to it (quirk 161). */
  #patienceEnded(child: Child, now: Instant): void {
    if (child !== this.#ending) return;
    if (this.#killed) return this.#endNext(now);
    this.#killed = true;
    const { command } = child.config;
    this.#log("child-kill", "error", `${command} has not ended within ${childEndMax / 1000} s: killing it.`);
    this.#effect({ do: "signal-child", child: child.number, signal: "SIGKILL" });
    this.#killAt.set(child, after(now, childWait));
  }

  #log(id: LogId, level: LogLevel, text: string): void {
    this.#effect({ do: "log", id, level, text });
  }

  #effect(effect: Effect): void {
    this.#out.push({ is: "effect", effect });
  }
}

/** The program itself went wrong; that it could not be started, or went with the runner, is no word of its own. */
const isFailure = (outcome: ChildOutcome): boolean =>
  outcome.how === "killed" || (outcome.how === "exited" && outcome.code !== 0);

/** Nothing after a long life, a second after a short one; from the eleventh in a row on twice as long each time. */
function waitAfter(shortLives: number): Milliseconds {
  if (shortLives === 0) return milliseconds(0);
  const doublings = Math.max(0, shortLives - childShortLivesMax);
  return milliseconds(Math.min(childLongestWait, childWait * 2 ** doublings));
}
