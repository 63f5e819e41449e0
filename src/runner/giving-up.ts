/** Gives up what a core held that is gone, within the time that the other nodes wait: the last will with hands, log and clock. */

import { setTimeout as pause } from "node:timers/promises";
import type { LogId } from "../base/log-lines/index.ts";
import { type Beat, restartAt } from "../base/patience.ts";
import type { GuardedGroup, LogLevel } from "../core/effect.ts";
import type { AgentOutcome } from "../core/input.ts";
import { KernelAddresses } from "../drivers/address.ts";
import { LogSinks } from "../drivers/log-sinks.ts";
import { monotonic } from "../drivers/monotonic.ts";
import { Netlink } from "../drivers/netlink.ts";
import type { RunnerSettings } from "../drivers/runner-protocol.ts";
import { restartUnlessHeld, stopRuleOf } from "./last-resort.ts";
import { type GuardedScript, LastWill, wordsOf } from "./last-will.ts";

export interface GivingUp {
  readonly settings: RunnerSettings;
  /** Also what is starting. */
  readonly held: readonly GuardedGroup[];
  readonly beat: Beat | undefined;
  readonly interrupt: () => Promise<void>;
  /** `timeLimit` in milliseconds. */
  readonly stop: (script: GuardedScript, timeLimit: number) => Promise<AgentOutcome>;
}

/** Resolves when nothing more can be done here. */
export async function giveUp({ settings, held, beat, interrupt, stop }: GivingUp): Promise<void> {
  const netlink = Netlink.open();
  const addresses = netlink.ok ? new KernelAddresses(netlink.value) : undefined;
  const sinks = new LogSinks({ ...settings.log, pid: process.pid });
  const log = (id: LogId, level: LogLevel, text: string, group?: string): void =>
    sinks.write({ id, level, text, at: Date.now(), ...(group === undefined ? {} : { group }) });
  const until = restartAt(beat, monotonic());
  const will = new LastWill(held, {
    remove: (address) =>
      addresses?.perform("remove", address) ?? { result: "failed", says: "no routing socket can be opened" },
    interrupt,
    stop: (script, group) =>
      stop(script, stopRuleOf(settings, group, wordsOf(script))?.timeLimit ?? settings.stopTimeLimit),
    pause: async () => {
      if (monotonic() + settings.stopRetryPause >= until) return false;
      await pause(settings.stopRetryPause);
      return true;
    },
    log,
  });
  const done = will.execute();
  const early = new AbortController();
  await Promise.race([done, pause(until - monotonic(), undefined, { signal: early.signal }).catch(() => {})]);
  early.abort();
  await restartUnlessHeld(will.unstopped, settings, log);
  await done;
}
