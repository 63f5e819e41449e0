/** What the tests of file systems have in common: disks on loop devices, the built-in resource, and processes that may use it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { AgentAction } from "../../src/agents/resource.ts";
import { BuiltInResources } from "../../src/runner/built-in.ts";
import type { Begun } from "../../src/runner/script.ts";

/** A place, an image for a disk, and the built-in resource as the runner calls it. */
export function prepare(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-fs-"));
  const place = join(folder, "a place");
  const image = join(folder, "disk.img");
  const remarks: string[] = [];
  const resources = new BuiltInResources((_, text) => remarks.push(text));
  const begin = (action: AgentAction, args: readonly string[]): Begun => {
    const timeLimit = 30_000;
    const surroundings = { timeLimit, environment: process.env, workingDirectory: "/", runDirectory: folder };
    const names = { kind: "script", script: "Filesystem", node: "fox", spared: [] } as const;
    return resources.run({ ...names, args, action, ...surroundings });
  };
  const run = async (action: AgentAction, args: readonly string[]): Promise<number | string> => {
    const outcome = await begin(action, args).ended;
    return outcome.result === "exited" ? outcome.code : outcome.result;
  };
  t.after(() => {
    spawnSync("umount", ["--recursive", "--lazy", place]); // after a failure
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, place, image, remarks, begin, run };
}

export const command = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: "utf8" }).trim();

export function makeDisk(image: string, label = ""): void {
  command("truncate", "-s", "16M", image);
  command("mkfs.ext4", "-q", "-F", ...(label === "" ? [] : ["-L", label]), image);
}

/** A loop device that is detached at the end. */
export function attach(t: TestContext, image: string): string {
  const device = command("losetup", "--find", "--show", image);
  t.after(() => spawnSync("losetup", ["-d", device]));
  return device;
}

/** One that may use the file system; ended with the test. */
export function program(
  t: TestContext,
  script: string,
  cwd = "/",
): { readonly child: ChildProcess; readonly gone: () => boolean } {
  const child = spawn("/bin/bash", ["-c", script], { cwd, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  return { child, gone: () => child.exitCode !== null || child.signalCode !== null };
}
