/**
 * What is left when something would not stop and the others are about to start it: this machine is restarted, unless ha4.cf says of it that
 * it is to be held (quirk 112). The core does the same while it lives.
 */
import type { LogId } from "../base/log-lines/index.ts";
import { milliseconds } from "../base/units.ts";
import type { LogLevel } from "../core/effect.ts";
import { rebooter, restartMachine } from "../drivers/reboot.ts";
import type { RunnerSettings, StopRule } from "../drivers/runner-protocol.ts";
import type { StuckScript } from "./last-will.ts";
import { syncDisks } from "./sync-disks.ts";

/** For the disks to take what is waiting for them. */
const diskTime = milliseconds(500);

type Settings = Pick<RunnerSettings, "stopRules" | "restartsWhenStuck">;

export const stopRuleOf = ({ stopRules }: Settings, group: string, words: string): StopRule | undefined =>
  stopRules.find((rule) => rule.group === group && rule.words === words);

/** Resolves when the machine goes on all the same, or need not be restarted. */
export async function restartUnlessHeld(
  unstopped: readonly StuckScript[],
  settings: Settings,
  log: (id: LogId, level: LogLevel, text: string, group?: string) => void,
): Promise<void> {
  for (const { group, words } of unstopped)
    log("would-not-stop", "crit", `${words} of group ${group} would not stop and may still run here.`, group);
  const guilty = unstopped.find(({ group, words }) => stopRuleOf(settings, group, words)?.hold !== true);
  if (guilty === undefined || !settings.restartsWhenStuck) return;
  const reboot = rebooter({ keepalive: diskTime, sync: syncDisks, log, restart: restartMachine });
  await reboot(`${guilty.words} would not stop`);
}
