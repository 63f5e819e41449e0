/**
 * `npm test`: prepares the checkout, then runs the tier of tests that must always be green.
 *
 *     node scripts/test.mjs [--unit] [--full] [--vm] [--only PATTERN] [--list]
 *
 * --unit   no live clusters and no timing tests        --full   every row of every matrix
 * --vm     virtual machines, and nothing else: no other run includes them
 * --only   files whose path matches the expression     --list   print the files and their stages, run nothing
 *
 * Stages, by the name of a file: static checks; `test/interop/` and `test/live/` need root and a test root and run many at
 * a time, because they mostly wait; `*.timing.test.ts` assert milliseconds and run alone at the end; all others are plain. `*.full.test.ts` are
 * of the full tier only.
 * With CI=true a skip counts as a failure. See docs/testing.md.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { checkout, filesBelow } from "./lib/files.mjs";
import { killAll, runFile } from "./lib/run-file.mjs";
import { prepare } from "./prepare.mjs";

const { values: options } = parseArgs({
  options: {
    unit: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    vm: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    list: { type: "boolean", default: false },
  },
});

const cores = availableParallelism();
const notesMax = 20; // lines a file's tests say of themselves that are shown
const overallMinutes = options.full ? 90 : 25;
/**
 * A live cluster waits for its own clock nearly all the time, but its start and its scripts come in bursts: with more than two files a
 * core a node now and then stays without a processor for its whole dead time.
 */
const stages = [
  // A file of storms computes for minutes, longer on a busy machine; the limit is for what hangs.
  { name: "plain", atOnce: cores, limitSeconds: options.full ? 900 : 300 },
  { name: "live", atOnce: 2 * cores, limitSeconds: options.full ? 900 : 300 },
  { name: "timing", atOnce: 1, limitSeconds: options.full ? 300 : 180 },
  { name: "vm", atOnce: 1, limitSeconds: 600 },
];
const stageOf = (file) => (/^test\/vm\//.test(file) ? "vm" : stageOfOthers(file));
const stageOfOthers = (file) =>
  /\.timing\.test\.ts$/.test(file) ? "timing" : /^test\/(interop|live)\//.test(file) ? "live" : "plain";
/** None of whose rows are usual ones. */
const isOfFullTier = (file) => /\.full\.(timing\.)?test\.ts$/.test(file);
/** What uses the laboratory needs a test root, and therefore root. */
const needsTestRoot = (file) => /support\/lab[./]/.test(readFileSync(join(checkout, file), "utf8"));

/** What boots systemd needs the system root beside it. */
const needsSystemRoot = (file) => /support\/lab\/system-lab\./.test(readFileSync(join(checkout, file), "utf8"));

const files = filesBelow(join(checkout, "test"))
  .map((file) => relative(checkout, file))
  .filter((file) => file.endsWith(".test.ts") && new RegExp(options.only).test(file))
  .map((file) => ({ file, stage: stageOf(file) }))
  .filter(({ stage }) => (stage === "vm") === options.vm)
  .filter(({ file }) => options.full || !isOfFullTier(file))
  .filter(({ stage }) => !options.unit || stage === "plain");

if (options.list) {
  for (const { file, stage } of files) console.log(`${stage.padEnd(8)}${file}`);
  process.exit(0);
}

const started = performance.now();
const results = []; // { file, name, outcome, ms, why }
const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
let stopped; // why no further file is started

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    killAll();
    process.exit(130);
  });
const overall = setTimeout(() => {
  stopped = `not run: the limit of ${overallMinutes} minutes for the whole run was reached`;
  killAll();
}, overallMinutes * 60_000);

if (!(await prepare())) {
  results.push({ file: "scripts/prepare.mjs", name: "prepare", outcome: "failed", why: "see above", ms: 0 });
} else {
  if (options.only === "" && !options.vm) staticChecks();
  for (const stage of stages) await runStage(stage);
}
clearTimeout(overall);
conclude();

function staticChecks() {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(join(checkout, "node_modules", ".bin", "biome"), ["check", "."], {
    cwd: checkout,
    encoding: "utf8",
  });
  const ms = performance.now() - begun;
  const outcome = status === 0 ? "passed" : "failed";
  record("biome check .", { ms, tests: [{ name: "lint and format", outcome, why: `${stdout}${stderr}`, ms }] });
}

