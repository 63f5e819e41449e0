import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../../src/base/units.ts";
import { AddressDefence, type DefenceInput } from "../../../src/core/services/address-defence.ts";

const address = { ip: "10.0.0.10", prefix: 24, device: "eth0", broadcast: "10.0.0.255" };
const claim = (mac: string): DefenceInput => ({ on: "claim", address, mac, device: "eth0" });

function defence() {
  const machine = new AddressDefence();
  const feed = (at: number, input: DefenceInput): string[] =>
    machine
      .step(input, instant(at))
      .map((output) =>
        output.is === "log" ? `${output.level}: ${output.text}` : output.again ? "announce once" : "announce",
      );
  return { machine, feed };
}

test("the first claim is said with its hardware address, and answered at once", () => {
  const { machine, feed } = defence();
  assert.deepEqual(feed(0, claim("02:00:00:00:00:66")), [
    "error: Another machine claims 10.0.0.10: hardware address 02:00:00:00:00:66, heard on eth0. Announcing ours again.",
    "announce",
  ]);
  assert.deepEqual(machine.view(), [{ ip: "10.0.0.10", mac: "02:00:00:00:00:66", device: "eth0", claims: 1 }]);
});

test("a claimant that insists is answered every second, later every ten; the rest is counted", () => {
  const { machine, feed } = defence();
  const answers: number[] = [];
  for (let at = 0; at <= 60_000; at += 100)
    if (feed(at, claim("a")).some((it) => it.startsWith("announce"))) answers.push(at);
  assert.deepEqual(
    answers,
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60].map((second) => second * 1000),
  );
  assert.equal(machine.view()[0]?.claims, 601);
});

test("claims under ever other hardware addresses get no more answers and no more lines than one claimant", () => {
  const { feed } = defence();
  let said = 0;
  for (let at = 0; at < 10_000; at += 10) said += feed(at, claim(`mac ${at}`)).length;
  assert.equal(said, 20, "a line and an announcement each second");
});

test("a minute without a claim closes the matter, and says so", () => {
  const { machine, feed } = defence();
  feed(0, claim("a"));
  feed(5000, claim("a"));
  assert.equal(machine.nextDeadline(), 65_000);
  assert.deepEqual(feed(64_999, { on: "deadline" }), []);
  assert.deepEqual(feed(65_000, { on: "deadline" }), [
    "notice: Nobody else claims 10.0.0.10 any more; last was a, 2 claims were heard.",
  ]);
  assert.deepEqual(machine.view(), []);
  assert.equal(feed(70_000, claim("a")).length, 2, "and the next one is news again");
});

test("an address that was released is nobody's business here", () => {
  const { machine, feed } = defence();
  feed(0, claim("a"));
  assert.deepEqual(feed(1, { on: "released", ip: "10.0.0.10" }), []);
  assert.deepEqual(machine.view(), []);
  assert.equal(machine.nextDeadline(), undefined);
});
