/** The logging daemon with senders of ours: what goes where, who is turned away, and how its program answers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import test, { type TestContext } from "node:test";
import { haLogdAt } from "../../src/cli/ha-logd.ts";
import { haLoggerAt } from "../../src/cli/ha-logger.ts";
import { type RunningLogd, startLogd } from "../../src/cli/logd-daemon.ts";
import type { LogdPlacesOptions } from "../../src/drivers/logd-places.ts";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { type LogdMessage, logdBody } from "../../src/wire/logd-message.ts";
import { until } from "../support/until.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hb-ha-logd-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const pathsIn = (folder: string) => ({ socket: join(folder, "log_daemon"), pidFile: join(folder, "logd.pid") });

async function daemonIn(t: TestContext, folder: string, options: Partial<LogdPlacesOptions> = {}) {
  const log = join(folder, "log");
  const all = join(folder, "all");
  const start = await startLogd({
    paths: pathsIn(folder),
    places: {
      logfile: log,
      debugfile: all,
      facility: "none",
      entity: "logd",
      syslogPrefix: undefined,
      mode: 0o640,
      syslogMessageFormat: true,
      ...options,
    },
    startedWith: "a test",
    warnings: ["of a test"],
    isLogd: () => false,
  });
  assert.ok(start.is === "serving", JSON.stringify(start));
  t.after(() => start.logd.end());
  /** Lines without time, host and number. */
  const lines = (path: string): string[] =>
    existsSync(path)
      ? readFileSync(path, "latin1")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => line.replace(/^.{15} \S+ /, "").replace(/\[\d+\]/, "[PID]"))
      : [];
  return { logd: start.logd as RunningLogd, log: () => lines(log), all: () => lines(all), paths: { log, all } };
}

const message = (text: string, changes: Partial<LogdMessage> = {}): LogdMessage => ({
  facility: 24,
  priority: 6,
  sayPriority: true,
  pid: 77,
  entity: "app",
  seconds: 1_000_000_000,
  text: Buffer.from(text, "latin1"),
  ...changes,
});

async function send(folder: string, ...bodies: readonly Uint8Array[]): Promise<void> {
  const socket = createConnection(pathsIn(folder).socket);
  await once(socket, "connect");
  for (const body of bodies) socket.write(ipcFrame(body));
  socket.end();
  await once(socket, "close");
}

const said = (program: ReturnType<typeof haLogdAt>, ...argv: string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (s: string) => void out.push(s),
    err: (s: string) => void err.push(s),
    terminal: false,
    calledAs: "ha_logd",
  };
  return program.run(argv, io).then((code) => ({ code, out: out.join(""), err: err.join("") }));
};

test("the log file gets all but debug, the debug file all, a priority its word when it is asked for", async (t) => {
  const folder = folderOf(t);
  const { log, all, paths } = await daemonIn(t, folder);
  const words = Array.from({ length: 8 }, (_, priority) => logdBody(message(`p${priority}`, { priority })));
  await send(
    folder,
    ...words,
    logdBody(message("bare", { sayPriority: false })),
    logdBody(message("out", { priority: 99 })),
  );
  await until("all is written", () => all().length === 12);
  const expected = ["EMERG", "ALERT", "CRIT", "ERROR", "WARN", "notice", "info", "debug"].map(
    (word, priority) => `app: [PID]: ${word}: p${priority}`,
  );
  const own = ["logd: [PID]: info: logd started with a test.", "logd: [PID]: WARN: of a test"];
  assert.deepEqual(all(), [...own, ...expected, "app: [PID]: bare", "app: [PID]: debug: out"]);
  assert.deepEqual(
    log(),
    all().filter((line) => !line.includes("debug:")),
  );
  assert.match(
    readFileSync(paths.all, "latin1"),
    /^Sep 09 0\d:46:40 \S+ app: \[77\]: EMERG: p0$/m,
    "the sender's time",
  );
  assert.equal(statSync(paths.log).mode & 0o777, 0o640);
});

