import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileLine, type LogRecord, type LogTarget, syslogDatagram } from "../../src/drivers/log-format.ts";
import { LogSinks } from "../../src/drivers/log-sinks.ts";
import { LogWriter } from "../../src/drivers/log-writer.ts";
import { family, socketType, unixAddress } from "../../src/drivers/sys/socket.ts";
import { loadSystem } from "../../src/drivers/sys/system.ts";
import { Syslog } from "../../src/drivers/syslog.ts";
import { until } from "../support/until.ts";

const target: LogTarget = {
  entity: "heartbeat",
  pid: 200,
  host: "node-a",
  facility: "daemon",
  syslogMessageFormat: true,
  stderr: false,
};
const at = new Date(2026, 10, 3, 9, 5, 7).getTime();
const record = (level: LogRecord["level"], text = "hello"): LogRecord => ({ id: "starting", level, text, at });

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hb-log-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A /dev/log of our own. */
function syslogDaemon(t: TestContext, path: string) {
  const loaded = loadSystem();
  assert.ok(loaded.ok);
  const system = loaded.value;
  const address = unixAddress(path);
  assert.ok(address !== undefined);
  const fd = system.socket(family.unix, socketType.datagram | socketType.nonBlocking, 0);
  assert.equal(system.bind(fd, address), 0);
  let open = true;
  const close = () => {
    if (open) system.close(fd);
    open = false;
    rmSync(path, { force: true });
  };
  t.after(close);
  const buffer = new Uint8Array(10_000);
  const receive = (): string | undefined => {
    const length = system.receive(fd, buffer);
    return length < 0 ? undefined : Buffer.from(buffer.subarray(0, length)).toString();
  };
  return { receive, close };
}

test("lines have the original's two forms, words and paddings", () => {
  const words = (["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"] as const).map(
    (level) => fileLine(record(level), target).split(" ")[6],
  );
  assert.deepEqual(words, ["EMERG:", "ALERT:", "CRIT:", "ERROR:", "WARN:", "notice:", "info:", "debug:"]);
  assert.equal(fileLine(record("info"), target), "Nov 03 09:05:07 node-a heartbeat: [200]: info: hello\n");
  assert.equal(
    fileLine(record("warn"), { ...target, syslogMessageFormat: false }),
    "heartbeat[200]: 2026/11/03_09:05:07 WARN: hello\n",
  );
  assert.equal(syslogDatagram(record("info"), target), "<30>Nov  3 09:05:07 heartbeat: [200]: info: hello\0");
  assert.match(syslogDatagram(record("crit"), { ...target, facility: "local0" }), /^<130>/);
});

test("no text makes a second line, and none is endless", () => {
  const line = fileLine(record("info", "a\nb\0c\x1b[31m\tü"), target);
  assert.equal(line, "Nov 03 09:05:07 node-a heartbeat: [200]: info: a b?c?[31m\tü\n");
  assert.ok(fileLine(record("info", "x".repeat(100_000)), target).length < 5300);
});

test("the log file gets all but debug, the debug file everything; a rotated file is noticed within a minute", (t) => {
  const folder = folderOf(t);
  const { facility: _none, ...files } = target;
  const sinks = new LogSinks({ ...files, logfile: join(folder, "log"), debugfile: join(folder, "debug") });
  const texts = (name: string) => readFileSync(join(folder, name), "latin1").match(/[^ ]+(?=\n)/g);
  sinks.write({ id: "starting", level: "info", text: "one", at });
  sinks.write({ id: "starting", level: "debug", text: "two", at });
  assert.deepEqual(texts("log"), ["one"]);
  assert.deepEqual(texts("debug"), ["one", "two"]);
  renameSync(join(folder, "log"), join(folder, "log.1"));
  sinks.write({ id: "starting", level: "info", text: "three", at: at + 59_000 });
  assert.equal(existsSync(join(folder, "log")), false);
  sinks.write({ id: "starting", level: "info", text: "four", at: at + 60_000 });
  assert.deepEqual(texts("log.1"), ["one", "three"]);
  assert.deepEqual(texts("log"), ["four"]);
  sinks.close();
});

test("a log file that cannot be written is told to syslog, once; the others get their lines", (t) => {
  const folder = folderOf(t);
  const daemon = syslogDaemon(t, join(folder, "syslog"));
  const sinks = new LogSinks(
    { ...target, logfile: "/nowhere/log", debugfile: join(folder, "debug") },
    join(folder, "syslog"),
  );
  sinks.write(record("info", "one"));
  sinks.write({ ...record("info", "two"), at: at + 60_000 });
  sinks.close();
  const heard = [daemon.receive(), daemon.receive(), daemon.receive(), daemon.receive()];
  assert.match(heard[0] ?? "", /info: one/);
  assert.match(heard[1] ?? "", /WARN: cannot write logfile \/nowhere\/log/);
  assert.match(heard[2] ?? "", /info: two/);
  assert.equal(heard[3], undefined);
  assert.equal(readFileSync(join(folder, "debug"), "latin1").split("\n").length, 3);
});

