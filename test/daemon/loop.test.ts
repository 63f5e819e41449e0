import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { InvariantViolation } from "../../src/base/invariant.ts";
import { after, type Instant, instant, mediumName, milliseconds, operationId } from "../../src/base/units.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input, Now } from "../../src/core/input.ts";
import { type Clock, SystemClock } from "../../src/daemon/clock.ts";
import { type Brain, Loop } from "../../src/daemon/loop.ts";
import { Recorder } from "../../src/daemon/recorder.ts";

const clock = new SystemClock();

/** A core of a few lines: keeps what it was given, answers what the test says. */
class Stub implements Brain {
  readonly seen: Input[] = [];
  deadline: Instant | undefined;
  answer: (input: Input, now: Now) => readonly Effect[] = () => [];

  step(input: Input, now: Now): readonly Effect[] {
    this.seen.push(input);
    if (input.on === "deadline") this.deadline = undefined;
    return this.answer(input, now);
  }
  nextDeadline(): Instant | undefined {
    return this.deadline;
  }
  kinds(): string[] {
    return this.seen.map((input) => input.on);
  }
}

/** Stands still until it is told to go on. */
class HandClock implements Clock {
  at = instant(1000);

  instant(): Instant {
    return this.at;
  }
  now(): Now {
    return { instant: this.at, wallSeconds: 0, load: "n/a" };
  }
}

function looped(
  perform: (effect: Effect, loop: Loop) => void = () => {},
  keepalive = milliseconds(1000),
  by: Clock = clock,
) {
  const brain = new Stub();
  const broken: unknown[] = [];
  const recorder = new Recorder();
  const loop: Loop = new Loop({
    brain,
    clock: by,
    recorder,
    perform: (effect) => perform(effect, loop),
    keepalive,
    onBroken: (error) => broken.push(error),
  });
  return { brain, broken, loop, recorder };
}

async function until(condition: () => boolean, says: string): Promise<void> {
  const limit = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < limit, says);
    await pause(2);
  }
}

const removal: Effect = { do: "address", operation: operationId(1), action: "remove", address: { ip: "10.0.0.1" } };

test("an address is carried out behind what else was decided, and its answer is the next step of the same turn", () => {
  const order: string[] = [];
  const { brain, loop } = looped((effect, into) => {
    order.push(effect.do);
    if (effect.do !== "address") return;
    into.feed({ on: "address-finished", operation: effect.operation, outcome: { result: "absent" } });
    order.push("returned");
  });
  brain.answer = (input) => {
    if (input.on === "start") return [removal, { do: "transmit", bytes: new Uint8Array(1) }];
    return input.on === "address-finished" ? [{ do: "exit", code: 0 }] : [];
  };
  loop.feed({ on: "start" });
  assert.deepEqual(brain.kinds(), ["start", "address-finished"]);
  assert.deepEqual(order, ["transmit", "address", "returned", "exit"]);
  loop.close();
});

test("hundreds of addresses leave room: what arrives, and deadlines, go between them; all are carried out in order", async () => {
  const count = 40;
  const done: number[] = [];
  const time = new HandClock();
  const perform = (effect: Effect, into: Loop): void => {
    if (effect.do !== "address") return;
    time.at = after(time.at, milliseconds(2));
    done.push(effect.operation);
    into.feed({ on: "address-finished", operation: effect.operation, outcome: { result: "absent" } });
  };
  const { brain, loop } = looped(perform, milliseconds(1000), time);
  brain.answer = (input) => {
    if (input.on === "deadline") brain.deadline = after(time.at, milliseconds(20));
    if (input.on !== "start") return [];
    return Array.from({ length: count }, (_, i) => ({ ...removal, operation: operationId(i + 1) }));
  };
  brain.deadline = after(time.at, milliseconds(20));
  loop.feed({ on: "start" });
  assert.equal(done.length, 3, "5 ms are over after three of them");
  let arriving = setImmediate(function arrive() {
    loop.feed({ on: "debug-level", level: 0 });
    arriving = setImmediate(arrive);
  });
  await until(() => done.length === count, "not all were carried out");
  clearImmediate(arriving);
  loop.close();
  assert.deepEqual(
    done,
    Array.from({ length: count }, (_, i) => i + 1),
  );
  const kinds = brain.kinds();
  const last = kinds.lastIndexOf("address-finished");
  const between = kinds.slice(0, last);
  assert.ok(between.filter((kind) => kind === "debug-level").length >= 3, kinds.join(" "));
  assert.ok(between.filter((kind) => kind === "deadline").length >= 2, kinds.join(" "));
});