test("bytes stay what they are; a line break and other control characters make no line of their own", async (t) => {
  const folder = folderOf(t);
  const { all } = await daemonIn(t, folder);
  await send(folder, logdBody(message("two\nlines \u0001 \u00fc \u0085 a\tb", { entity: "e\nvil" })));
  await until("it is written", () => all().length === 3);
  assert.equal(all()[2], "e vil: [PID]: info: two lines ? \u00fc \u0085 a\tb");
});

test("without syslogmsgfmt lines have the other form", async (t) => {
  const folder = folderOf(t);
  const { paths } = await daemonIn(t, folder, { syslogMessageFormat: false });
  await send(folder, logdBody(message("hello", { sayPriority: false })));
  const text = () => (existsSync(paths.all) ? readFileSync(paths.all, "latin1") : "");
  await until("it is written", () => text().includes("hello"));
  assert.match(text(), /^app\[77\]: 2001\/09\/09_0\d:46:40 hello$/m);
});

test("what is no message ends its sender's connection, is told once, and harms nobody else", async (t) => {
  const folder = folderOf(t);
  const { all } = await daemonIn(t, folder);
  const good = logdBody(message("good"));
  const otherType = good.slice();
  otherType[0] = 9;
  const otherLength = good.slice();
  otherLength[12] = 200;
  for (const bad of [Buffer.from("tiny"), otherType, otherLength]) await send(folder, bad, good);
  await send(folder, good);
  await until("the good one is written", () => all().at(-1) === "app: [PID]: info: good");
  assert.deepEqual(all().slice(2), [
    "logd: [PID]: ERROR: A sender was turned away: a message too short",
    "app: [PID]: info: good",
  ]);
});

test("ha_logger's lines arrive; the program says how things stand, refuses to run twice, and stops what runs", async (t) => {
  const folder = folderOf(t);
  const paths = pathsIn(folder);
  const program = haLogdAt(paths, join(folder, "logd.cf"));
  assert.deepEqual(await said(program, "-s"), { code: 3, out: "logging daemon is stopped.\n", err: "" });
  const { logd, all } = await daemonIn(t, folder);
  const io = { out: () => {}, err: () => {}, terminal: false, calledAs: "ha_logger" };
  const lines = () => Readable.from([]);
  assert.equal(await haLoggerAt(paths.socket, lines).run(["-t", "tag", "hello"], io), 0);
  await until("it is written", () => all().includes("tag: [PID]: hello"));
  assert.deepEqual(await said(program, "-s"), {
    code: 0,
    out: `logging daemon is running [pid = ${process.pid}].\n`,
    err: "",
  });
  assert.deepEqual(await said(program), { code: 0, out: "", err: `ha_logd: already running [pid ${process.pid}].\n` });
  assert.deepEqual(await said(program, "-d"), { code: 0, out: "", err: "" });
  await logd.end();
  assert.equal(existsSync(paths.socket) || existsSync(paths.pidFile), false);
  writeFileSync(paths.pidFile, "  999999999\n");
  const died = `logging daemon is stopped: ${paths.pidFile} exists.\n`;
  assert.deepEqual(await said(program, "-s"), { code: 1, out: died, err: "" });
  const stopped = await said(program, "-k");
  assert.equal(stopped.out, "ha_logd already stopped.\n");
  assert.match(stopped.err, / logd: \[\d+\]: info: ha_logd already stopped\.\n$/);
});

test("arguments and a configuration that are wrong are refused with what is wrong", async (t) => {
  const folder = folderOf(t);
  const program = haLogdAt(pathsIn(folder), join(folder, "logd.cf"));
  const { code, out, err } = await said(program, "-x");
  assert.deepEqual({ code, err }, { code: 1, err: "ha_logd: invalid option -- 'x'\n" });
  assert.match(out, /^usage: ha_logd /);
  assert.equal((await said(program, "-h")).code, 1);
  assert.equal((await said(program, "--help")).code, 0);
  writeFileSync(join(folder, "logd.cf"), "colour blue\n");
  for (const argv of [[], ["-d"]]) {
    const refused = await said(program, ...argv);
    assert.equal(refused.code, 6);
    assert.match(refused.err, /Illegal directive \[colour\][\s\S]*ERROR: Config file \[.*logd\.cf\] is incorrect\.\n$/);
  }
});
