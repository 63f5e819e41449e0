import assert from "node:assert/strict";
import { test } from "node:test";
import { milliseconds } from "../../src/base/units.ts";
import { rebooter } from "../../src/drivers/reboot.ts";

test("a restart is said, disks get one keepalive, then the machine goes; once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const happened: string[] = [];
  const reboot = rebooter({
    keepalive: milliseconds(1000),
    sync: () => happened.push("sync"),
    log: (_id, level, text) => happened.push(`${level}: ${text}`),
    restart: () => {
      happened.push("restart");
      return "not permitted";
    },
  });
  reboot("svcA would not stop");
  reboot("again");
  const before = ["emerg: Rebooting system.  Reason: svcA would not stop", "sync"];
  assert.deepEqual(happened, before);
  context.mock.timers.tick(999);
  assert.deepEqual(happened, before);
  context.mock.timers.tick(5000);
  assert.deepEqual(happened, [...before, "restart", "emerg: This machine cannot be restarted: not permitted"]);
});
