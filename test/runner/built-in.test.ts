/** Built-in resources that need no disk: their words, their time limits, and who runs when somebody has a script of that name. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { type TestContext } from "node:test";
import type { AgentAction } from "../../src/agents/resource.ts";
import { BuiltInResources, runsBuiltIn } from "../../src/runner/built-in.ts";
import { cutShort, Programs } from "../../src/runner/program.ts";
import { Announcements } from "../../src/runner/send-arp.ts";
import { until } from "../support/until.ts";

function prepare(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-built-in-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const remarks: string[] = [];
  const resources = new BuiltInResources((resource, text) => remarks.push(`${resource}: ${text}`));
  const begin = (words: string, action: AgentAction, timeLimit = 5000) => {
    const [script = "", ...args] = words.split(" ");
    return resources.run({
      ...{ kind: "script", script, args, action, timeLimit, environment: { PATH: "/nowhere" } },
      ...{ workingDirectory: "/", runDirectory: folder, node: "fox", spared: [] },
    });
  };
  const run = (words: string, action: AgentAction, timeLimit?: number) => begin(words, action, timeLimit).ended;
  return { folder, remarks, begin, run };
}

const stopped = { result: "exited", code: 7, output: "stopped\n" };
const running = { result: "exited", code: 0, output: "running\n" };
const done = { result: "exited", code: 0, output: "" };

test("a delay takes its time once, each way", async (t) => {
  const { run } = prepare(t);
  const timed = async (action: AgentAction): Promise<number> => {
    const from = performance.now();
    assert.deepEqual(await run("Delay 0.2 0.1", action), done);
    return performance.now() - from;
  };
  assert.deepEqual(await run("Delay 0.2 0.1", "status"), stopped);
  assert.ok((await timed("start")) >= 195);
  assert.deepEqual(await run("Delay 0.2 0.1", "status"), running);
  assert.ok((await timed("start")) < 195, "it runs already");
  assert.ok((await timed("stop")) >= 95);
  assert.deepEqual(await run("Delay 0.2 0.1", "status"), stopped);
});

test("what takes longer than its limit, or is ended, has timed out and does not run", async (t) => {
  const { begin, run, remarks } = prepare(t);
  assert.deepEqual(await run("Delay 60", "start", 100), { result: "timed-out" });
  const { running: started, ended } = begin("Delay 60", "start");
  started.kill();
  assert.deepEqual(await ended, { result: "timed-out" });
  assert.deepEqual(await run("Delay 60", "status"), stopped);
  assert.deepEqual(remarks, []);
});

test("words that cannot be read are an error that says how to write them", async (t) => {
  const { run, remarks } = prepare(t);
  assert.deepEqual(await run("Delay soon", "start"), { result: "exited", code: 2, output: "" });
  assert.match(remarks[0] ?? "", /^Delay soon: write: Delay::/);
});

test("a mail goes out at the start and at the stop; one that cannot be sent is told, and holds up nothing", async (t) => {
  const { folder } = prepare(t);
  const remarks: string[] = [];
  const sent: string[] = [];
  const resources = new BuiltInResources(
    (resource, text) => remarks.push(`${resource}: ${text}`),
    async ({ recipients, subject }) => {
      sent.push(`${recipients.join()} ${subject}`);
      return sent.length === 1 ? undefined : "no mail program";
    },
  );
  const run = (action: AgentAction, ...args: string[]) =>
    resources.run({
      ...{ kind: "script", script: "MailTo", args, action, timeLimit: 5000, environment: {} },
      ...{ workingDirectory: "/", runDirectory: folder, node: "fox", spared: [] },
    }).ended;
  assert.deepEqual(await run("stop", "a@b", "web"), done);
  assert.deepEqual(await run("start", "a@b", "web"), done);
  assert.deepEqual(await run("start", "a@b", "web"), done);
  assert.deepEqual(await run("status", "a@b", "web"), running);
  assert.deepEqual(await run("stop", "a@b", "web"), done);
  assert.deepEqual(await run("start", "a@b"), done);
  assert.deepEqual(sent, [
    "a@b web: taken over by fox",
    "a@b web: given up by fox",
    "a@b Resource group: taken over by fox",
  ]);
  await until("it is told", () => remarks.length === 2);
  assert.equal(remarks[0], "MailTo a@b web: no mail was sent: no mail program");
});

test("an announcement of an interface that is not there fails", async (t) => {
  const { run, remarks } = prepare(t);
  const outcome = await run("SendArp 10.9.9.9/24/nowhere0", "start");
  assert.ok(outcome.result === "exited" && outcome.code === 1);
  assert.equal(remarks.length, 1);
  assert.deepEqual(await run("SendArp 10.9.9.9/24/nowhere0", "status"), stopped);
});

test("an announcement is repeated until it ends or fails", async () => {
  const said: string[] = [];
  const remarks: string[] = [];
  let wrong: string | undefined;
  const announcements = new Announcements(({ ip }) => {
    said.push(ip);
    return wrong;
  });
  const what = { name: "SendArp", ip: "10.0.0.1" } as const;
  const begin = (): string | undefined => announcements.begin("a", what, (text) => remarks.push(text));
  assert.equal(begin(), undefined);
  await until("it is repeated", () => said.length === 2);
  announcements.end("a");
  assert.equal(begin(), undefined);
  wrong = "the interface has gone";
  await until("its failure is told", () => remarks.length > 0);
  assert.deepEqual(remarks, ["the interface has gone"]);
  assert.equal(said.length, 4);
  announcements.end("a");
});

test("a script of the administrator's is run instead, our own wrapper is not", (t) => {
  const { folder } = prepare(t);
  const of = (script: string, kind: "script" | "ocf" = "script") => runsBuiltIn({ kind, script, args: [] }, [folder]);
  assert.equal(of("Filesystem"), true);
  symlinkSync(resolve("share/usr/share/heartbeat/ocf-resource"), join(folder, "Filesystem"));
  assert.equal(of("Filesystem"), true);
  writeFileSync(join(folder, "Delay"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  assert.equal(of("Delay"), false);
  assert.equal(of("LVM"), false);
  assert.equal(of("heartbeat/Filesystem", "ocf"), false);
});

test("nothing counts as stopped while a program of it would not end", async (t) => {
  const { folder } = prepare(t);
  const path = join(folder, "mount");
  writeFileSync(path, `#!/bin/sh\ntrap '' TERM\necho ready > ${folder}/ready\nsleep 60 & wait; wait\n`, {
    mode: 0o755,
  });
  const programs = new Programs();
  const aborter = new AbortController();
  const surroundings = {
    ...{ environment: { PATH: process.env["PATH"] }, workingDirectory: "/", runDirectory: folder },
    signal: aborter.signal,
  };
  const ran = programs.run("a", ["/nowhere/mount", path], [], surroundings);
  let ended = false;
  const all = programs.ended("a").then(() => {
    ended = true;
  });
  await programs.ended("b");
  assert.equal(ended, false);
  aborter.abort();
  assert.equal((await ran).code, cutShort);
  await all;
});
