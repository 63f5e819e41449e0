/** A runner's settings for tests: everything in one folder, short limits, and a door for the next core where one is named. */
import type { RunnerSettings } from "../../src/drivers/runner-protocol.ts";

export function runnerSettings(folder: string, door?: string): RunnerSettings {
  return {
    directories: [folder],
    environment: {},
    hooks: [],
    notifier: "/nowhere/harc",
    workingDirectory: "/",
    runDirectory: folder,
    stopTimeLimit: 500,
    stopRules: [],
    stopRetryPause: 100,
    restartsWhenStuck: false,
    ...(door === undefined
      ? {}
      : { adoption: { door, version: "4", core: process.pid, restarted: false, afterDeath: true } }),
    log: { entity: "heartbeat", pid: 1, host: "fox", syslogMessageFormat: true, stderr: false },
  };
}