async function runStage(stage) {
  let queue = files.filter((file) => file.stage === stage.name).map(({ file }) => file);
  if (queue.length === 0) return;
  const begun = performance.now();
  const env = { ...process.env, HEARTBEAT_TEST_FULL: options.full ? "1" : "" };
  const clusters = queue.filter(needsTestRoot);
  if (clusters.length > 0) {
    const { ensureTestRoot } = await import("./test-root.mjs");
    const testRoot = await ensureTestRoot();
    if (testRoot.ok) env["HEARTBEAT_TEST_ROOT"] = testRoot.path;
    else for (const file of clusters) record(file, wholly("skipped", testRoot.why));
    queue = testRoot.ok ? queue : queue.filter((file) => !needsTestRoot(file));
  }
  if (stage.name === "vm") {
    const { ensureVmImages } = await import("./vm-images.mjs");
    const images = await ensureVmImages();
    if (images.ok) env["HEARTBEAT_VM_IMAGES"] = images.path;
    else for (const file of queue.splice(0)) record(file, wholly("skipped", images.why));
  }
  const systems = queue.filter(needsSystemRoot);
  if (systems.length > 0) {
    const { ensureSystemRoot } = await import("./test-root.mjs");
    const systemRoot = await ensureSystemRoot();
    if (systemRoot.ok) env["HEARTBEAT_SYSTEM_ROOT"] = systemRoot.path;
    else for (const file of systems) record(file, wholly("skipped", systemRoot.why));
    queue = systemRoot.ok ? queue : queue.filter((file) => !needsSystemRoot(file));
  }
  console.log(`== ${stage.name}: ${queue.length} files, ${stage.atOnce} at a time`);
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (stopped !== undefined) {
        record(file, wholly("failed", stopped));
        continue;
      }
      const compiled = join(checkout, "dist", file.replace(/\.ts$/, ".js"));
      record(file, await runFile(compiled, { limitSeconds: stage.limitSeconds, env }));
    }
  };
  await Promise.all(Array.from({ length: stage.atOnce }, worker));
  console.log(`   ${stage.name}: ${seconds(performance.now() - begun)}`);
}

/** Keeps the results of a file and prints its line, with all that helps where a test failed. */
function record(file, { tests, ms = 0, notes = [], output = "" }) {
  results.push(...tests.map((test) => ({ file, ...test })));
  const bad = tests.filter((test) => test.outcome === "failed");
  const word = bad.length > 0 ? "FAIL" : tests.every((test) => test.outcome === "skipped") ? "skip" : "ok  ";
  console.log(`${word} ${file} (${tests.length} tests, ${seconds(ms)})`);
  for (const note of notes.slice(0, notesMax)) console.log(`     ${note}`);
  if (notes.length > notesMax) console.log(`     (and ${notes.length - notesMax} more)`);
  for (const test of bad) console.log(indent(`FAILED: ${test.name}\n${test.why}`));
  if (bad.length > 0 && output.trim() !== "") console.log(indent(`printed:\n${output.trim()}`));
}

function conclude() {
  const skipped = results.filter((result) => result.outcome === "skipped");
  if (skipped.length > 0) console.log("\nSkipped, and why:");
  for (const { file, name, why } of skipped) console.log(`  ${file}: ${name}: ${why}`);
  const slowest = results.filter(({ ms }) => ms > 0).sort((a, b) => b.ms - a.ms);
  console.log("\nThe 20 slowest tests:");
  for (const { file, name, ms } of slowest.slice(0, 20)) console.log(`${seconds(ms).padStart(9)}  ${file}: ${name}`);
  const failures = results.filter((result) => result.outcome === "failed");
  if (failures.length > 0) console.log("\nFailed:");
  for (const { file, name } of failures) console.log(`  ${file}: ${name}`);
  console.log(`\n${options.full ? "full" : "usual"} tier, ${seconds(performance.now() - started)} in all`);
  const skipFails = process.env["CI"] === "true" && skipped.length > 0;
  if (skipFails) console.log("With CI=true nothing may be skipped.");
  console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  process.exit(failures.length > 0 || skipFails || count("passed") === 0 ? 1 : 0);
}

/** The result of a file that was not run. */
function wholly(outcome, why) {
  return { tests: [{ name: "(all tests)", outcome, why, ms: 0 }] };
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function indent(text) {
  return text.replace(/^/gm, "     | ");
}
