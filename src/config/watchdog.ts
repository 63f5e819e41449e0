/** What can be seen of a watchdog before it is opened. Whether a missing device matters depends on ha4.cf: the daemon may load its driver. */
import type { Milliseconds } from "../base/units.ts";
import type { Place } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";
import { timeOf } from "./check.ts";
import type { Scope } from "./draft.ts";
import type { Extension } from "./ha4-cf.ts";

export function checkWatchdog({ draft, facts, report }: Scope, extension: Extension | undefined): void {
  const given = draft.parameters.get("watchdog");
  if (given === undefined) return;
  const place = given.origin.from === "file" ? given.origin.place : undefined;
  if (facts.kernelPanic === 0)
    report.add(
      "HB0642",
      place,
      "kernel.panic is 0: a kernel that panics waits for the watchdog",
      "sysctl kernel.panic=1 restarts it at once; for good: echo kernel.panic=1 > /etc/sysctl.d/heartbeat.conf",
    );
  checkTime({ draft, report }, place, extension?.watchdogTimeout);
  const missing = facts.fileKind(given.text) === "missing";
  if (missing ? extension?.watchdogModule !== undefined : given.text.includes("watchdog")) return;
  const why = missing ? "it does not exist" : "it is no watchdog";
  report.add(
    "HB0603",
    place,
    `Cannot open watchdog device: ${shown(given.text)}: ${why}; nothing would reboot a machine that hangs`,
    missing
      ? "load the driver of the machine's watchdog, or write in ha4.cf: watchdog-module softdog"
      : "name the device of the machine's watchdog: /dev/watchdog",
  );
}

/** It is patted with each heartbeat, and the others take over after the dead time. */
function checkTime(
  { draft, report }: Pick<Scope, "draft" | "report">,
  place: Place | undefined,
  timeout: Milliseconds | undefined,
): void {
  if (timeout === undefined) return;
  const [keepalive, deadtime] = [timeOf(draft, "keepalive"), timeOf(draft, "deadtime")];
  const value = `watchdog-timeout of ${timeout} ms in ha4.cf`;
  const help = `write more than ${2 * keepalive} ms, and less than ${deadtime} ms (deadtime)`;
  if (timeout <= keepalive)
    report.add("HB1107", place, `${value}: keepalive is ${keepalive} ms, so it resets a machine that is well`, help);
  else if (timeout < 2 * keepalive)
    report.add(
      "HB1108",
      place,
      `${value}: one late heartbeat resets this machine (keepalive is ${keepalive} ms)`,
      help,
    );
  else if (timeout > deadtime)
    report.add("HB1108", place, `${value}: a machine that hangs is reset after it has been taken over`, help);
}
