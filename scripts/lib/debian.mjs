/**
 * Makes a Debian package of a laid-out tree with dpkg-deb alone. The same checkout gives the same bytes: times are those of the last commit,
 * owners root, orders sorted.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { checkout, filesBelow } from "./files.mjs";

const architectures = { x64: "amd64", arm64: "arm64" };

/** `4.0.0-dev` becomes `1:4.0.0~dev-1`, which is older than `1:4.0.0-1` and newer than every 3.x. */
export const debianVersion = (version) => `1:${version.replace("-", "~")}-1`;
export const debianFile = (version, arch) =>
  `heartbeat_${debianVersion(version).replace("1:", "")}_${architectures[arch]}.deb`;

/** The time of the last commit, in seconds, unless the surroundings name another one. */
export function sourceTime() {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given) return Number(given);
  const { status, stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: checkout, encoding: "utf8" });
  return status === 0 ? Number(stdout.trim()) : Math.floor(lstatSync(join(checkout, "package.json")).mtimeMs / 1000);
}

export function buildDebian(root, output, { version, protocol, arch, nodeInside, quick }) {
  const debian = join(root, "DEBIAN");
  mkdirSync(debian);
  const files = filesBelow(root).map((file) => relative(root, file));
  const size = files.reduce((sum, file) => sum + Math.ceil(lstatSync(join(root, file)).size / 1024), 0);
  const sums = files.map(
    (file) =>
      `${createHash("md5")
        .update(readFileSync(join(root, file)))
        .digest("hex")}  ${file}\n`,
  );
  const conffiles = files.filter((file) => file.startsWith("etc/")).map((file) => `/${file}\n`);
  writeFileSync(join(debian, "md5sums"), sums.join(""));
  writeFileSync(join(debian, "conffiles"), conffiles.join(""));
  writeFileSync(join(debian, "control"), control(version, arch, nodeInside, size));
  for (const script of readdirSync(join(checkout, "packaging", "debian"))) {
    const text = readFileSync(join(checkout, "packaging", "debian", script), "utf8");
    writeFileSync(
      join(debian, script),
      text.replaceAll("@RUNNER_PROTOCOL@", protocol).replaceAll("@VERSION@", debianVersion(version)),
    );
    chmodSync(join(debian, script), 0o755);
  }
  const time = sourceTime();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
    lutimesSync(join(entry.parentPath, entry.name), time, time);
  lutimesSync(root, time, time);
  const compression = quick ? ["-Zgzip", "-z1"] : ["-Zxz", "-z6", "--threads-max=1"];
  const { status, stderr, error } = spawnSync(
    "dpkg-deb",
    ["--root-owner-group", ...compression, "--build", root, output],
    { encoding: "utf8", env: { ...process.env, SOURCE_DATE_EPOCH: `${time}`, LC_ALL: "C" } },
  );
  if (status !== 0) throw new Error(`dpkg-deb: ${error?.message ?? stderr}`);
}

function control(version, arch, nodeInside, size) {
  const debian = debianVersion(version);
  // What the Node.js inside is linked with; resource-agents as for the original: the wrappers of resource.d run its agents.
  const runs = nodeInside ? "libc6 (>= 2.28), libstdc++6, libgcc-s1" : "nodejs (>= 20.19)";
  return `Package: heartbeat
Version: ${debian}
Architecture: ${architectures[arch]}
Maintainer: Heartbeat developers <heartbeat@localhost>
Section: admin
Priority: optional
Installed-Size: ${size}
Depends: ${runs}, adduser, init-system-helpers, resource-agents
Recommends: cluster-glue, iproute2, logrotate
Provides: cluster-messaging-framework, heartbeat (= ${debian})
Conflicts: heartbeat (<< 1:4~)
Replaces: heartbeat (<< 1:4~)
Description: high availability for small clusters of Linux machines
 Nodes watch each other over networks and serial lines; when one falls silent,
 another takes over its addresses and services.
 .
 The successor of Linux-HA Heartbeat 3.0.6: same files, same protocol, same
 commands. Nodes of both versions work together in one cluster.
`;
}
