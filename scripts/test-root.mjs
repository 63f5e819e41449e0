/**
 * The test root: a small tree of this host's own distribution with the original heartbeat 3.0.6 and what live tests need.
 *
 * The original's package enables services and its agents change addresses, so it never goes onto the host: it is installed
 * into a tree of its own, where a policy-rc.d of 101 keeps everything from starting. The tree is made from the host's own
 * package sources, therefore of its own release, therefore with a C library that runs the host's node binary. It is kept
 * in the user's cache and made anew when the list below changes; delete the folder to get newer packages.
 *
 * Run it as `node scripts/test-root.mjs`, which prints the path, or import `ensureTestRoot`.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { withLock } from "./lib/lock.mjs";

/** Everything that live tests use. Sorted; a change makes a new tree. */
const packages = [
  "cluster-glue", // the original's logging, stonith and process libraries
  "e2fsprogs", // the shared disk of the service rounds, and looking at it afterwards
  "heartbeat", // the original itself
  "iproute2", // also the laboratory's own: it needs nothing of the host but util-linux
  "iputils-arping",
  "iputils-ping",
  "mariadb-server", // a real service whose every acknowledged row counts
  "net-tools", // the original's IPaddr calls ifconfig
  "nftables", // loses a part of the packets
  "nginx-light", // a real service
  "postgresql", // another, with a protocol of its own
  "procps",
  "psmisc",
  "resource-agents", // the original's IPaddr and its kin
  "socat", // serial lines from pairs of pseudo terminals
  "stress-ng", // machines that have other things to do than heartbeat
];
/** What a machine that systemd boots has beside that, and the compiler for the other architecture. */
const systemPackages = [
  "dbus", // where systemd tells of its units
  "gcc-aarch64-linux-gnu",
  "logrotate",
  "man-db",
  "openssh-client",
  "openssh-server",
  "systemd",
  "systemd-sysv",
];
/**
 * Only unpacked. What a program needs to be compiled against the original's client library: installed, it would bring a compiler and an
 * interpreter along; the host's own compiler is used, which builds the native addon, too. And DRBD's script for haresources: the rest of
 * that package wants a kernel module.
 */
const unpacked = ["cluster-glue-dev", "drbd-utils", "libglib2.0-dev", "libheartbeat2-dev", "libplumb2-dev"];
const formatVersion = 1; // of the tree itself: raise it when the steps below change

