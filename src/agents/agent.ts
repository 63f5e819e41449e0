/**
 * A kind of program that runs a resource, as data: what to run for an action, and what its answer means.
 *
 * The runner carries the command out without a shell; the core judges the answer.
 */
import type { Result } from "../base/result.ts";
import type { AgentAction, ProgramKind } from "./resource.ts";

/** What a program said to a question for its state. */
export interface StatusAnswer {
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** It is a script of /etc/init.d. */
  readonly init: boolean;
}

export interface AgentCall {
  readonly script: string;
  readonly args: readonly string[];
  readonly action: AgentAction;
}

export interface Command {
  /** A name to be sought in the directories of resource scripts, or paths, of which the first that is there is run. */
  readonly program: string | readonly string[];
  readonly argv: readonly string[];
  /** Variables beside those that every script gets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Agent {
  readonly kind: ProgramKind;
  /** The word before the first `::` in haresources; undefined: any that no other agent has. */
  readonly prefix?: string;
  /** The rest of the token, split at `::`. On failure: how it is to be written. */
  read(parts: readonly string[]): Result<{ readonly script: string; readonly args: readonly string[] }, string>;
  /** Files of which one must be there for the resource to start; undefined: the script directories decide. */
  files?(script: string): readonly string[];
  command(call: AgentCall): Command;
  /** `unknown`: it may run. A start is tried then, but a stop has not succeeded. */
  judge(answer: StatusAnswer): "running" | "stopped" | "unknown";
}
