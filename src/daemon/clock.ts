/**
 * What time it is, for the loop's stamps.
 *
 * Comparisons use the monotonic clock only. The load average is one small read of /proc and is asked for at most once a second: a
 * node under a flood of datagrams need not read it for each.
 */
import { readFileSync } from "node:fs";
import { elapsed, type Instant, instant } from "../base/units.ts";
import type { Now } from "../core/input.ts";

export interface Clock {
  now(): Now;
  instant(): Instant;
}

/** How long a load average is fresh enough, in milliseconds: the kernel itself computes it every five seconds. */
const loadFresh = 1000;

export class SystemClock implements Clock {
  #load = "n/a";
  #loadReadAt: Instant | undefined;

  instant(): Instant {
    const [seconds, nanoseconds] = process.hrtime();
    return instant(seconds * 1000 + nanoseconds / 1e6);
  }

  now(): Now {
    const at = this.instant();
    if (this.#loadReadAt === undefined || elapsed(this.#loadReadAt, at) >= loadFresh) {
      this.#loadReadAt = at;
      this.#load = readLoad();
    }
    return { instant: at, wallSeconds: Math.floor(Date.now() / 1000), load: this.#load };
  }
}

/** The first line of /proc/loadavg; `n/a` where there is none, as the original says it. */
function readLoad(): string {
  try {
    return readFileSync("/proc/loadavg", "latin1").split("\n", 1)[0] || "n/a";
  } catch {
    return "n/a";
  }
}
