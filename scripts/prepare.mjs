/**
 * Makes a fresh checkout ready to run: packages, native addon, compiled sources.
 *
 * Each step is done only when its inputs changed since it last succeeded, judged by a hash of their contents, so that this
 * costs some milliseconds and prints nothing when there is nothing to do. Two at once are fine: the second one waits.
 *
 * Run it as `node scripts/prepare.mjs [--force]`, or import `prepare`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { checkout, filesBelow, fingerprint, readStamp } from "./lib/files.mjs";
import { withLock } from "./lib/lock.mjs";

const inCheckout = (...parts) => join(checkout, ...parts);

/**
 * What has to be up to date, in order. A stamp lives inside what it describes, so that removing the folder removes it too.
 * An optional step may fail: its message stands on the screen, and what needs it says so itself.
 */
const steps = [
  {
    what: "packages",
    stamp: inCheckout("node_modules", ".prepared"),
    inputs: () => [inCheckout("package-lock.json")],
    // Install scripts of packages are never run: nothing we use needs one.
    run: () => run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]),
  },
  {
    what: "native addon",
    stamp: inCheckout("build", ".addon-prepared"),
    inputs: () => [inCheckout("scripts", "build-addon.mjs"), ...filesBelow(inCheckout("native"))],
    run: () => run(process.execPath, [inCheckout("scripts", "build-addon.mjs"), "--required"]),
    optional: true,
  },
  {
    what: "program",
    stamp: inCheckout("dist", ".prepared"),
    inputs: () => [
      inCheckout("tsconfig.json"),
      inCheckout("scripts", "prepare.mjs"),
      inCheckout("node_modules", ".prepared"),
      ...filesBelow(inCheckout("src")),
      ...filesBelow(inCheckout("bench")),
      ...filesBelow(inCheckout("test")).filter((file) => file.endsWith(".ts")),
    ],
    run: () =>
      run(inCheckout("node_modules", ".bin", "tsc"), ["-p", inCheckout("tsconfig.json")]) &&
      removeOrphans() &&
      bundleCore(),
  },
];

/** Brings the checkout up to date; true if every step that is not optional succeeded. */
export async function prepare({ force = false } = {}) {
  checkNode();
  if (!force && steps.every(isDone)) return true;
  return await withLock(
    checkout,
    () => steps.every((step) => (!force && isDone(step)) || carryOut(step)),
    () => console.error("prepare: waiting for another one in this checkout"),
  );
}

// The addon's binary interface changes with the major version of Node.
const wanted = (step) => fingerprint(step.inputs(), process.versions.modules);
const isDone = (step) => readStamp(step.stamp) === wanted(step);

function carryOut(step) {
  const started = performance.now();
  console.error(`prepare: ${step.what} ...`);
  rmSync(step.stamp, { force: true }); // whoever looks now must wait
  if (!step.run()) {
    console.error(`prepare: ${step.what} failed`);
    return step.optional === true;
  }
  mkdirSync(dirname(step.stamp), { recursive: true });
  writeFileSync(step.stamp, `${wanted(step)}\n`);
  console.error(`prepare: ${step.what} ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** Runs a command in the checkout with its output on our standard error; true if it succeeded. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: checkout, stdio: ["ignore", 2, 2] });
  if (error) console.error(`prepare: cannot run ${command}: ${error.message}`);
  return status === 0;
}

/** Compiled files whose source is gone would still be run as tests. */
function removeOrphans() {
  for (const folder of ["bench", "src", "test"])
    for (const file of filesBelow(inCheckout("dist", folder))) {
      const source = inCheckout(relative(inCheckout("dist"), file).replace(/\.js$/, ".ts"));
      if (file.endsWith(".js") && !existsSync(source)) rmSync(file);
    }
  return true;
}

/**
 * The core's modules as one file in the place of its first: to find and link 240 of them takes three times as long, and a core that died
 * is waited for. All other programs, and the tests, use the modules as they are. What a module finds by its own address must be found from
 * this folder, too.
 */
function bundleCore() {
  const core = inCheckout("dist", "src", "daemon", "core-main.js");
  const options = ["--bundle", "--platform=node", "--format=esm", "--target=node20", "--log-level=warning"];
  return run(inCheckout("node_modules", ".bin", "esbuild"), [
    core,
    ...options,
    "--allow-overwrite",
    `--outfile=${core}`,
  ]);
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(inCheckout("package.json"), "utf8"));
  const number = (version) => version.split(".").reduce((sum, part) => sum * 1000 + Number(part), 0);
  const needed = engines.node.replace(">=", "");
  const padded = [...needed.split("."), "0", "0"].slice(0, 3).join(".");
  if (number(process.versions.node) >= number(padded)) return;
  console.error(`Heartbeat needs Node.js ${needed} or later; this is ${process.versions.node} (${process.execPath}).`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exit((await prepare({ force: process.argv.includes("--force") })) ? 0 : 1);
