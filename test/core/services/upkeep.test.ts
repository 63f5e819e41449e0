import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../../src/base/units.ts";
import type { AddressOutcome } from "../../../src/core/input.ts";
import { type AddressResource, Upkeep, type UpkeepInput } from "../../../src/core/services/upkeep.ts";

const web: AddressResource = { kind: "address", text: "10.0.0.1/24", address: { ip: "10.0.0.1", prefix: 24 } };
const db: AddressResource = { kind: "address", text: "10.0.0.2/24", address: { ip: "10.0.0.2", prefix: 24 } };
const present: AddressOutcome = {
  result: "present",
  address: { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" },
};
const absent: AddressOutcome = { result: "absent" };
const failed: AddressOutcome = { result: "failed", says: "no eth0" };
const answer = (outcome: AddressOutcome): UpkeepInput => ({ on: "answer", resource: web, outcome });

function watched(...running: AddressResource[]) {
  const upkeep = new Upkeep(() => running);
  const feed = (input: UpkeepInput, at = 0): string[] =>
    upkeep.step(input, instant(at)).map((output) => {
      if (output.is === "order") return `${output.action} ${output.resource.address.ip}`;
      if (output.is === "not-back") return `${output.resource.text} is not back: ${output.why}`;
      return output.is === "log" ? `${output.level}: ${output.text}` : output.is;
    });
  return { upkeep, feed, running };
}

test("an address that went is put back and announced", () => {
  const { feed } = watched(web, db);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), ["status 10.0.0.1"]);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), [], "asked already");
  assert.deepEqual(feed(answer(absent)), [
    "warn: 10.0.0.1/24 was removed by somebody else: putting it back.",
    "add 10.0.0.1",
  ]);
  assert.deepEqual(feed(answer(present)), ["announce", "info: 10.0.0.1/24 is back on eth0."]);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), ["status 10.0.0.1"], "and again");
});

test("what is there, what is not wanted and what is not ours is left alone", () => {
  const { feed, running } = watched(web);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.9" }), []);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), ["status 10.0.0.1"]);
  assert.deepEqual(feed(answer(present)), []);
  feed({ on: "gone", ip: "10.0.0.1" });
  running.pop(); // a stop was ordered
  assert.deepEqual(feed(answer(absent)), []);
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), []);
});

test("when the kernel had more to tell than could be heard, all are looked at", () => {
  const { feed } = watched(web, db);
  assert.deepEqual(feed({ on: "gone", ip: undefined }), ["status 10.0.0.1", "status 10.0.0.2"]);
});

test("what cannot be put back is said once and tried every second, and after five its group is better elsewhere", () => {
  const { feed, upkeep } = watched(web);
  feed({ on: "gone", ip: "10.0.0.1" });
  feed(answer(absent));
  assert.deepEqual(feed(answer(failed), 100), [
    "crit: 10.0.0.1/24 cannot be put back: no eth0. It is tried again every second.",
  ]);
  assert.equal(upkeep.nextDeadline(), 1100);
  assert.deepEqual(feed({ on: "deadline" }, 1100), ["status 10.0.0.1"]);
  assert.deepEqual(feed(answer(absent), 1100), ["add 10.0.0.1"]);
  assert.deepEqual(feed(answer(failed), 1100), []);
  feed({ on: "deadline" }, 5100);
  feed(answer(absent), 5100);
  assert.deepEqual(feed(answer(failed), 5100), ["10.0.0.1/24 is not back: no eth0"]);
  feed({ on: "deadline" }, 6100);
  feed(answer(absent), 6100);
  assert.deepEqual(feed(answer(present), 6100), ["announce", "info: 10.0.0.1/24 is back on eth0."]);
  assert.equal(upkeep.nextDeadline(), undefined);
});

test("while maintenance lasts nothing is put back; when it ends what is gone is", () => {
  const { feed, upkeep } = watched(web);
  feed({ on: "gone", ip: "10.0.0.1" });
  assert.deepEqual(feed({ on: "maintenance", active: true }), []);
  assert.deepEqual(feed(answer(absent)), [], "asked before it began");
  assert.deepEqual(feed({ on: "gone", ip: "10.0.0.1" }), []);
  assert.deepEqual(feed({ on: "maintenance", active: false }), ["status 10.0.0.1"]);
  feed(answer(absent));
  feed(answer(failed), 100);
  feed({ on: "maintenance", active: true });
  assert.equal(upkeep.nextDeadline(), undefined, "what could not be put back is left alone, too");
});

test("what goes while it is looked at, or put back, is looked at once more", () => {
  const { feed } = watched(web);
  const gone: UpkeepInput = { on: "gone", ip: "10.0.0.1" };
  feed(gone);
  assert.deepEqual(feed(gone), []);
  assert.deepEqual(feed(answer(present)), ["status 10.0.0.1"], "the answer may be older than what was heard");
  feed(answer(absent));
  assert.deepEqual(feed(gone), [], "it is being put back");
  const back = ["announce", "info: 10.0.0.1/24 is back on eth0."];
  assert.deepEqual(feed(answer(present)), [...back, "status 10.0.0.1"]);
  assert.deepEqual(feed(answer(present)), [], "it is there");
  feed(gone);
  feed(gone);
  assert.equal(feed(answer(absent)).length, 2, "it had gone before it was put back");
  assert.deepEqual(feed(answer(present)), back);
});
