import assert from "node:assert/strict";
import test from "node:test";
import { Deadlines } from "../../src/base/deadlines.ts";
import { Prng } from "../../src/base/prng.ts";
import { type Instant, instant } from "../../src/base/units.ts";

/** The same, slow: looks at all of them each time. */
class Oracle {
  readonly at = new Map<number, Instant>();
  next(): Instant | undefined {
    return [...this.at.values()].sort((a, b) => a - b)[0];
  }
  due(now: Instant): number[] {
    const due = [...this.at].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [name] of due) this.at.delete(name);
    return due.map(([name]) => name);
  }
}

test("the earliest deadline is the earliest, whatever was set, moved, deleted, due or postponed before", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const prng = new Prng(seed);
    const deadlines = new Deadlines<number>();
    const oracle = new Oracle();
    let now = instant(0);
    for (let step = 0; step < 100; step++) {
      const name = prng.integer(0, 5);
      switch (prng.integer(0, 8)) {
        case 0:
          now = instant(now + prng.integer(0, 10));
          assert.deepEqual(deadlines.due(now), oracle.due(now));
          break;
        case 1:
          assert.equal(deadlines.delete(name), oracle.at.delete(name));
          break;
        case 2:
          if (prng.integer(0, 5) > 0) break;
          deadlines.clear();
          oracle.at.clear();
          break;
        case 3:
          deadlines.postpone(3, now);
          for (const [each, at] of oracle.at) oracle.at.set(each, instant(Math.max(at, now) + 3));
          break;
        default: {
          const at = instant(now + prng.integer(0, 20));
          deadlines.set(name, at);
          oracle.at.set(name, at);
        }
      }
      if (prng.integer(0, 2) > 0) assert.equal(deadlines.next(), oracle.next(), `seed ${seed}, step ${step}`);
    }
  }
});
