/**
 * Carries out the resources that need no script, each action as a script would: it ends once, in time, and `status` answers in words.
 *
 * `Delay`, `MailTo` and `SendArp` run when they were started; that is a file of `/run/heartbeat/rsctmp`, of the name that their agents give it, so
 * that their scripts say the same when a person asks. The directory is emptied when the daemon starts.
 *
 * Source: docs/reference/resources.md, section 3.6.
 * Deviations: the stop and the status of a delay (quirk 263), when a mail goes out (quirk 264), and what tells two of them apart (quirk 297).
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type BuiltIn, builtIns } from "../agents/built-in.ts";
import type { AgentAction, ProgramCall } from "../agents/resource.ts";
import type { AgentOutcome } from "../core/input.ts";
import { helperEnvironment, helperFlags } from "../drivers/helper-process.ts";
import { isOwnWrapper } from "../drivers/own-wrapper.ts";
import { runFileSystem } from "./filesystem.ts";
import { wordsOf } from "./last-will.ts";
import { sendMail } from "./mail.ts";
import { grace, Programs } from "./program.ts";
import { type Begun, findScript } from "./script.ts";
import { Announcements } from "./send-arp.ts";

export interface BuiltInCall extends ProgramCall {
  readonly action: AgentAction;
  /** In milliseconds. */
  readonly timeLimit: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly runDirectory: string;
  /** This machine's name in the cluster. */
  readonly node: string;
  /** Processes of the daemon: never ended, whatever file system they use. */
  readonly spared: readonly number[];
}

/** What Node.js is called with to run it. */
const diskUse = [...helperFlags, fileURLToPath(new URL(`./disk-use-main${extname(import.meta.url)}`, import.meta.url))];

/** Somebody's own script of that name is run instead (quirk 260). */
export function runsBuiltIn({ kind, script }: ProgramCall, directories: readonly string[]): boolean {
  if (kind !== "script" || !builtIns.has(script)) return false;
  const path = findScript(script, directories);
  return path === undefined || isOwnWrapper(path);
}

export class BuiltInResources {
  readonly #announcements = new Announcements();
  readonly #programs = new Programs();
  readonly #unreleased = new Set<string>();
  /** Programs of ours that may be in other tables of mounts just now: no users of what they unmount there. */
  readonly #inOtherTables = new Set<number>();
  readonly #remark: (resource: string, text: string) => void;

  readonly #mail: typeof sendMail;

  /** `remark` gets what a person should know of an action, also after its end. */
  constructor(remark: (resource: string, text: string) => void, mail = sendMail) {
    this.#remark = remark;
    this.#mail = mail;
  }

  /** `ended` resolves once, never from within this call. */
  run(call: BuiltInCall): Begun {
    const aborter = new AbortController();
    const { signal } = aborter;
    const timer = setTimeout(() => aborter.abort(), call.timeLimit);
    const late = new Promise<"late">((resolve) =>
      // What hangs in the kernel is not waited for; what can be ended has ended by then.
      signal.addEventListener("abort", () => setTimeout(() => resolve("late"), 2 * grace)),
    );
    const ended = Promise.race([this.#perform(call, signal), late])
      .then((code) => outcomeOf(code, call.action, signal))
      .finally(() => clearTimeout(timer));
    return { running: { kill: () => aborter.abort() }, ended };
  }

  async #perform(call: BuiltInCall, signal: AbortSignal): Promise<number> {
    const read = builtIns.get(call.script)?.(call.args);
    const remark = (text: string): void => this.#remark(wordsOf(call), text);
    try {
      if (read?.ok) return await this.#do(read.value, call, remark, signal);
      if (read !== undefined) remark(read.error);
      return 2;
    } catch (error) {
      if (!signal.aborted) remark(error instanceof Error ? error.message : String(error));
      return 1;
    }
  }

  async #do(what: BuiltIn, call: BuiltInCall, remark: (text: string) => void, signal: AbortSignal): Promise<number> {
    const { action, spared } = call;
    if (what.name === "Filesystem") {
      const inOtherTables = this.#inOtherTables;
      return await runFileSystem(what, action, {
        run: (programs, argv) => this.#programs.run(wordsOf(call), programs, argv, { ...call, signal }),
        askDisk: (argv) =>
          this.#programs.run(wordsOf(call), [process.execPath], [...diskUse, ...argv], {
            ...call,
            environment: helperEnvironment(call.environment),
            signal,
            running: this.#inOtherTables,
          }),
        ended: () => this.#programs.ended(wordsOf(call)),
        unreleased: this.#unreleased,
        remark,
        signal,
        get spared() {
          return [...spared, ...inOtherTables];
        },
      });
    }
    const mark = new Mark(call);
    if (action === "status") return mark.is ? 0 : 7;
    if (action === "start" ? mark.is && what.name !== "SendArp" : !mark.is) return 0;
    switch (what.name) {
      case "Delay":
        await pause(what[action], undefined, { signal });
        break;
      case "MailTo": {
        const done = action === "start" ? "taken over by" : "given up by";
        const subject = `${what.subject === "" ? "Resource group" : what.subject}: ${done} ${call.node}`;
        const text = `${subject}\n${new Date().toISOString()}`;
        const { environment, workingDirectory, runDirectory: directory } = call;
        const mail = { recipients: what.recipients, subject, text };
        void this.#mail(mail, { environment, workingDirectory, directory }).then((wrong) => {
          if (wrong !== undefined) remark(`no mail was sent: ${wrong}`);
        });
        break;
      }
      case "SendArp": {
        if (action === "stop") this.#announcements.end(mark.path);
        else {
          const wrong = this.#announcements.begin(mark.path, what, remark);
          if (wrong !== undefined) {
            remark(wrong);
            return 1;
          }
        }
        break;
      }
    }
    mark.set(action === "start");
    return 0;
  }
}

/** The file that says that a resource was started here. */
class Mark {
  readonly path: string;
  readonly #folder: string;

  constructor({ script, args, runDirectory }: BuiltInCall) {
    this.#folder = join(runDirectory, "rsctmp");
    const instance = `${script}_${args.length === 0 ? "default" : args.join("_")}`;
    this.path = join(this.#folder, asFileName(`${script}_${instance.replaceAll("/", "-")}`));
  }

  get is(): boolean {
    return existsSync(this.path);
  }

  set(runs: boolean): void {
    if (!runs) return rmSync(this.path, { force: true });
    mkdirSync(this.#folder, { recursive: true, mode: 0o755 });
    writeFileSync(this.path, "");
  }
}

function outcomeOf(code: number | "late", action: AgentAction, signal: AbortSignal): AgentOutcome {
  if (signal.aborted || code === "late") return { result: "timed-out" };
  const output = action !== "status" ? "" : code === 0 ? "running\n" : "stopped\n";
  return { result: "exited", code, output };
}

/** Bytes of a file's name (NAME_MAX of limits.h). */
const nameMax = 255;

/** What is too long is cut, and told from others that begin alike by its digest. */
function asFileName(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= nameMax) return name;
  return `${bytes.toString("latin1", 0, nameMax - 65).replaceAll(/[^\x20-\x7e]/g, "_")}-${createHash("sha256").update(bytes).digest("hex")}`;
}
