import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Probe } from "../../src/agents/probes/probe.ts";
import { runProbes } from "../../src/runner/probe.ts";
import { certificate, key } from "../support/certificate.ts";
import { until } from "../support/until.ts";

const surroundings = { environment: process.env, workingDirectory: "/" };
/** What is wrong; empty: nothing. */
async function wrong(probes: Probe | readonly Probe[], timeLimit = 5000): Promise<string> {
  const all = Array.isArray(probes) ? probes : [probes];
  const outcome = await runProbes(all, timeLimit, surroundings);
  assert.ok(outcome.result === "exited");
  return outcome.code === 0 ? "" : outcome.output;
}
function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "hb-probe-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
async function listening(t: TestContext, where: number | string): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) =>
    typeof where === "string" ? server.listen(where, resolve) : server.listen(where, "127.0.0.1", resolve),
  );
  t.after(() => server.close());
  return typeof where === "string" ? 0 : (server.address() as AddressInfo).port;
}
async function page(t: TestContext, answer: RequestListener, scheme: "http" | "https" = "http"): Promise<string> {
  const server = scheme === "http" ? createHttpServer(answer) : createHttpsServer({ key, cert: certificate }, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("tcp: a port that takes connections, and one that does not", async (t) => {
  const port = await listening(t, 0);
  assert.equal(await wrong({ kind: "tcp", host: "127.0.0.1", port }), "");
  assert.match(await wrong({ kind: "tcp", host: "127.0.0.1", port: 1 }), /^tcp 127\.0\.0\.1:1: connect ECONNREFUSED/);
});

test("unix: a socket that takes connections, and one that is not there", async (t) => {
  const path = join(folder(t), "s");
  await listening(t, path);
  assert.equal(await wrong({ kind: "unix", path }), "");
  assert.match(await wrong({ kind: "unix", path: `${path}x` }), /ENOENT/);
});

test("http: status and text", async (t) => {
  const url = await page(t, (request, response) => {
    response.statusCode = request.url === "/bad" ? 500 : 200;
    response.end("all is fine");
  });
  assert.equal(await wrong({ kind: "http", url }), "");
  assert.equal(await wrong({ kind: "http", url, text: "is fine" }), "");
  assert.match(await wrong({ kind: "http", url, text: "is ill" }), /\[is ill\] does not stand in the answer/);
  assert.match(await wrong({ kind: "http", url: `${url}bad` }), /status 500$/);
  assert.equal(await wrong({ kind: "http", url: `${url}bad`, status: 500 }), "");
  assert.match(await wrong({ kind: "http", url, status: 204 }), /status 200, not 204$/);
});

test("https: status and text, whatever the certificate says; a server without TLS is none", async (t) => {
  const answer: RequestListener = (request, response) => {
    response.statusCode = request.url === "/bad" ? 503 : 200;
    response.end("all is fine");
  };
  const url = await page(t, answer, "https");
  assert.equal(await wrong({ kind: "http", url, status: 200, text: "is fine" }), "");
  assert.match(await wrong({ kind: "http", url, text: "is ill" }), /^https:.*\[is ill\] does not stand in the answer/);
  assert.match(await wrong({ kind: "http", url: `${url}bad` }), /status 503$/);
  const plain = await page(t, answer);
  assert.match(await wrong({ kind: "http", url: plain.replace("http:", "https:") }), /SSL|EPROTO|wrong version/i);
});

test("http: a password of the URL is not repeated", async () => {
  const says = await wrong({ kind: "http", url: "http://me:secret@127.0.0.1:1/" });
  assert.match(says, /ECONNREFUSED/);
  assert.doesNotMatch(says, /secret/);
});

test("no answer at all is a failure when the time is over, for a page, a port and a command", async (t) => {
  const url = await page(t, () => {});
  assert.match(await wrong({ kind: "http", url }, 100), /no answer within 100 ms/);
  const pidFile = join(folder(t), "pid");
  const command: Probe = { kind: "command", path: "/bin/sh", args: ["-c", `echo $$ > ${pidFile}; sleep 600`] };
  assert.match(await wrong(command, 500), /no answer within 500 ms/);
  await until("the command is gone", () => spawnSync("/bin/sh", ["-c", `kill -0 $(cat ${pidFile})`]).status !== 0);
});

test("command: its exit code counts, and its first line is told", async () => {
  assert.equal(await wrong({ kind: "command", path: "/bin/true", args: [] }), "");
  const says = await wrong({ kind: "command", path: "/bin/sh", args: ["-c", "echo no disk; exit 3"] });
  assert.equal(says, "command /bin/sh: return code 3 (no disk)");
});

test("process: by number and by name; a stopped one does not count", async (t) => {
  const child = spawn("/bin/sleep", ["600"], { argv0: "sleep" });
  t.after(() => child.kill("SIGKILL"));
  const pidFile = join(folder(t), "pid");
  writeFileSync(pidFile, `${child.pid}\n`);
  assert.equal(await wrong({ kind: "process", pidFile }), "");
  assert.equal(await wrong({ kind: "process", name: "sleep" }), "");
  child.kill("SIGSTOP");
  await until("it is stopped", () => / T /.test(spawnSync("cat", [`/proc/${child.pid}/stat`]).stdout.toString()));
  assert.match(await wrong({ kind: "process", pidFile }), /is stopped$/);
  assert.match(await wrong({ kind: "process", name: "no-such-process" }), /there is none$/);
  writeFileSync(pidFile, "not a number");
  assert.match(await wrong({ kind: "process", pidFile }), /there is no process number in it$/);
});

test("file-newer-than: the age of a file", async (t) => {
  const path = join(folder(t), "alive");
  writeFileSync(path, "");
  assert.equal(await wrong({ kind: "file-newer-than", path, seconds: 30 }), "");
  const old = Date.now() / 1000 - 60;
  utimesSync(path, old, old);
  assert.match(await wrong({ kind: "file-newer-than", path, seconds: 30 }), /last changed 60 s ago$/);
});

test("several are asked in order, and the first that fails is told", async (t) => {
  const port = await listening(t, 0);
  const good: Probe = { kind: "tcp", host: "127.0.0.1", port };
  const outcome = await runProbes([good, { kind: "command", path: "/bin/true", args: [] }], 5000, surroundings);
  assert.deepEqual(outcome, { result: "exited", code: 0, output: `tcp 127.0.0.1:${port}, command /bin/true` });
  const says = await wrong([
    good,
    { kind: "unix", path: "/nowhere" },
    { kind: "command", path: "/bin/false", args: [] },
  ]);
  assert.match(says, /^unix \/nowhere: /);
});

test("mount: something must be mounted there, and take a write; nothing is left of it", async (t) => {
  const path = folder(t);
  assert.equal(await wrong({ kind: "mount", path }), `mount ${path}: nothing is mounted there`);
  assert.equal(await wrong({ kind: "disk", path }), "");
  assert.deepEqual(readdirSync(path), []);
  assert.equal(await wrong({ kind: "mount", path: "/dev/shm/" }), "");
  assert.match(await wrong({ kind: "mount", path: "/proc" }), /^mount \/proc: cannot be written to: /);
});

test("disk: a write that does not end keeps nobody, and no second one is sent after it", async (t) => {
  const path = folder(t);
  const slow = join(path, "dd");
  writeFileSync(slow, "#!/bin/sh\ntrap '' TERM\nexec /bin/sleep 600\n", { mode: 0o755 });
  const before = process.env["PATH"];
  process.env["PATH"] = `${path}:${before}`;
  t.after(() => {
    process.env["PATH"] = before;
  });
  const probe: Probe = { kind: "disk", path };
  const first = wrong(probe, 1000);
  assert.equal(await wrong(probe, 1000), `disk ${path}: the last write has not ended yet`);
  assert.equal(await first, `disk ${path}: no answer within 1000 ms`);
});

test("carrier: the loopback has one; what is not there has none", async () => {
  assert.equal(await wrong({ kind: "carrier", device: "lo" }), "");
  assert.equal(await wrong({ kind: "carrier", device: "nowhere0" }), "carrier nowhere0: there is no such interface");
});
