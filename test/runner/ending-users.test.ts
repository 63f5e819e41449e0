/** Who is told to end, and what the log says of it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { EndingUsers, endPatience, namesOf } from "../../src/runner/ending-users.ts";

const user = (pid: number) => ({ pid, name: "worker" });

test("a program of ours that was not yet spared when it was found is none the less", async (t) => {
  const [ours, other] = ["ours", "other"].map(() => spawn("sleep", ["60"], { stdio: "ignore" }));
  assert.ok(ours?.pid !== undefined && other?.pid !== undefined);
  t.after(() => ours.kill("SIGKILL"));
  const ended = new Promise((resolve) => other.once("exit", (_, signal) => resolve(signal)));
  const spared: number[] = [];
  const remarks: string[] = [];
  const run = async () => ({ code: 1, says: "" });
  const users = new EndingUsers({ run, remark: (text) => remarks.push(text), spared });
  const found = [user(ours.pid), user(other.pid)];
  spared.push(ours.pid);
  users.end(found, "users of /srv");
  assert.equal(await ended, "SIGTERM");
  assert.deepEqual(remarks, [`SIGTERM to users of /srv: worker (${other.pid})`]);
});

test("who is found late is told before he is ended", async (t) => {
  const found = spawn("sleep", ["60"], { stdio: "ignore" });
  assert.ok(found.pid !== undefined);
  t.after(() => found.kill("SIGKILL"));
  const ended = new Promise((resolve) => found.once("exit", (_, signal) => resolve(signal)));
  const users = new EndingUsers({ run: async () => ({ code: 1, says: "" }), remark: () => {}, spared: [] });
  await pause(endPatience + 50);
  users.end([], "users of /srv");
  users.end([user(found.pid)], "users of /srv");
  assert.equal(await ended, "SIGTERM");
});

test("ten are named, and the others counted", () => {
  const named = Array.from({ length: 10 }, (_, index) => `worker (${index})`).join(", ");
  const many = (count: number) => namesOf(Array.from({ length: count }, (_, index) => user(index)));
  assert.equal(many(10), named);
  assert.equal(many(5000), `${named}, and 4990 more`);
});
