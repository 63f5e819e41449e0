/** Whether the machine is to be restarted. The restart itself is played where a machine is at hand (test/interop). */
import assert from "node:assert/strict";
import test from "node:test";
import { restartAt } from "../../src/base/patience.ts";
import { monotonic } from "../../src/drivers/monotonic.ts";
import { restartUnlessHeld } from "../../src/runner/last-resort.ts";
import { LastWill } from "../../src/runner/last-will.ts";

const rule = { group: "disk", words: "Filesystem /dev/vg/lv /srv", timeLimit: 1000, hold: true };
const stuck = { group: "disk", words: "Filesystem /dev/vg/lv /srv" };

test("what ha4.cf says to hold is named and is no reason for a restart", async () => {
  const said: string[] = [];
  await restartUnlessHeld([stuck], { stopRules: [rule], restartsWhenStuck: true }, (_id, level, text) => {
    said.push(`${level} ${text}`);
  });
  assert.deepEqual(said, ["crit Filesystem /dev/vg/lv /srv of group disk would not stop and may still run here."]);
});

test("the restart comes a second before the others hold us dead, and never before each stop had its attempt", () => {
  const now = monotonic();
  assert.equal(restartAt({ at: now - 500, patience: 10_000 }, now), now + 8500);
  assert.equal(restartAt({ at: now - 9000, patience: 10_000 }, now), now + 2000);
  assert.equal(restartAt(undefined, now), now + 2000);
});

test("as long as what is starting has not ended, all that was held counts as still running", async () => {
  const disk = { kind: "script", script: "Filesystem", args: ["/dev/vg/lv", "/srv"] } as const;
  const will = new LastWill([{ key: "disk", resources: [disk] }], {
    remove: () => ({ result: "absent" }),
    interrupt: () => new Promise(() => {}),
    stop: async () => ({ result: "exited", code: 0, output: "" }),
    pause: async () => false,
    log: () => {},
  });
  void will.execute();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(will.unstopped, [stuck]);
});
