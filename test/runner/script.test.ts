import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import type { AgentOutcome } from "../../src/core/input.ts";
import { findScript, runScript, type ScriptCall } from "../../src/runner/script.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "hb-script-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

interface Ended {
  readonly outcome: AgentOutcome;
  readonly ms: number;
}

function run(path: string, rest: Partial<ScriptCall> = {}): Promise<Ended> {
  const begun = performance.now();
  const call: ScriptCall = {
    path,
    argv: ["status"],
    listen: true,
    environment: { PATH: process.env["PATH"] },
    workingDirectory: folder,
    timeLimit: 10_000,
    debugLog: undefined,
    ...rest,
  };
  return new Promise((resolve) => runScript(call, (outcome) => resolve({ outcome, ms: performance.now() - begun })));
}

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
};
const pidIn = (name: string): number => Number(readFileSync(join(folder, name), "latin1").trim());

test("exit code and output of a status; arguments before the action; no shell in between", async () => {
  const path = script("plain", '#!/bin/sh\necho "$# $1 $2 $3"; echo noise >&2; exit 3\n');
  const { outcome } = await run(path, { argv: ["a b", "$(id)", "status"] });
  assert.deepEqual(outcome, { result: "exited", code: 3, output: "3 a b $(id) status\n" });
});

test("its surroundings: nothing on standard input, its folder, its own process group, the given variables", async () => {
  const path = script(
    "around",
    '#!/bin/sh\nread x || echo empty; pwd; echo "$HA_CURHOST"; cut -d" " -f5 /proc/$$/stat; echo $$\n',
  );
  const { outcome } = await run(path, { environment: { HA_CURHOST: "fox", PATH: process.env["PATH"] } });
  assert.ok(outcome.result === "exited");
  const [input, cwd, host, group, pid] = outcome.output.split("\n");
  assert.deepEqual([input, cwd, host, group], ["empty", folder, "fox", pid]);
});

test("a script without an interpreter line runs in the shell, as under the original", async () => {
  const { outcome } = await run(script("bare", "echo running\n"));
  assert.deepEqual(outcome, { result: "exited", code: 0, output: "running\n" });
});

test("of much output 4 KiB are kept and the rest is drained", async () => {
  const { outcome } = await run(script("much", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n"));
  assert.ok(outcome.result === "exited");
  assert.equal(outcome.output, "x".repeat(4096));
});

test("starts and stops write to the debug log", async () => {
  const debugLog = join(folder, "debug.log");
  const path = script("talker", "#!/bin/sh\necho out; echo err >&2\n");
  const { outcome } = await run(path, { argv: ["start"], listen: false, debugLog });
  assert.deepEqual(outcome, { result: "exited", code: 0, output: "" });
  assert.equal(readFileSync(debugLog, "latin1"), "out\nerr\n");
  assert.equal((await run(path, { argv: ["stop"], listen: false, debugLog: "/nowhere/x" })).outcome.result, "exited");
});

test("a killed script says by what", async () => {
  const { outcome } = await run(script("suicide", "#!/bin/sh\nkill -9 $$\n"));
  assert.deepEqual(outcome, { result: "killed", signal: "SIGKILL" });
});

test("a script that hangs is killed at its limit, with its grandchildren, though they ignore SIGTERM", async () => {
  const path = script(
    "hang",
    `#!/bin/sh\ntrap '' TERM\n(trap '' TERM; echo $$ > ${folder}/leader; sh -c 'echo $$ > ${folder}/grandchild; exec sleep 600') &\nwait\nsleep 600\n`,
  );
  const { outcome, ms } = await run(path, { timeLimit: 300 });
  assert.deepEqual(outcome, { result: "timed-out" });
  assert.ok(ms >= 300 && ms < 4000, `${ms} ms`);
  await until("the grandchild is gone", () => !alive(pidIn("grandchild")) && !alive(pidIn("leader")));
});

test("a grandchild that keeps the output open does not keep us waiting", async () => {
  const path = script(
    "leaver",
    `#!/bin/sh\necho running\nsh -c 'echo $$ > ${folder}/left; exec sleep 600' &\nexit 0\n`,
  );
  const { outcome, ms } = await run(path);
  process.kill(pidIn("left"), "SIGKILL");
  assert.deepEqual(outcome, { result: "exited", code: 0, output: "running\n" });
  assert.ok(ms < 5000, `${ms} ms`);
});

test("a service that a start leaves behind goes on, also when it writes", async () => {
  const path = script(
    "service",
    `#!/bin/sh\nsh -c 'echo $$ > ${folder}/service.pid; while :; do echo x || exit 1; sleep 0.02; done' &\n`,
  );
  const { outcome, ms } = await run(path, { argv: ["start"], listen: false });
  assert.equal(outcome.result, "exited");
  assert.ok(ms < 1500, `${ms} ms`);
  await until("it is there", () => existsSync(join(folder, "service.pid")) && pidIn("service.pid") > 0);
  assert.ok(alive(pidIn("service.pid")));
  process.kill(pidIn("service.pid"), "SIGKILL");
});

test("scripts are looked for in order; what is no executable file is none", () => {
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  mkdirSync(join(first, "folder"), { recursive: true });
  mkdirSync(second);
  script("first/both", "#!/bin/sh\n");
  script("second/both", "#!/bin/sh\n");
  script("first/plain", "#!/bin/sh\n", 0o644);
  script("second/plain", "#!/bin/sh\n");
  const find = (name: string) => findScript(name, [first, second, "/nowhere"]);
  assert.equal(find("both"), join(first, "both"));
  assert.equal(find("plain"), join(second, "plain"));
  for (const name of ["folder", "missing", "", "../first/both", "/bin/sh", "a\0b"]) assert.equal(find(name), undefined);
});

test("what vanishes between looking and running, and what cannot be run", async () => {
  assert.deepEqual((await run(join(folder, "gone"))).outcome, { result: "not-found" });
  const { outcome } = await run(script("locked", "#!/nowhere/interpreter\n"));
  assert.notEqual(outcome.result === "exited" && outcome.code, 0);
  const failing = await run(script("fine", "#!/bin/sh\n"), { workingDirectory: "/nowhere" });
  assert.notEqual(failing.outcome.result === "exited" && failing.outcome.code, 0);
});

test("a debug log that is a FIFO nobody reads does not keep a script from being run", async () => {
  const fifo = join(folder, "log-fifo");
  execFileSync("mkfifo", [fifo]);
  // In a process of its own: what hangs here would hang the tests.
  const program = `
    import { runScript } from ${JSON.stringify(new URL("../../src/runner/script.js", import.meta.url).href)};
    const call = { path: "/bin/true", argv: [], listen: false, environment: {}, workingDirectory: "/", timeLimit: 5000 };
    runScript({ ...call, debugLog: process.argv[1] }, (outcome) => console.log(outcome.result, outcome.code));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, fifo], { timeout: 10_000 });
  assert.equal(stdout.toString(), "exited 0\n");
});

test("a status that ended within its limit counts, although somebody keeps its output open past the limit", async () => {
  const path = script("left-open", "#!/bin/sh\necho running\nsleep 30 &\necho $! > kept.pid\n");
  const { outcome } = await run(path, { timeLimit: 1000 });
  assert.deepEqual(outcome, { result: "exited", code: 0, output: "running\n" });
  const pid = pidIn("kept.pid");
  assert.ok(alive(pid), "what it started is none of our business any more");
  process.kill(pid, "SIGKILL");
});
