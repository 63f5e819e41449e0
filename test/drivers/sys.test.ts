import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { errno, errnoName, errnoText } from "../../src/drivers/sys/errno.ts";
import { addonPath, loadNative } from "../../src/drivers/sys/load.ts";
import { numbersFor } from "../../src/drivers/sys/numbers.ts";
import { unixAddress } from "../../src/drivers/sys/socket.ts";
import { loadSystem } from "../../src/drivers/sys/system.ts";
import { until } from "../support/until.ts";

const native = loadNative();
assert.ok(native.ok, native.ok ? "" : native.error.says);
const { sys, watch, unwatch } = native.value;
const getpid = process.arch === "x64" ? 39 : 172;
const pipe2 = process.arch === "x64" ? 293 : 59;
const write = process.arch === "x64" ? 1 : 64;
const close = process.arch === "x64" ? 3 : 57;

function makePipe(): readonly [number, number] {
  const ends = new Int32Array(2);
  assert.equal(sys(pipe2, new Uint8Array(ends.buffer), 0), 0);
  return [ends[0] ?? -1, ends[1] ?? -1];
}

test("a system call's answer, and its failure as a negative errno", () => {
  assert.equal(sys(getpid), process.pid);
  assert.equal(sys(close, 9999), -9);
  assert.equal(sys(getpid, 1, 2n, null, new Uint8Array(1), new Uint8Array(0)), process.pid);
});

test("a wrong address is the kernel's to refuse, not ours to die of", () => {
  const [read, written] = makePipe();
  assert.equal(errnoName(sys(write, written, 12_345, 10)), "EFAULT");
  sys(close, read);
  sys(close, written);
});

test("bad arguments throw a TypeError or are answered with EINVAL", () => {
  const wrong = (call: (...args: never[]) => unknown, ...args: unknown[]) =>
    assert.throws(() => Reflect.apply(call, undefined, args), TypeError, JSON.stringify(args.map(String)));
  wrong(sys);
  wrong(sys, "1");
  wrong(sys, getpid, "text");
  wrong(sys, getpid, {});
  wrong(sys, getpid, Symbol("x"));
  wrong(sys, getpid, () => {});
  wrong(sys, getpid, 1, 2, 3, 4, 5, 6, 7);
  wrong(watch);
  wrong(watch, 0, 1);
  wrong(watch, "0", 1, () => {});
  wrong(unwatch);
  wrong(unwatch, "1");
  assert.equal(errnoName(watch(-1, 1, () => {})), "EINVAL");
  assert.equal(errnoName(watch(0, 64, () => {})), "EINVAL");
  assert.equal(errnoName(watch(9999, 1, () => {})), "EBADF");
  assert.equal(unwatch(4711), false);
});

test("readiness: told until unwatched, also from within; a descriptor may be watched again", async () => {
  const [read, written] = makePipe();
  for (let round = 0; round < 3; round++) {
    let told = 0;
    const id = watch(read, 1, (events, status) => {
      assert.deepEqual([events & 1, status], [1, 0]);
      if (++told === 2) assert.equal(unwatch(id), true);
    });
    assert.ok(id > 0);
    if (round === 0) sys(write, written, Buffer.from("x"), 1);
    await until("told twice", () => told >= 2);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(told, 2);
    assert.equal(unwatch(id), false);
  }
  sys(close, read);
  sys(close, written);
});

test("an exception in a callback is an uncaught exception, not a crash", () => {
  const program = `
    const { sys, watch } = require(${JSON.stringify(addonPath())});
    const ends = new Int32Array(2);
    sys(${pipe2}, ends, 0);
    watch(ends[0], 1, () => { throw new Error("thrown") });
    process.on("uncaughtException", (error) => { console.log(error.message); process.exit(7) });
    sys(${write}, ends[1], Buffer.from("x"), 1);`;
  assert.throws(
    () => execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }),
    (error: { status?: number; stdout?: string }) => error.status === 7 && error.stdout === "thrown\n",
  );
});

test("a worker that ends with watches open leaves nothing behind", async () => {
  const program = `
    const { sys, watch } = require(${JSON.stringify(addonPath())});
    for (let i = 0; i < 100; i++) {
      const ends = new Int32Array(2);
      sys(${pipe2}, ends, 0);
      watch(ends[0], 1, () => {});
      watch(ends[1], 4, () => {});
      globalThis.kept = [...(globalThis.kept ?? []), ...ends];
    }
    const end = () => { for (const fd of globalThis.kept) sys(${close}, fd); process.exit(0) };
    // Behind the first poll: libuv registers what is watched there, and aborts where it has been closed before (on a busy machine a timer may come first).
    setImmediate(() => setTimeout(end, 10));`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(program, { eval: true });
    const code = await new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
    assert.equal(code, 0);
  }
});

test("each processor's table is complete and without repetition", () => {
  for (const architecture of ["x64", "arm64"]) {
    const numbers = Object.values(numbersFor(architecture) ?? {});
    assert.ok(numbers.length > 10);
    assert.equal(new Set(numbers).size, numbers.length, architecture);
  }
  assert.equal(numbersFor("mips"), undefined);
});

test("errors have names; a path that is too long for a socket is refused", () => {
  assert.equal(errnoText(errno.EPERM), "operation not permitted (EPERM)");
  assert.equal(errnoText(-4711), "errno 4711");
  assert.equal(unixAddress("x".repeat(108)), undefined);
});

test("wrappers: sockets open and close without leaks", () => {
  const system = loadSystem();
  assert.ok(system.ok);
  const before = readdirSync("/proc/self/fd").length;
  for (let i = 0; i < 10; i++) system.value.close(system.value.socket(1, 2, 0));
  assert.equal(readdirSync("/proc/self/fd").length, before);
});