test("one order is carried out in the turn in which it is given, however long that took to decide", () => {
  const time = new HandClock();
  const performed: string[] = [];
  const { brain, loop } = looped((effect) => void performed.push(effect.do), milliseconds(1000), time);
  brain.answer = () => {
    time.at = after(time.at, milliseconds(100));
    return [removal];
  };
  loop.feed({ on: "start" });
  assert.deepEqual(performed, ["address"]);
  loop.close();
});

test("a deadline is fed once, not before its time", async () => {
  const { brain, loop } = looped();
  const due = after(clock.instant(), milliseconds(30));
  let fedAt: Instant | undefined;
  brain.deadline = due;
  brain.answer = (input, now) => {
    if (input.on === "deadline") fedAt = now.instant;
    return [];
  };
  loop.feed({ on: "start" });
  await until(() => fedAt !== undefined, "the deadline was never fed");
  await pause(20);
  assert.deepEqual(brain.kinds(), ["start", "deadline"]);
  assert.ok(fedAt !== undefined && fedAt >= due, "too early");
  loop.close();
});

test("a deadline that moves earlier replaces the timer; one that vanishes is not fed", async () => {
  const { brain, loop } = looped();
  brain.deadline = after(clock.instant(), milliseconds(60_000));
  loop.feed({ on: "start" });
  brain.deadline = after(clock.instant(), milliseconds(10));
  loop.feed({ on: "debug-level", level: 0 });
  await until(() => brain.seen.length === 3, "the earlier deadline was never fed");
  brain.deadline = after(clock.instant(), milliseconds(5));
  loop.feed({ on: "debug-level", level: 1 });
  brain.deadline = undefined;
  loop.feed({ on: "debug-level", level: 2 });
  await pause(30);
  assert.deepEqual(brain.kinds(), ["start", "debug-level", "deadline", "debug-level", "debug-level"]);
  loop.close();
});

test("a wait longer than a timer can hold does not fire at once", async () => {
  const { brain, loop } = looped();
  brain.deadline = after(clock.instant(), milliseconds(2 ** 33));
  loop.feed({ on: "start" });
  await pause(20);
  assert.deepEqual(brain.kinds(), ["start"]);
  loop.close();
});

test("after a sleep, datagrams the kernel holds come first, then the sleep is admitted, then the deadline", async (t) => {
  const { brain, loop } = looped(undefined, milliseconds(20));
  const medium = mediumName("lo");
  const receiver = createSocket("udp4", (bytes) => loop.feed({ on: "datagram", medium, bytes }));
  const sender = createSocket("udp4");
  t.after(() => {
    loop.close();
    receiver.close();
    sender.close();
  });
  receiver.bind(0, "127.0.0.1");
  await once(receiver, "listening");
  sender.connect(receiver.address().port, "127.0.0.1");
  await once(sender, "connect");
  for (let i = 0; i < 5; i++) sender.send(Buffer.from([i]));
  brain.deadline = after(clock.instant(), milliseconds(10));
  loop.feed({ on: "start" });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // the whole process sleeps, as under SIGSTOP
  await until(() => brain.kinds().includes("deadline"), "the deadline was never fed");
  assert.deepEqual(brain.kinds(), ["start", "stalled", ...Array(5).fill("datagram"), "deadline"]);
  const stalled = brain.seen.find((input) => input.on === "stalled");
  assert.ok(stalled !== undefined && stalled.late >= 85 && stalled.late < 2000, `late ${stalled?.late}`);
});

test("what breaks in the core stops the loop, once, with the inputs at hand", async () => {
  const { brain, broken, loop, recorder } = looped();
  brain.deadline = after(clock.instant(), milliseconds(5));
  brain.answer = (input) => {
    if (input.on === "stop") throw new InvariantViolation("two and two is five");
    return [];
  };
  loop.feed({ on: "datagram", medium: mediumName("eth0"), bytes: Buffer.from("hello") });
  loop.feed({ on: "stop" });
  loop.feed({ on: "stop" });
  await pause(20);
  assert.deepEqual(brain.kinds(), ["datagram", "stop"]);
  assert.equal(broken.length, 1);
  assert.ok(broken[0] instanceof InvariantViolation);
  const [heading, datagram, stop] = recorder
    .text({ says: "test" })
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(heading, { says: "test" });
  assert.deepEqual(datagram.input, { on: "datagram", medium: "eth0", bytes: { base64: "aGVsbG8=" } });
  assert.equal(stop.input.on, "stop");
});

for (const [name, effect] of [
  ["a turn", { do: "beat", patience: milliseconds(1) }],
  ["addresses", removal],
] as const)
  test(`what feeds itself for ever is an error, not a hang: ${name}`, async () => {
    const { brain, broken, loop } = looped((_effect, into) => into.feed({ on: "stop" }));
    brain.answer = () => [effect];
    loop.feed({ on: "start" });
    await until(() => broken.length > 0, "it goes on");
    assert.match(String(broken[0]), /one turn does not end/);
  });
