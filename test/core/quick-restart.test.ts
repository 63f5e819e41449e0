import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../src/base/units.ts";
import { restartNotice } from "../../src/core/limits.ts";
import { QuickRestart } from "../../src/core/quick-restart.ts";

const at = instant;
const afterwards = instant(5000 + restartNotice);

test("nobody asked: nothing", () => {
  assert.equal(new QuickRestart().judge(true, true, at(0)), undefined);
});

test("it waits, said once, until nothing moves; then the others are told, and a second later it goes", () => {
  const restart = new QuickRestart();
  restart.request();
  assert.equal(restart.judge(false, true, at(0)), "waits");
  assert.equal(restart.judge(false, true, at(1)), undefined);
  assert.equal(restart.judge(true, true, at(5000)), "announce");
  assert.equal(restart.nextDeadline(), afterwards);
  restart.request(); // asked again: no second announcement
  assert.equal(restart.judge(true, true, at(5001)), undefined);
  assert.equal(restart.judge(true, true, afterwards), "go");
  assert.equal(restart.nextDeadline(), undefined);
  assert.equal(restart.judge(true, true, instant(60_000)), undefined);
});

test("the programs that live with the daemon end before it does", () => {
  const restart = new QuickRestart();
  restart.request();
  assert.equal(restart.judge(true, false, at(5000)), "announce");
  assert.equal(restart.judge(true, false, instant(60_000)), undefined);
  assert.equal(restart.judge(true, true, instant(60_001)), "go");
});

test("an orderly stop goes before, also when it comes first", () => {
  const restart = new QuickRestart();
  restart.request();
  assert.equal(restart.judge(true, true, at(5000)), "announce");
  assert.equal(restart.cancel(), true, "the others have been told");
  assert.equal(restart.cancel(), false);
  assert.equal(restart.nextDeadline(), undefined);
  assert.equal(restart.judge(true, true, afterwards), undefined);
  restart.request();
  assert.equal(restart.judge(true, true, afterwards), undefined);
});

test("what begins to move between the announcement and the end is waited for", () => {
  const restart = new QuickRestart();
  restart.request();
  assert.equal(restart.judge(true, true, at(5000)), "announce");
  assert.equal(restart.judge(false, true, afterwards), undefined);
  assert.equal(restart.nextDeadline(), undefined);
  assert.equal(restart.judge(false, true, instant(60_000)), undefined);
  assert.equal(restart.judge(true, true, instant(60_001)), "go");
});
