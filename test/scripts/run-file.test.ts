/** The runner of test files judges the tests of others, so it is judged first: by files that fail in every way they can. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Result {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly why?: string;
}

// Compiled, this file is dist/test/scripts/run-file.test.js.
const runner = fileURLToPath(new URL("../../../scripts/lib/run-file.mjs", import.meta.url));

/** Runs `body` as a test file with at most two seconds. */
function run(body: string): {
  readonly tests: readonly Result[];
  readonly output: string;
  readonly notes: readonly string[];
} {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-runner-"));
  try {
    const file = join(folder, "sample.test.mjs");
    writeFileSync(
      file,
      `import test, { describe } from "node:test";\nconst folder = ${JSON.stringify(folder)};\n${body}`,
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { runFile } from ${JSON.stringify(pathToFileURL(runner).href)};
         const result = await runFile(${JSON.stringify(file)}, { limitSeconds: 2, env: process.env });
         console.log(JSON.stringify(result));`,
      ],
      // The variable tells a test process that a runner of Node's own reads its output, which is not so here.
      { encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
    );
    assert.equal(status, 0, stderr);
    const pidFile = join(folder, "pid");
    if (existsSync(pidFile)) assert.equal(lives(readFileSync(pidFile, "utf8")), false, "a grandchild lives on");
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a process runs; one that waits to be collected by its parent does not. */
function lives(pid: string): boolean {
  const state = `/proc/${pid}/stat`;
  return existsSync(state) && !/\) [ZX] /.test(readFileSync(state, "utf8"));
}

const outcomes = (tests: readonly Result[]) => tests.map(({ name, outcome }) => `${name}: ${outcome}`);

test("passed, failed and skipped tests are told apart, with reasons and notes", () => {
  const { tests, output, notes } = run(`
    test("good", (t) => t.diagnostic("took 5 ms"));
    test("bad", () => { console.log("a trace"); throw new Error("no luck"); });
    test("left out", { skip: "no network" }, () => {});
    describe("group", () => { test("inner", () => {}); });`);
  assert.deepEqual(outcomes(tests), ["good: passed", "bad: failed", "left out: skipped", "group > inner: passed"]);
  assert.match(tests[1]?.why ?? "", /no luck/);
  assert.equal(tests[2]?.why, "no network");
  assert.match(output, /a trace/);
  assert.deepEqual(notes, ["took 5 ms"]);
});

test("a file that hangs is ended with everything it started, and counts as failed", () => {
  const { tests } = run(`
    import { spawn } from "node:child_process";
    import { writeFileSync } from "node:fs";
    test("before", () => {});
    test("hangs", async () => {
      writeFileSync(folder + "/pid", String(spawn("sleep", ["600"]).pid));
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`);
  assert.equal(tests.at(-1)?.outcome, "failed");
  assert.match(tests.at(-1)?.why ?? "", /still running after 2 s/);
});

test("a file that cannot be loaded counts as failed", () => {
  const { tests, output } = run(`import "./missing.mjs";`);
  assert.deepEqual(outcomes(tests), ["(the file itself): failed"]);
  assert.match(output, /missing\.mjs/);
});

test("a file that dies after its tests counts as failed", () => {
  const { tests } = run(`test("good", () => {}); process.on("exit", () => process.kill(process.pid, "SIGKILL"));`);
  assert.ok(tests.some(({ outcome }) => outcome === "failed"));
});

test("a file without tests counts as failed", () => {
  assert.deepEqual(outcomes(run("").tests), ["(the file itself): failed"]);
});
