import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";

const module = fileURLToPath(new URL("../../src/drivers/priority.js", import.meta.url));

/** Runs the text in a process of its own, since priorities and names are for life. */
function run(program: string): unknown {
  const prelude = `
    import { takeRealTime, processName, adjustOutOfMemoryScore } from ${JSON.stringify(module)};
    import { execFileSync } from "node:child_process";
    import { promises, readdirSync, readFileSync } from "node:fs";
    const policies = () => readdirSync("/proc/self/task").map((task) => {
      const stat = readFileSync("/proc/self/task/" + task + "/stat", "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // proc(5): rt_priority is 40, policy 41
      return fields[38] + "/" + fields[37];
    });`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", prelude + program], {
    encoding: "utf8",
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  });
  return JSON.parse(output);
}

const allowed = run("console.log(JSON.stringify(takeRealTime(1)))");
const permitted = typeof allowed === "object" && allowed !== null && "ok" in allowed && allowed.ok === true;

test("all threads are real-time, also after work that needs the pool, and children are not", (t) => {
  if (!permitted) return t.skip(`real time is refused here: ${JSON.stringify(allowed)}`);
  const seen = run(`
    const taken = takeRealTime(3);
    await promises.readFile("/etc/hostname").catch(() => {});
    for (let i = 0; i < 200; i++) JSON.parse(JSON.stringify({ a: Array(1000).fill("x") }));
    const child = execFileSync("chrt", ["-p", "0"], { encoding: "utf8" });
    console.log(JSON.stringify({ taken, policies: policies(), child }));`);
  assert.ok(typeof seen === "object" && seen !== null && "taken" in seen && "policies" in seen && "child" in seen);
  const { policies } = seen;
  assert.ok(Array.isArray(policies) && policies.length > 4);
  assert.deepEqual(new Set(policies), new Set(["2/3"])); // SCHED_RR, priority 3
  assert.deepEqual(seen.taken, { ok: true, value: { tasks: policies.length } });
  assert.match(String(seen.child), /SCHED_OTHER/);
});

test("where it is refused, that is a fault with advice and no thread is changed", (t) => {
  if (process.getuid?.() !== 0) return t.skip("needs root, to become somebody who may not");
  const seen = run(`
    process.setgid(65534); process.setuid(65534);
    const taken = takeRealTime(1);
    console.log(JSON.stringify({ code: taken.ok ? "ok" : taken.error.code, advice: taken.ok ? "" : taken.error.advice, policies: policies() }));`);
  assert.ok(typeof seen === "object" && seen !== null && "code" in seen && "policies" in seen && "advice" in seen);
  assert.equal(seen.code, "no-real-time");
  assert.match(String(seen.advice), /CAP_SYS_NICE/);
  assert.ok(Array.isArray(seen.policies));
  assert.deepEqual(new Set(seen.policies), new Set(["0/0"]));
});

test("the process is found by its name", () => {
  const name = `hbname${process.pid}`.slice(0, 15);
  const found = run(`
    processName(${JSON.stringify(name)});
    console.log(JSON.stringify({
      pgrep: execFileSync("pgrep", ["-x", ${JSON.stringify(name)}], { encoding: "utf8" }).trim(),
      pid: String(process.pid),
      score: adjustOutOfMemoryScore(10) ?? readFileSync("/proc/self/oom_score_adj", "latin1").trim(),
    }));`);
  assert.ok(typeof found === "object" && found !== null && "pgrep" in found && "pid" in found && "score" in found);
  assert.equal(found.pgrep, found.pid);
  assert.equal(found.score, "10");
});
