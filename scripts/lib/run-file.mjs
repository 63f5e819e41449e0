/**
 * Runs one compiled test file in a process group of its own, for at most so long.
 *
 * Why not `node --test`: a file that hangs must die with everything it started, and what it had been doing must be told.
 * The process dies with the runner, too (setpriv --pdeathsig), so that an interrupted run leaves nothing behind.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "./files.mjs";

const reporter = new URL("./json-reporter.mjs", import.meta.url).href;
const outputMax = 200_000; // characters of a file's own output that are kept

/** Process groups that run now: all are killed when the runner is interrupted or out of time. */
const running = new Set();

export function killAll() {
  for (const pid of running) killGroup(pid);
}

/**
 * Runs `file` (a path below dist/test). The result lists its tests: { name, outcome: "passed" | "failed" | "skipped", ms, why },
 * with `output` being what it printed.
 */
export async function runFile(file, { limitSeconds, env }) {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-test-"));
  const events = join(folder, "events");
  const command = ["--pdeathsig", "KILL", process.execPath, "--enable-source-maps"];
  command.push(`--test-reporter=${reporter}`, `--test-reporter-destination=${events}`, file);
  const started = performance.now();
  const child = spawn("setpriv", command, { cwd: checkout, detached: true, env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.pid);
  let output = "";
  const keep = (chunk) => {
    if (output.length < outputMax) output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, limitSeconds * 1000);
  const ending = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  clearTimeout(limit);
  killGroup(child.pid); // what the file left running
  running.delete(child.pid);
  const ms = performance.now() - started;
  const lines = existsSync(events) ? readFileSync(events, "utf8").split("\n") : [];
  rmSync(folder, { recursive: true, force: true });
  const said = lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
  return { ...judge(said, late ? `still running after ${limitSeconds} s` : ending, ms), output, ms };
}

/** Turns the events of a file and the way it ended into results. */
function judge(events, ending, ms) {
  const tests = [];
  const notes = [];
  const open = []; // names of the tests that have started and not ended, outermost first
  for (const event of events) {
    if (event.type === "test:diagnostic") {
      if (!/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(event.message))
        notes.push(event.message);
      continue;
    }
    if (event.type === "test:start") {
      open.length = event.nesting;
      open[event.nesting] = event.name;
      continue;
    }
    const name = [...open.slice(0, event.nesting), event.name].join(" > ");
    if (open[event.nesting] === event.name) open.length = event.nesting;
    if (event.suite && event.type === "test:pass") continue;
    tests.push({ name, ms: event.ms, ...outcomeOf(event) });
  }
  if (ending !== undefined && !tests.some((test) => test.outcome === "failed")) {
    const where = open.length > 0 ? `, in: ${open.join(" > ")}` : "";
    tests.push({ name: "(the file itself)", ms, outcome: "failed", why: `${ending}${where}` });
  }
  if (tests.length === 0) tests.push({ name: "(the file itself)", ms, outcome: "failed", why: "contains no test" });
  return { tests, notes };
}

function outcomeOf({ type, skip, todo, error }) {
  const excused = skip ?? todo;
  if (excused !== undefined && excused !== false)
    return { outcome: "skipped", why: typeof excused === "string" && excused !== "" ? excused : "no reason given" };
  return type === "test:pass" ? { outcome: "passed" } : { outcome: "failed", why: error ?? "no error given" };
}

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has ended already.
  }
}
