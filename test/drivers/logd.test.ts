/** The logging daemon as a place for lines: taken, slow, away and back. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { LogSinks } from "../../src/drivers/log-sinks.ts";
import { Logd, logdQueueMax } from "../../src/drivers/logd.ts";
import { IpcFramer } from "../../src/wire/ipc-frame.ts";
import type { LogdMessage } from "../../src/wire/logd-message.ts";
import { until } from "../support/until.ts";

const message = (text: string): LogdMessage => ({
  facility: 24,
  priority: 6,
  sayPriority: true,
  pid: 200,
  entity: "heartbeat",
  seconds: 1_795_657_289,
  text: Buffer.from(text),
});

/** A ha_logd of the test's own. While `reading` is false it leaves everything in its socket. */
async function daemon(t: TestContext, path: string, reading = true) {
  const texts: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const framer = new IpcFramer();
    socket.on("data", (bytes) => {
      const bodies = framer.push(bytes);
      assert.ok(bodies.ok);
      for (const body of bodies.value) texts.push(Buffer.from(body.subarray(96, body.length - 1)).toString());
    });
    if (!reading) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  return { texts, close, read: () => sockets.forEach((socket) => void socket.resume()) };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hb-logd-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("it takes lines; when it is away the caller hears so, and it is tried again in its time", async (t) => {
  const path = join(folderOf(t), "log_daemon");
  let now = 0;
  const logd = new Logd({ path, retryAfter: 60_000 }, () => now);
  assert.equal(logd.send(message("nobody")), "away");
  const first = await daemon(t, path);
  now = 59_999;
  assert.equal(logd.send(message("too early")), "away");
  now = 60_000;
  assert.equal(logd.send(message("hello")), "queued");
  await until("it arrives", () => first.texts.length === 1);
  assert.deepEqual(first.texts, ["hello"]);
  await first.close();
  await until("its end is noticed", () => logd.send(message("lost")) === "away");
  now = 120_000;
  const second = await daemon(t, path);
  assert.equal(logd.send(message("back")), "queued");
  await until("it arrives", () => second.texts.includes("back"));
  logd.close();
});

test("a daemon that does not read costs a bounded queue and no time; what was dropped is told", async (t) => {
  const path = join(folderOf(t), "log_daemon");
  const slow = await daemon(t, path, false);
  const logd = new Logd({ path, retryAfter: 1000 });
  const long = "x".repeat(4000);
  const sent = 2000;
  let slowest = 0;
  for (let n = 0; n < sent; n++) {
    const began = performance.now();
    assert.equal(logd.send(message(`${n} ${long}`)), "queued");
    slowest = Math.max(slowest, performance.now() - began);
    if (n === 0) await new Promise((resolve) => setTimeout(resolve, 50)); // it has accepted us
  }
  slow.read();
  await until("there is room again", () => {
    logd.send(message("more"));
    return slow.texts.some((text) => /messages were dropped/.test(text));
  });
  const told = slow.texts.find((text) => /messages were dropped/.test(text)) ?? "";
  const dropped = Number(/^cl_log: (\d+) messages were dropped$/.exec(told)?.[1]);
  const before = slow.texts.indexOf(told);
  assert.ok(dropped > sent / 2, `${dropped} of ${sent}`);
  assert.ok(before + dropped >= sent, "every line is either there or counted");
  assert.ok(before < sent - dropped + logdQueueMax + 1);
  logd.close();
});

test("lines go to the daemon alone while it is there, and to the files of ha.cf while it is not", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "log_daemon");
  const logfile = join(folder, "ha-log");
  const sinks = new LogSinks({
    entity: "heartbeat",
    pid: 200,
    host: "fox",
    logfile,
    logd: { path, retryAfter: 0 },
    syslogMessageFormat: true,
    stderr: false,
  });
  const at = Date.now();
  sinks.write({ id: "starting", level: "info", text: "one", at });
  sinks.write({ id: "starting", level: "info", text: "two", at });
  const { texts } = await daemon(t, path);
  sinks.write({ id: "starting", level: "info", text: "three", at });
  await until("it arrives", () => texts.length === 1);
  assert.deepEqual(texts, ["three"]);
  const lines = readFileSync(logfile, "utf8")
    .split("\n")
    .map((line) => line.replace(/^.*\[200\]: /, ""));
  assert.match(
    lines[0] ?? "",
    /^WARN: The logging daemon does not answer at .*: logging directly, and trying it every 0 s$/,
  );
  assert.deepEqual(lines.slice(1), ["info: one", "info: two", ""]);
  sinks.close();
});
