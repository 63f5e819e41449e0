/**
 * What is installed where: lays the files of the Debian package out below a folder, at the original's places.
 *
 * The program itself is one folder, /usr/lib/heartbeat/app: compiled sources, addon, and the Node.js that runs it. Everything else is a
 * link to a door in its `bin`, a script of `share`, or a file of `packaging`.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { checkout, filesBelow } from "./files.mjs";

export const app = "/usr/lib/heartbeat/app";
const nodeInside = `${app}/node`;
const nodeOfTheSystem = "/usr/bin/node";

/** Places of programs, all of which are doors of `bin`. cl_respawn and cl_status are where the original's package has them. */
const doors = [
  "/usr/bin/cl_respawn",
  "/usr/bin/cl_status",
  "/usr/libexec/heartbeat/heartbeat",
  "/usr/sbin/heartbeat",
  "/usr/share/heartbeat/hb_addnode",
  "/usr/share/heartbeat/hb_delnode",
  "/usr/share/heartbeat/hb_setsite",
  "/usr/share/heartbeat/hb_setweight",
];

/** Doors whose usual place belongs to another package (cluster-glue), or that have none: all lie here. */
const ownPlace = "/usr/libexec/heartbeat";

/** Directories that are there without a file in them. */
const folders = ["/etc/ha.d/conf", "/var/lib/heartbeat/cores", "/var/lib/heartbeat/api", "/var/lib/heartbeat/casual"];

