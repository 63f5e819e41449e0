/**
 * Builds the native addon `build/hbsys-ARCH.node` with one call of the C compiler; does nothing when it is up to date.
 *
 * No node-gyp and no libuv headers: `node-api-headers` from the lockfile is all it takes. Without a compiler everything that
 * needs no kernel access still works, so that is a message and not an error, unless `--required` is given.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonFlags as flags, addonHeaders as headers, addonSource as source } from "./lib/addon.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, `build/hbsys-${process.arch}.node`);
const stamp = `${output}.stamp`;
const required = process.argv.includes("--required");

function give(text, failed = false) {
  console.log(`addon: ${text}`);
  process.exitCode = failed && required ? 1 : 0;
}

/** The first compiler that answers; CC in the environment goes first, as everywhere. */
function compiler() {
  for (const name of [process.env.CC, "cc", "gcc", "clang"]) {
    if (name === undefined || name === "") continue;
    const asked = spawnSync(name, ["--version"], { encoding: "utf8" });
    if (asked.status === 0) return { name, version: asked.stdout.split("\n")[0] ?? "" };
  }
  return undefined;
}

function fresh(digest) {
  return existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8").trim() === digest;
}

function build() {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch))
    return give(`not built: made for Linux on x64 and arm64, this is ${process.platform} on ${process.arch}`, true);
  if (!existsSync(join(headers, "node_api.h")))
    return give("not built: the Node-API headers are missing; run: npm ci --ignore-scripts", true);
  const digest = createHash("sha256").update(readFileSync(source)).update(flags.join(" ")).digest("hex");
  if (fresh(digest)) return give(`up to date (build/hbsys-${process.arch}.node)`);

  const cc = compiler();
  if (cc === undefined)
    return give(
      "not built: no C compiler found; install one with: apt-get install gcc (or: dnf install gcc, apk add gcc)",
      true,
    );
  mkdirSync(dirname(output), { recursive: true });
  const fresher = `${output}.${process.pid}`; // renamed into place: a running daemon keeps the file that it has mapped
  const run = spawnSync(cc.name, [...flags, "-I", headers, "-o", fresher, source], { encoding: "utf8" });
  if (run.status !== 0) {
    console.error(run.stderr);
    return give(`not built: ${cc.name} (${cc.version}) failed`, true);
  }
  renameSync(fresher, output);
  writeFileSync(stamp, `${digest}\n`);
  return give(`built build/hbsys-${process.arch}.node with ${cc.name}`);
}

build();