/** { ok: true, path } or { ok: false, why }. Takes a minute or two the first time and nothing later. */
export async function ensureTestRoot({ say = (text) => console.error(`test root: ${text}`) } = {}) {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(cache, "heartbeat-test-root");
  const release = osRelease();
  const id = createHash("sha256")
    .update([formatVersion, release, process.arch, ...packages, ...unpacked].join("\n"))
    .digest("hex");
  const path = join(folder, `${release}-${id.slice(0, 12)}`);
  if (process.getuid() !== 0) return { ok: false, why: "needs root: nodes live in a tree and namespaces of their own" };
  const forbidden = spawnSync("unshare", ["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "true"]);
  if (forbidden.status !== 0) return { ok: false, why: `this host allows no namespaces: ${forbidden.stderr}`.trim() };
  if (existsSync(path)) return inUse(path);
  if (release === undefined)
    return { ok: false, why: "/etc/os-release names no release: a Debian or Ubuntu host is needed" };
  mkdirSync(folder, { recursive: true });
  return await withLock(
    folder,
    () => (existsSync(path) ? inUse(path) : build(folder, path, release, say)),
    () => say("waiting for somebody else who is making it"),
  );
}

/**
 * The system root: the test root with systemd and what packages of ours are built and tried with. A tree of its own, because a machine with
 * systemd behaves differently in many places. Takes some 20 s the first time.
 */
export async function ensureSystemRoot({ say = (text) => console.error(`system root: ${text}`) } = {}) {
  const base = await ensureTestRoot({ say });
  if (!base.ok) return base;
  const folder = join(dirname(base.path), "..", "heartbeat-system-root");
  const id = createHash("sha256")
    .update([basename(base.path), ...systemPackages].join("\n"))
    .digest("hex");
  const path = join(folder, id.slice(0, 12));
  if (existsSync(path)) return { ok: true, path };
  mkdirSync(folder, { recursive: true });
  return await withLock(
    folder,
    () => (existsSync(path) ? { ok: true, path } : buildSystem(folder, base.path, path, say)),
    () => say("waiting for somebody else who is making it"),
  );
}

function buildSystem(folder, base, path, say) {
  say(`making ${path} from the test root (about 20 s)`);
  const tree = `${path}.new`;
  const log = join(folder, "build.log");
  const output = openSync(log, "w");
  try {
    rmSync(tree, { recursive: true, force: true });
    run(output, ["cp", "-a", base, tree]);
    const install = ["apt-get", "install", "-y", "--no-install-recommends", ...systemPackages];
    isolated(output, ["chroot", tree, "env", "DEBIAN_FRONTEND=noninteractive", ...install]);
    // The original's package itself, for the way back to it.
    isolated(output, [
      "chroot",
      tree,
      "sh",
      "-c",
      "mkdir /srv/original && cd /srv/original && apt-get download heartbeat",
    ]);
    isolated(output, ["chroot", tree, "apt-get", "clean"]);
  } catch (error) {
    const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    return { ok: false, why: `could not be made: ${error.message}; the end of ${log}:\n${tail}` };
  }
  renameSync(tree, path);
  return { ok: true, path };
}

function build(folder, path, release, say) {
  const started = performance.now();
  const tree = `${path}.new`;
  // A tree that was interrupted has no mounts: they lived and died in a mount namespace.
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".new")))
    rmSync(join(folder, name), { recursive: true, force: true });
  const log = join(folder, "build.log");
  const output = openSync(log, "w");
  try {
    // Without package lists, as on a new machine, apt can neither install nor name its sources.
    if (!has("debootstrap") || !mainSource(packageSources(release), release)) {
      say("reading the host's package lists");
      run(output, ["apt-get", "update"]);
    }
    if (!has("debootstrap")) {
      say("installing debootstrap");
      run(output, ["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"]);
    }
    const sources = packageSources(release);
    const main = mainSource(sources, release);
    if (main === undefined) throw new Error(`apt on this host has no source for ${release}`);
    say(`making ${path} from the host's package sources (a minute or two)`);
    const components = [...new Set(sources.map((source) => source.component))].join(",");
    isolated(output, ["debootstrap", "--variant=minbase", `--components=${components}`, release, tree, main.uri]);
    furnish(tree, sources);
    isolated(output, ["chroot", tree, "apt-get", "update"]);
    const install = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
    isolated(output, ["chroot", tree, "env", "DEBIAN_FRONTEND=noninteractive", ...install]);
    // Some packages still have files in /sbin and /lib, which are links in this tree and must stay so.
    const open = `dpkg-deb --fsys-tarfile "$each" | tar -xC / --keep-directory-symlink`;
    const unpack = `cd /var/cache/apt && apt-get download "$@" && for each in *.deb; do ${open}; done && rm *.deb`;
    isolated(output, ["chroot", tree, "sh", "-ec", unpack, "unpack", ...unpacked]);
    isolated(output, ["chroot", tree, "apt-get", "clean"]);
  } catch (error) {
    const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    return { ok: false, why: `could not be made: ${error.message}; the end of ${log}:\n${tail}` };
  }
  renameSync(tree, path);
  inUse(path); // the folder itself is as old as the package that it came with
  for (const name of readdirSync(folder, { withFileTypes: true }))
    if (name.isDirectory() && join(folder, name.name) !== path) retire(join(folder, name.name));
  say(`ready after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return { ok: true, path };
}

/** Settings of the tree before anything is installed into it. */
function furnish(tree, sources) {
  const write = (name, text) => writeFileSync(join(tree, name), text);
  write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
  chmodSync(join(tree, "usr/sbin/policy-rc.d"), 0o755);
  write(
    "etc/apt/sources.list",
    sources.map(({ uri, suite, component }) => `deb ${uri} ${suite} ${component}\n`).join(""),
  );
  const settings = text(["apt-config", "dump", "Acquire"]).split("\n");
  const kept = settings.filter((line) => /^Acquire::(https?::|Check-|Retries|ForceIPv)/.test(line));
  write("etc/apt/apt.conf.d/90host", [...kept, 'APT::Sandbox::User "root";', ""].join("\n"));
  write("etc/dpkg/dpkg.cfg.d/quick", "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n");
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  if (existsSync(certificates)) {
    mkdirSync(join(tree, "etc/ssl/certs"), { recursive: true });
    cpSync(certificates, join(tree, certificates), { dereference: true });
  }
  cpSync("/etc/resolv.conf", join(tree, "etc/resolv.conf"), { dereference: true });
}

/** The host's own sources of this release and its updates; what others publish for it is left out. */
function packageSources(release) {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const suites = new Set([release, `${release}-updates`, `${release}-security`]);
  return text(["apt-get", "indextargets", "--format", format, "Created-By: Packages"])
    .split("\n")
    .map((line) => line.split(" "))
    .map(([uri, suite, component]) => ({ uri, suite, component }))
    .filter(({ suite }) => suites.has(suite));
}

const mainSource = (sources, release) => sources.find((source) => source.suite === release);

/** Mounts and processes that a command leaves behind vanish with its namespaces. */
function isolated(output, command) {
  run(output, ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--", ...command]);
}

function run(output, [command, ...args]) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", output, output], timeout: 600_000 });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 8).join(" ")}: ${error?.message ?? `exit ${status}`}`);
}

const text = ([command, ...args]) => spawnSync(command, args, { encoding: "utf8" }).stdout.trim();
const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function osRelease() {
  const file = "/etc/os-release";
  return existsSync(file) ? /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
}

/** Its time is that of its last use. */
function inUse(path) {
  const now = new Date();
  utimesSync(path, now, now);
  return { ok: true, path };
}

/** Removes an older tree, unless a test of another checkout may be using it: then it is left for the next time. */
function retire(path) {
  const weekMs = 7 * 24 * 3600_000;
  const age = Date.now() - Number(spawnSync("stat", ["-c", "%Y", path], { encoding: "utf8" }).stdout) * 1000;
  if (age > weekMs) rmSync(path, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const testRoot = await ensureTestRoot();
  console.log(testRoot.ok ? testRoot.path : `no test root: ${testRoot.why}`);
  process.exit(testRoot.ok ? 0 : 1);
}
