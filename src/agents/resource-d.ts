/**
 * Scripts of `/etc/ha.d/resource.d` and `/etc/init.d`: `NAME::argument::argument` in haresources.
 *
 * Scripts of resource.d say by the *text* of `status` whether the resource runs; the original never looks at the exit code, because too
 * many scripts get it wrong. For those of init.d the code is fixed by the LSB, and their texts are made for people; so there the
 * code decides (quirk 50), but a text that says the opposite is believed: starting what runs already is harmless.
 *
 * Source: docs/reference/resources.md, sections 2.2 and 3.1; LSB core 5.0, section 22.2 (status 0: running, 1 to 3: not).
 */
import { ok } from "../base/result.ts";
import type { Agent, StatusAnswer } from "./agent.ts";

export const resourceD: Agent = {
  kind: "script",
  read: ([script = "", ...args]) => ok({ script, args: args.filter((arg) => arg !== "") }),
  command: ({ script, args, action }) => ({ program: script, argv: [...args, action], environment: {} }),
  judge: (answer) => (runs(answer) ? "running" : "stopped"),
};

function runs({ code, output, init }: StatusAnswer): boolean {
  if (init && code === 0) return !/not *running|stopped|inactive/i.test(output);
  if (init && code >= 1 && code <= 3) return false;
  return runsByText(output);
}

/** True when the text of `status` says that the resource runs here. */
export function runsByText(output: string): boolean {
  if (/not *running/i.test(output)) return false;
  return /[Rr]unning|OK/.test(output);
}
