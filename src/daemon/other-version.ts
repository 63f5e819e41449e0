/**
 * The program on the disk is not the one that runs: a package was upgraded. Either the next core takes over what runs, or all goes on as it is,
 * and what is to be done about it is said.
 */
import { type Offer, runnerProtocol } from "../drivers/runner-protocol.ts";
import type { Line } from "./configuration.ts";
import type { OtherVersion } from "./configuration-text.ts";

export interface Judgement {
  /** This core makes room for the next one. */
  readonly restart: boolean;
  readonly lines: readonly Line[];
}

/** `ours`: the number of what a core and its runner say to each other. */
export function judgeOtherVersion(read: OtherVersion, ours = runnerProtocol): Judgement {
  const name = `Version ${read.otherVersion}`;
  if (read.runnerProtocol !== ours) {
    const text = `${name} is installed, which speaks protocol ${read.runnerProtocol} with its runner, and this one ${ours}: it cannot take over. Stop heartbeat and start it again.`;
    return { restart: false, lines: [{ id: "program-changed", level: "error", text }] };
  }
  if (!read.ok) {
    const text = `${name} is installed and has errors in these files: this one goes on.`;
    const why = read.says.map((says): Line => ({ id: "configuration-refused", level: "error", text: says }));
    return { restart: false, lines: [{ id: "program-changed", level: "error", text }, ...why] };
  }
  const text = `${name} is installed: restarting; what we hold stays where it is.`;
  return { restart: true, lines: [{ id: "program-changed", level: "info", text }] };
}

/** Why what a runner has is given up. */
export const incompatible = (pid: number, { version, protocol }: Offer): string =>
  `Version ${version} has left its runner [pid ${pid}], which speaks protocol ${protocol ?? 0}; this version speaks ${runnerProtocol} and cannot take over: what was held is stopped first.`;
