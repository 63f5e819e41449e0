/** What the runner hears of systemd's units, from a bus that comes, goes, and comes back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { UnitWatch } from "../../src/runner/unit-watch.ts";
import { FakeBus, unitChange } from "../support/fake-bus.ts";
import { until } from "../support/until.ts";

function watching(t: TestContext, units: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "hb-bus-"));
  const path = join(folder, "bus");
  const heard: string[] = [];
  const watch = new UnitWatch({
    onDown: (unit) => heard.push(`down ${unit}`),
    onDeaf: (says) => heard.push(`deaf ${says}`),
    onHeard: () => heard.push("heard"),
  });
  t.after(() => {
    watch.watch("", []);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path,
    heard,
    start: () => watch.watch(path, units),
    change: (next: readonly string[]) => watch.watch(path, next),
  };
}

const asked = (bus: FakeBus, count: number) =>
  until("it has asked for all", () => bus.calls.filter((call) => call.startsWith("LoadUnit")).length === count);

test("what ends is heard at once; names of one unit, too", async (t) => {
  const { path, heard, start } = watching(t, ["web.service", "missing.service", "alias.service"]);
  await using bus = await FakeBus.listen(path);
  start();
  start(); // settings are said again when another core takes over
  await asked(bus, 3);
  const uid = Buffer.from(String(process.geteuid?.())).toString("hex");
  assert.deepEqual(bus.calls.slice(0, 5), [`\0AUTH EXTERNAL ${uid}`, "Hello", "AddMatch", "AddMatch", "Subscribe"]);
  await until("its answers were heard", () => {
    bus.say(unitChange("web.service", "failed"));
    return heard.includes("down alias.service");
  });
  assert.equal(heard[0], "down web.service");
  assert.equal(bus.calls.filter((call) => call === "Hello").length, 1);
});

test("without a bus it says so once, goes on trying, and says when it hears again", async (t) => {
  const { path, heard, start } = watching(t, ["web.service"]);
  start();
  await until("it has said so", () => heard.length > 0);
  assert.match(heard[0] ?? "", /^deaf connect ENOENT/);
  const began = performance.now();
  await until("it has tried again", () => performance.now() - began > 800);
  assert.equal(heard.length, 1);
  {
    await using bus = await FakeBus.listen(path);
    await until("it hears", () => heard.length > 1);
    assert.equal(heard[1], "heard");
    await asked(bus, 1);
  }
  await until("the bus has gone", () => heard.length > 2);
  assert.equal(heard[2], "deaf the bus has hung up");
  await using bus = await FakeBus.listen(path);
  await until("it hears again", () => heard.length > 3, 20_000);
  bus.say(unitChange("web.service", "inactive"));
  await until("a unit ended", () => heard.length > 4);
  assert.deepEqual(heard.slice(3), ["heard", "down web.service"]);
});

test("other units take the place of those before", async (t) => {
  const { path, heard, start, change } = watching(t, ["web.service"]);
  await using bus = await FakeBus.listen(path);
  start();
  await asked(bus, 1);
  change(["db.service"]);
  await asked(bus, 2);
  await until("it is heard of", () => {
    bus.say(unitChange("web.service", "failed"));
    bus.say(unitChange("db.service", "failed"));
    return heard.length > 0;
  });
  assert.ok(heard.every((each) => each === "down db.service"));
});
