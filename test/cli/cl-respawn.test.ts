/** The program as a process of its own: it gives away its input and output. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { until } from "../support/until.ts";

interface Run {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...argv: string[]): Run {
  const child = spawn(process.execPath, ["bin/cl_respawn", ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on("data", (bytes) => out.push(String(bytes)));
  child.stderr.on("data", (bytes) => err.push(String(bytes)));
  const ended = new Promise<Ended>((resolve) =>
    child.once("close", (code) => resolve({ code, out: out.join(""), err: err.join("") })),
  );
  return { process: child, ended };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hb-respawn-"));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

test("a program is started again until it ends with the magic exit code", () =>
  inFolder(async (folder) => {
    const runs = join(folder, "runs");
    const script = `echo "$# $1 $(pwd)" >> ${runs}; [ "$(wc -l < ${runs})" -lt 2 ] || exit 42`;
    const { ended } = start("-m", "42", "/bin/sh", "-c", script, "sh", "b c");
    await until("two runs", () => read(runs).split("\n").length === 3, 10_000);
    assert.equal((await ended).code, 0);
    assert.equal(read(runs), "1 b c /\n1 b c /\n");
  }));

test("SIGTERM is passed on to the program and its children, and ends both; signals of a terminal do not", () =>
  inFolder(async (folder) => {
    const pidFile = join(folder, "pid");
    const child = join(folder, "child");
    const { process: respawner, ended } = start("-p", pidFile, "/bin/sh", "-c", `echo $$ > ${child}; sleep 60; :`);
    await until("it runs", () => read(child).endsWith("\n"), 10_000);
    assert.equal(read(pidFile), `${String(respawner.pid).padStart(10)}\n`);
    const second = await start("-p", pidFile, "/bin/true").ended;
    assert.equal(second.code, 0);
    assert.match(
      second.err,
      new RegExp(`WARN: pidfile \\[${pidFile}\\] says we're already running as pid \\[${respawner.pid}\\]\\n$`),
    );
    for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) respawner.kill(signal);
    assert.equal((await ended).code, 0);
    await until("the program is gone", () => !existsSync(`/proc/${read(child).trim()}`));
  }));

test("the program of a stale process file is not in the way", () =>
  inFolder(async (folder) => {
    const pidFile = join(folder, "pid");
    writeFileSync(pidFile, `${String(process.pid).padStart(10)}\n`); // alive, but no cl_respawn
    const { code, err } = await start("-p", pidFile, "/bin/sh", "-c", "exit 100").ended;
    assert.deepEqual({ code, err }, { code: 0, err: "" });
  }));

test("what is wrong with the arguments is said in the original's words, with its exit codes", async () => {
  const rows: [string[], number, RegExp][] = [
    [[], 2, /^$/],
    [["-h"], 0, /^$/],
    [["true"], 2, /ERROR: Please give the program name which will be run as a child process of cl_respawn\.\n$/],
    [["/etc/passwd"], 2, /Please give the program name/],
    [["/etc"], 2, /Please give the program name/],
    [["-x", "/bin/true"], 2, /^cl_respawn: invalid option -- 'x'\n.*ERROR: getopt returnedcharacter code \?\.\n$/],
    [["-m"], 2, /^cl_respawn: option requires an argument -- 'm'\n/],
    [["-r", "/bin/true"], 3, /ERROR: -r is for apphbd/],
    [["-p", "/nonexistent/x", "/bin/true"], 1, /ERROR: Cannot create pidfile \[\/nonexistent\/x\]\n$/],
  ];
  await Promise.all(
    rows.map(async ([argv, code, says]) => {
      const run = await start(...argv).ended;
      assert.equal(run.code, code, argv.join(" "));
      assert.match(run.err, says);
    }),
  );
});
