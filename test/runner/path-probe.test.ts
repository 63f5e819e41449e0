/** Probes of paths that never answer: on a file system of which nobody replies to the kernel. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Probe } from "../../src/agents/probes/probe.ts";
import { writeBelow } from "../../src/runner/disk-probe.ts";
import { silenceOf } from "../../src/runner/path-probe.ts";
import { runProbes } from "../../src/runner/probe.ts";
import { stateOf } from "../../src/runner/processes.ts";
import { inMountSpace } from "../support/mount-space.ts";
import { until } from "../support/until.ts";

const surroundings = { environment: process.env, workingDirectory: "/" };

/** A directory in which nothing answers, until the end of the test. */
async function silence(t: TestContext): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "hb-silence-"));
  const server = openSync("/dev/fuse", "r+");
  const options = "fd=3,rootmode=40000,user_id=0,group_id=0";
  const mount = spawn("mount", ["-i", "-t", "fuse", "-o", options, "none", place], {
    stdio: ["ignore", "ignore", "inherit", server],
  });
  const code = await new Promise((resolve) => mount.on("close", resolve));
  assert.equal(code, 0);
  t.after(() => {
    closeSync(server); // everybody who waits is told that nobody is there
    spawnSync("umount", ["--lazy", place]);
    rmSync(place, { recursive: true, force: true });
  });
  return place;
}

/** What our children are called. */
const children = (): readonly string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, "latin1")
    .split(" ")
    .filter((pid) => pid !== "")
    .flatMap((pid) => {
      const name = stateOf(pid)?.name;
      return name === undefined ? [] : [name]; // else it has just ended
    });

const oneThread = { UV_THREADPOOL_SIZE: "1" }; // as the runner has

inMountSpace(import.meta.url, oneThread, () => {
  test("without descriptors left nothing is found out, and nobody ends of that", async () => {
    const limits = (soft: string): unknown => spawnSync("prlimit", [`--pid=${process.pid}`, `--nofile=${soft}:`]);
    const signal = new AbortController().signal;
    const before = spawnSync("prlimit", [`--pid=${process.pid}`, "--nofile", "--output=SOFT", "--noheadings", "--raw"]);
    limits("200");
    const taken: number[] = [];
    try {
      for (;;) taken.push(openSync("/dev/null", "r"));
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error && error.code === "EMFILE");
    }
    const looks = Promise.all([silenceOf("/", signal), writeBelow("/tmp", signal)]);
    for (const each of taken) closeSync(each);
    limits(before.stdout.toString().trim());
    for (const wrong of await looks) assert.match(wrong ?? "", /EMFILE/);
    assert.equal(await silenceOf("/", signal), undefined);
  });

  test("a path that never answers fails its probe in time, and keeps nothing else waiting", async (t) => {
    if (!existsSync("/dev/fuse")) return t.skip("this kernel has no FUSE");
    const place = await silence(t);
    const disk = await silence(t); // who is to remove what was written there may wait for as long as it likes
    const path = join(place, "file");
    const at = { path };
    const probes: readonly Probe[] = [
      { kind: "file-newer-than", path, seconds: 30 },
      { kind: "process", pidFile: path },
      { kind: "unix", path },
      { kind: "command", path, args: [] },
      { kind: "disk", path: disk },
      { kind: "mysql", at, user: "me" },
      { kind: "postgres", at: { host: "127.0.0.1", port: 1 }, user: "me", credentials: path },
    ];
    const limit = 4000; // enough for the counts below on a busy machine
    const looks = probes.map((probe) => runProbes([probe], limit, surroundings));
    let beats = 0;
    const heart = setInterval(() => beats++, 10);
    const ended = Promise.all(looks).then((outcomes) => ({ outcomes }));
    let asked = 0;
    for (let over = false; !over; asked++) {
      await stat("/"); // by the thread that Node.js has for files
      over = await Promise.race([
        ended.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 10, false)),
      ]);
    }
    clearInterval(heart);
    for (const [index, outcome] of (await ended).outcomes.entries()) {
      assert.ok(outcome.result === "exited" && outcome.code === 1);
      assert.match(outcome.output, / no answer within 4000 ms$/, probes[index]?.kind);
    }
    assert.ok(beats > 10 && asked > 10, `${beats} beats, ${asked} questions`);
    await until("nobody is left who waits", () => children().every((name) => name === "rm"), 20_000);
  });
});
