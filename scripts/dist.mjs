/**
 * `npm run dist`: everything that is handed out, into `dist-packages/`.
 *
 *     node scripts/dist.mjs [--arch x64,arm64] [--node inside|system] [--quick] [--only deb|npm] [--output DIR] [--as VERSION] [--protocol N]
 *
 * A Debian package for each architecture, with its own Node.js inside unless `--node system` is given, and an npm tarball with the addon for
 * both. `--quick` compresses little, for tests. The same commit gives the same bytes. `--as` makes a package that calls itself of another version, and
 * `--protocol` one whose runner does not understand this one's core: upgrades are tested with them.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildAddonFor } from "./lib/cross-addon.mjs";
import { buildDebian, debianFile, sourceTime } from "./lib/debian.mjs";
import { checkout } from "./lib/files.mjs";
import { nodeRuntime } from "./lib/node-runtime.mjs";
import { disguise, layOut } from "./lib/package-tree.mjs";
import { prepare } from "./prepare.mjs";
import { ensureSystemRoot } from "./test-root.mjs";

const { values: options } = parseArgs({
  options: {
    arch: { type: "string", default: "x64,arm64" },
    as: { type: "string", default: "" },
    protocol: { type: "string", default: "" },
    node: { type: "string", default: "inside" },
    only: { type: "string", default: "" },
    output: { type: "string", default: join(checkout, "dist-packages") },
    quick: { type: "boolean", default: false },
  },
});
const output = resolve(options.output);
const arches = options.arch.split(",").filter((arch) => arch !== "");
const { version: ownVersion } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
const version = options.as || ownVersion;

process.umask(0o022); // what is made is for everybody to read, whoever makes it
try {
  await dist();
} catch (error) {
  console.error(`dist: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function dist() {
  const unknown = arches.find((arch) => arch !== "x64" && arch !== "arm64");
  if (unknown !== undefined) throw new Error(`--arch ${unknown}: x64 and arm64 are what it is made for`);
  if (!["inside", "system"].includes(options.node)) throw new Error("--node is inside or system");
  if (!(await prepare())) throw new Error("the checkout could not be built");
  mkdirSync(output, { recursive: true });
  const addons = new Map();
  for (const arch of arches) {
    const addon = join(checkout, "build", "dist", `hbsys-${arch}.node`);
    await buildAddonFor(arch, addon, systemRoot);
    addons.set(arch, addon);
  }
  if (options.only !== "npm") for (const arch of arches) await debianPackage(arch, addons.get(arch));
  if (options.only !== "deb") npmTarball(addons);
}

async function systemRoot() {
  const tree = await ensureSystemRoot();
  if (!tree.ok)
    throw new Error(`no cross compiler (apt-get install gcc-aarch64-linux-gnu), nor a tree with one: ${tree.why}`);
  return tree.path;
}

async function debianPackage(arch, addon) {
  const root = mkdtempSync(join(tmpdir(), "heartbeat-deb-"));
  try {
    const { manualFiles } = await import(pathToFileURL(join(checkout, "dist", "src", "cli", "manual-files.js")).href);
    const runtime = options.node === "inside" ? nodeRuntime(arch) : undefined;
    layOut(root, { addon, arch, runtime, manual: await manualFiles() });
    const protocol = disguise(root, { version: options.as, protocol: options.protocol });
    const file = join(output, debianFile(version, arch));
    buildDebian(root, file, { version, protocol, arch, nodeInside: runtime !== undefined, quick: options.quick });
    tell(file);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What `npm install -g FILE` needs: compiled sources, doors, scripts and both addons; nothing is compiled there. */
function npmTarball(addons) {
  const root = mkdtempSync(join(tmpdir(), "heartbeat-npm-"));
  try {
    for (const name of ["bin", "share", "packaging", "docs", "README.md", "LICENSE"])
      cpSync(join(checkout, name), join(root, name), { recursive: true, verbatimSymlinks: true });
    cpSync(join(checkout, "dist", "src"), join(root, "dist", "src"), { recursive: true });
    mkdirSync(join(root, "build"));
    for (const [arch, addon] of addons) cpSync(addon, join(root, "build", `hbsys-${arch}.node`));
    cpSync(join(checkout, "src"), join(root, "src"), { recursive: true }); // the types of the client library
    const { name, description, license, type, exports, engines, os } = JSON.parse(
      readFileSync(join(checkout, "package.json"), "utf8"),
    );
    const programs = ["cl_status", "heartbeat"].map((each) => [each, `bin/${each}`]);
    const manifest = { name, version, description, license, type, exports, engines, os, cpu: [...addons.keys()] };
    writeFileSync(
      join(root, "package.json"),
      `${JSON.stringify({ ...manifest, bin: Object.fromEntries(programs), files: ["*"] }, null, 2)}\n`,
    );
    const packed = spawnSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", output], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, SOURCE_DATE_EPOCH: `${sourceTime()}` },
    });
    if (packed.status !== 0) throw new Error(`npm pack: ${packed.stderr}`);
    tell(join(output, packed.stdout.trim()));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function tell(file) {
  const bytes = readFileSync(file);
  const megabytes = (bytes.length / 1e6).toFixed(1);
  console.log(`${file}  ${megabytes} MB  sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
}
