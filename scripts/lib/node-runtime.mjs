/**
 * The Node.js that travels inside the Debian package: one pinned version for each architecture, from the npm registry by npm's own client,
 * held to the checksum below, kept in the user's cache.
 *
 * Inside, because Debian 12 has Node.js 18, and because a machine's own Node.js may be replaced for reasons that are not ours.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const nodeVersion = "24.21.0";

/** From `npm view node-linux-ARCH@VERSION dist.integrity`. */
const integrity = {
  x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** The path of the program and of its licence: { program, licence }. Throws if it cannot be had as pinned. */
export function nodeRuntime(arch) {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "heartbeat-dist");
  const folder = join(cache, `node-${nodeVersion}-${arch}`);
  const runtime = { program: join(folder, "bin", "node"), licence: join(folder, "LICENSE") };
  if (existsSync(runtime.program)) return runtime;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    run("npm", ["pack", "--silent", "--pack-destination", fresh, `node-linux-${arch}@${nodeVersion}`], fresh);
    const [tarball = ""] = readdirSync(fresh).filter((name) => name.endsWith(".tgz"));
    const digest = `sha512-${createHash("sha512")
      .update(readFileSync(join(fresh, tarball)))
      .digest("base64")}`;
    if (digest !== integrity[arch]) throw new Error(`${tarball} is not the pinned one: ${digest}`);
    run("tar", ["xzf", tarball, "--strip-components=1", "package/bin/node", "package/LICENSE"], fresh);
    rmSync(join(fresh, tarball));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return runtime;
}

function run(command, args, cwd) {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