/** Lays out everything below `root`. `runtime` is undefined for a package that runs with the system's Node.js. */
export function layOut(root, { addon, arch, runtime, manual }) {
  const at = (path) => join(root, path);
  const make = (path) => mkdirSync(dirname(at(path)), { recursive: true });
  const write = (path, content, mode = 0o644) => {
    make(path);
    rmSync(at(path), { force: true });
    writeFileSync(at(path), content);
    chmodSync(at(path), mode);
  };
  const node = runtime === undefined ? nodeOfTheSystem : nodeInside;

  for (const name of ["etc", "usr"])
    cpSync(join(checkout, "share", name), at(`/${name}`), { recursive: true, verbatimSymlinks: true });
  rmSync(at("/etc/ha.d/shellfuncs")); // resource-agents has a file of that name, and our own scripts do not read it
  wrappersAsFiles(at("/etc/ha.d/resource.d"));
  for (const folder of folders) mkdirSync(at(folder), { recursive: true });

  write(`${app}/package.json`, readFileSync(join(checkout, "package.json")));
  cpSync(join(checkout, "dist", "src"), at(`${app}/dist/src`), { recursive: true });
  make(`${app}/build/x`);
  copyFileSync(addon, at(`${app}/build/hbsys-${arch}.node`));
  if (runtime !== undefined) {
    copyFileSync(runtime.program, at(nodeInside));
    chmodSync(at(nodeInside), 0o755);
  }
  for (const door of filesBelow(join(checkout, "bin"))) {
    const text = readFileSync(door, "utf8").replace(/^#!.*\n/, `#!${node}\n`);
    write(`${app}/bin/${basename(door)}`, text, 0o755);
  }
  const placed = new Set(doors.map((path) => basename(path)));
  const shared = new Set(["hb_standby", "hb_takeover"]); // small scripts of `share`, quick and without Node.js
  const unplaced = readdirSync(at(`${app}/bin`)).filter((name) => !placed.has(name) && !shared.has(name));
  for (const path of [...doors, ...unplaced.map((name) => `${ownPlace}/${name}`)]) {
    make(path);
    symlinkSync(relative(dirname(path), `${app}/bin/${basename(path)}`), at(path));
  }

  const packaging = (name) => readFileSync(join(checkout, "packaging", name), "utf8");
  write("/etc/init.d/heartbeat", packaging("init.d/heartbeat"), 0o755);
  write("/etc/logrotate.d/heartbeat", packaging("logrotate.d/heartbeat"));
  write("/usr/lib/tmpfiles.d/heartbeat.conf", packaging("tmpfiles.d/heartbeat.conf"));
  write("/lib/systemd/system/heartbeat.service", unit(packaging("systemd/heartbeat.service.in"), node));
  write("/lib/systemd/system/heartbeat-logd.service", packaging("systemd/heartbeat-logd.service"));

  for (const [path, text] of manual) {
    // A page of the plain name belongs to the other package, too.
    const ofAnother = unplaced.some((name) => basename(path).startsWith(`${name}.`));
    const placedAt = ofAnother ? join(dirname(path), `heartbeat-${basename(path)}`) : path;
    if (path.startsWith("/usr/share/man/")) write(`${placedAt}.gz`, compressed(text));
    else write(path, text);
  }
  documents(write, runtime);
  ownModes(root);
}

/**
 * Makes the laid-out program one of another version or runner protocol, where these are not empty. Returns the number of the protocol, which is
 * also written down beside the program: the next package reads there whether it can take over.
 */
export function disguise(root, { version, protocol }) {
  const at = (file) => join(root, app, "dist", "src", file);
  const replace = (file, pattern, value) => {
    const text = readFileSync(at(file), "utf8");
    if (!pattern.test(text)) throw new Error(`${file} does not say what it was looked for`);
    if (value !== "") writeFileSync(at(file), text.replaceAll(pattern, `$1${value}$2`));
  };
  const core = "daemon/core-main.js"; // one file of all its modules
  for (const file of ["daemon/version.js", core]) replace(file, /(\bversion = ")\d[^"]*(";)/g, version);
  const numbered = "drivers/runner-protocol.js";
  for (const file of [numbered, core]) replace(file, /(\brunnerProtocol = )\d+(;)/g, protocol);
  const [, number] = /\brunnerProtocol = (\d+);/.exec(readFileSync(at(numbered), "utf8"));
  writeFileSync(join(root, app, "runner-protocol"), `${number}\n`, { mode: 0o644 });
  return number;
}

/** The program and its arguments as the launcher would start them. */
function unit(text, node) {
  const launch = join(checkout, "dist", "src", "daemon", "launch.js");
  const script = 'import(process.argv[1]).then((m) => console.log(m.serviceArguments().join(" ")))';
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script, launch], { encoding: "utf8" });
  if (status !== 0) throw new Error(`launch.js: ${stderr}`);
  return text
    .replace("@NODE@", node)
    .replace("@ARGUMENTS@", stdout.trim().replaceAll(join(checkout, "dist"), `${app}/dist`));
}

/** dpkg keeps an administrator's changes of regular files only, so each link to the one wrapper becomes a file that reads it. */
function wrappersAsFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!lstatSync(path).isSymbolicLink()) continue;
    rmSync(path);
    writeFileSync(path, "#!/bin/sh\n. /usr/share/heartbeat/ocf-resource\n", { mode: 0o755 });
  }
}

function documents(write, runtime) {
  const doc = "/usr/share/doc/heartbeat";
  write(`${doc}/README.md`, readFileSync(join(checkout, "README.md")));
  for (const name of readdirSync(join(checkout, "docs")).filter((each) => each.endsWith(".md")))
    write(`${doc}/${name}`, readFileSync(join(checkout, "docs", name)));
  const licences = [`Heartbeat 4\n\n${readFileSync(join(checkout, "LICENSE"), "utf8")}`];
  if (runtime !== undefined)
    licences.push(`${app}/node is Node.js, under these terms:\n\n${readFileSync(runtime.licence, "utf8")}`);
  write(`${doc}/copyright`, licences.join("\n\n"));
}

/** Without a time inside, so that the same text gives the same bytes. */
const compressed = (text) => gzipSync(text, { level: 9 });

/** 755 for folders and programs, 644 for the rest, whatever the checkout's umask was. */
function ownModes(root) {
  chmodSync(root, 0o755); // dpkg gives the machine's own root directory this one's mode
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  if (!existsSync(join(root, "etc/ha.d/harc"))) throw new Error("the tree has no /etc/ha.d/harc");
}
