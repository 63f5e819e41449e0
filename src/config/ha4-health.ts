/**
 * What makes this node unfit to hold resources, in ha4.cf:
 *
 *     node-health
 *       carrier eth0
 *       disk /var/lib/heartbeat
 *       pings on
 *       interval 2
 *       patience 10
 *       recovery 300
 */
import { probeKinds } from "../agents/probes/index.ts";
import type { Probe } from "../agents/probes/probe.ts";
import { type Milliseconds, milliseconds, seconds } from "../base/units.ts";
import { time } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Word } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";

export const healthSection = "node-health";

export interface HealthCheck {
  readonly probe: Probe;
}

export interface HealthPlan {
  readonly checks: readonly HealthCheck[];
  /** Fewer ping nodes than another node reaches count. */
  readonly pings: boolean;
  readonly interval: Milliseconds;
  /** One look; then it counts as failed. */
  readonly timeLimit: Milliseconds;
  readonly patience: Milliseconds;
  readonly recovery: Milliseconds;
}

export const healthOptions = [
  {
    name: "carrier",
    form: "INTERFACE",
    summary: "It must be up, with a carrier. As many lines as there are interfaces.",
  },
  {
    name: "disk",
    form: "PATH",
    summary: "A file below it must be writable, and flushed in time. As many lines as there are disks.",
  },
  { name: "interval", form: "TIME", summary: "How often all this is looked at (2)." },
  { name: "patience", form: "TIME", summary: "What is wrong for so long makes the node unfit (10)." },
  { name: "pings", form: "on|off", summary: "Another node must not reach more ping nodes than this one (off)." },
  {
    name: "recovery",
    form: "TIME",
    summary: "What was wrong must be well for so long before the node is fit again (300).",
  },
  { name: "time-limit", form: "TIME", summary: "A look that takes longer has found something wrong (5)." },
] as const;

type TimeName = "interval" | "patience" | "recovery" | "time-limit";

const length = time(1);
/** Each takes a process of the runner's at every look. */
const checksMax = 32;

export class HealthSection {
  readonly #report: Report;
  readonly #checks: HealthCheck[] = [];
  readonly #times: Record<TimeName, Milliseconds> = {
    interval: seconds(2),
    patience: seconds(10),
    recovery: seconds(300),
    "time-limit": seconds(5),
  };
  #pings = false;

  constructor(report: Report) {
    this.#report = report;
  }

  /** A line below `node-health`. */
  read([name, value, extra]: readonly Word[]): void {
    if (name === undefined) return;
    const option = healthOptions.find((each) => each.name === name.text);
    if (option === undefined) {
      const known = healthOptions.map((each) => each.name).join(", ");
      return this.#bad(name, `node-health has no option [${shown(name.text)}]`, `options: ${known}`);
    }
    if (value === undefined || extra !== undefined)
      return this.#bad(extra ?? name, `${option.name} takes one value`, `write: ${option.name} ${option.form}`);
    switch (option.name) {
      case "carrier":
      case "disk": {
        const description = probeKinds.get(option.name);
        const probe = description?.read([value.text]);
        if (probe?.ok && this.#checks.length < checksMax) this.#checks.push({ probe: probe.value });
        else if (probe?.ok) this.#bad(value, `more than ${checksMax} checks`, "leave the less important ones out");
        else this.#bad(value, `${option.name}: not [${shown(value.text)}]`, `write: ${option.name} ${option.form}`);
        return;
      }
      case "pings":
        if (value.text === "on" || value.text === "off") this.#pings = value.text === "on";
        else this.#bad(value, "pings is on or off", "write: pings on");
        return;
      case "interval":
      case "patience":
      case "recovery":
      case "time-limit": {
        const read = length.read(value, this.#report);
        if (read !== undefined) this.#times[option.name] = milliseconds(read);
        return;
      }
    }
  }

  /** Undefined: nothing is looked at. */
  plan(): HealthPlan | undefined {
    if (this.#checks.length === 0 && !this.#pings) return undefined;
    const { interval, patience, recovery } = this.#times;
    return {
      checks: this.#checks,
      pings: this.#pings,
      interval,
      patience,
      recovery,
      timeLimit: this.#times["time-limit"],
    };
  }

  #bad(at: Word, says: string, help: string): void {
    this.#report.add("HB1103", at, says, help);
  }
}