test("systemd's journal gets fields; while it is away syslog gets the line", (t) => {
  const folder = folderOf(t);
  const journal = syslogDaemon(t, join(folder, "journal"));
  const syslog = syslogDaemon(t, join(folder, "syslog"));
  const managed = { ...target, facility: "local0", journal: { path: join(folder, "journal"), node: "fox" } };
  const sinks = new LogSinks(managed, join(folder, "syslog"));
  sinks.write({ id: "start-failed", level: "error", text: "svc did not start:\nno", at, group: "svc" });
  assert.deepEqual(journal.receive()?.trimEnd().split("\n"), [
    "MESSAGE=[200]: ERROR: svc did not start: no",
    "MESSAGE_ID=53dda9d4625d08732f991bba7f901f79",
    "PRIORITY=3",
    "SYSLOG_FACILITY=16",
    "SYSLOG_IDENTIFIER=heartbeat",
    "SYSLOG_PID=200",
    "HB_ID=start-failed",
    "HEARTBEAT_NODE=fox",
    "HEARTBEAT_GROUP=svc",
  ]);
  assert.equal(syslog.receive(), undefined, "it would be in the journal twice");
  sinks.write(record("info"));
  assert.doesNotMatch(journal.receive() ?? "", /GROUP/);
  journal.close();
  rmSync(join(folder, "journal"), { force: true });
  sinks.write(record("info", "alone"));
  assert.match(syslog.receive() ?? "", /info: alone/);
  sinks.close();
});

test("a syslog that does not read costs lines, never time; and it may come back", (t) => {
  const path = join(folderOf(t), "syslog");
  const syslog = new Syslog(path);
  assert.equal(syslog.send("nobody there"), false);
  const daemon = syslogDaemon(t, path);
  assert.equal(syslog.send("too early"), false, "it is not asked more than once a second");
  assert.equal(syslog.dropped, 2);
  syslog.close();

  const second = new Syslog(path);
  let taken = 0;
  while (second.send("line") && taken < 100_000) taken++;
  assert.ok(second.dropped > 0, `all ${taken} taken`);
  assert.equal(daemon.receive(), "line");
  assert.equal(second.send("again"), true);
  daemon.close();
  const restarted = syslogDaemon(t, path);
  assert.equal(second.send("after the restart"), true);
  assert.equal(restarted.receive(), "after the restart");
  second.close();
});

test("the writer: a process with a name of its own, which writes all it got before it ends", async (t) => {
  const folder = folderOf(t);
  const { facility: _none, ...files } = target;
  const writer = LogWriter.start({ ...files, logfile: join(folder, "log") });
  const pid = writer.pid ?? 0;
  await until("it has its name", () => readFileSync(`/proc/${pid}/comm`, "latin1") === "hb-log\n");
  process.kill(pid, "SIGTERM");
  for (let i = 0; i < 1000; i++) writer.write("starting", "info", `line ${i}`, undefined, at);
  await writer.close();
  const lines = readFileSync(join(folder, "log"), "latin1").trim().split("\n");
  assert.equal(lines.length, 1000);
  assert.equal(lines[999], "Nov 03 09:05:07 node-a heartbeat: [200]: info: line 999");
  assert.equal(existsSync(`/proc/${pid}`), false);
});

test("a writer that does not read costs lines, and says how many; one that dies comes back", async (t) => {
  const folder = folderOf(t);
  const log = join(folder, "log");
  const { facility: _none, ...files } = target;
  const writer = LogWriter.start({ ...files, logfile: log });
  t.after(() => writer.close());
  writer.write("starting", "info", "first");
  const pid = writer.pid ?? 0;
  const content = () => (existsSync(log) ? readFileSync(log, "latin1") : "");
  await until("it works", () => content().includes("first"));
  process.kill(pid, "SIGSTOP");
  const begun = performance.now();
  for (let i = 0; i < 3000; i++) writer.write("starting", "info", "x".repeat(1000));
  assert.ok(performance.now() - begun < 1000, "the caller was held up");
  process.kill(pid, "SIGCONT");
  await until("the loss is told", () => {
    writer.write("starting", "info", "probe");
    return /WARN: cl_log: \d+ messages were dropped/.test(content());
  });
  process.kill(pid, "SIGKILL");
  await until("a new one writes", () => {
    writer.write("starting", "info", "after the death");
    return content().includes("after the death") && content().includes("ERROR: hb-log ended with SIGKILL");
  });
});

test("a log file that is a FIFO nobody reads holds nobody up", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hb-log-fifo-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const logfile = join(folder, "fifo");
  execFileSync("mkfifo", [logfile]);
  // In a process of its own: what hangs here would hang the tests.
  const program = `
    import { LogSinks } from ${JSON.stringify(new URL("../../src/drivers/log-sinks.js", import.meta.url).href)};
    const target = { entity: "heartbeat", pid: 1, host: "fox", syslogMessageFormat: true, stderr: false };
    new LogSinks({ ...target, logfile: process.argv[1] }).write({ level: "info", text: "hello", at: 0 });
    console.log("written");`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, logfile], { timeout: 5000 });
  assert.equal(stdout.toString(), "written\n");
});
