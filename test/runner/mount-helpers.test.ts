/** What mount(8) leaves to others: helpers that outlive it, mounts that would come later, links that nobody follows. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runFileSystem } from "../../src/runner/filesystem.ts";
import { hasEnded, stateOf } from "../../src/runner/processes.ts";
import { command, prepare } from "../support/file-systems.ts";
import { inMountSpace } from "../support/mount-space.ts";
import { until } from "../support/until.ts";

/** Programs that do nothing and end with the code, and a list of what they were called with. */
function pretending(code: number) {
  const calls: string[][] = [];
  const remarks: string[] = [];
  const run = async (programs: readonly string[], argv: readonly string[]) => {
    calls.push([programs[0]?.split("/").at(-1) ?? "", ...argv]);
    return { code, says: "/nowhere/srv" };
  };
  const hands = {
    ...{ run, askDisk: (argv: readonly string[]) => run(["/ask"], argv), ended: async () => {} },
    ...{ remark: (text: string) => remarks.push(text), spared: [], unreleased: new Set<string>() },
    signal: new AbortController().signal,
  };
  return { calls, remarks, hands };
}

test("a mount that is to be tried on in the background is tried now or not at all", async () => {
  const { calls, hands } = pretending(0);
  const options = "rw,bg,soft";
  const share = { name: "Filesystem", source: "nas:/srv", directory: "/nowhere/srv", type: "nfs4", options } as const;
  assert.equal(await runFileSystem(share, "start", hands), 1, "nothing was mounted");
  const [mount = []] = calls.filter(([program]) => program === "mount");
  assert.deepEqual(mount, ["mount", "-t", "nfs4", "-o", "rw,fg,soft", "--", "nas:/srv", "/nowhere/srv"]);
});

test("a directory whose links cannot be followed has not stopped", async () => {
  const { remarks, hands } = pretending(137);
  const disk = { name: "Filesystem", source: "/dev/sdz9", directory: "/nowhere/link" } as const;
  assert.equal(await runFileSystem(disk, "stop", hands), 1);
  assert.equal(await runFileSystem(disk, "status", hands), 1);
  assert.match(remarks[0] ?? "", /^whether \/nowhere\/link is mounted cannot be told/);
});

inMountSpace(import.meta.url, {}, () => {
  test("a helper that would mount after its start was given up has ended before the stop says so", async (t) => {
    const { folder, place, begin, run, remarks } = prepare(t);
    const helper = join(folder, "mount.hbslow");
    const noted = join(folder, "helper");
    const body = `trap '' TERM; echo $$ > '${noted}'; sleep 30; mount -t tmpfs none "$2"; touch '${folder}/late'`;
    writeFileSync(helper, `#!/bin/bash\n${body}\n`, { mode: 0o755 });
    command("mount", "-t", "overlay", "overlay", "-o", `lowerdir=${folder}:/usr/sbin`, "/usr/sbin");
    t.after(() => command("umount", "--lazy", "/usr/sbin"));
    const args = ["disk", place, "hbslow"];
    const number = (): string => (existsSync(noted) ? readFileSync(noted, "latin1").trim() : "");
    const { running, ended } = begin("start", args);
    await until("the helper is at work", () => number() !== "", 20_000);
    running.kill();
    assert.equal((await ended).result, "timed-out", remarks.join("\n"));
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    const left = stateOf(number());
    assert.ok(left === undefined || hasEnded(left), "the helper has ended"); // nobody collects it here
    assert.equal(await run("status", args), 7);
    assert.equal(existsSync(join(folder, "late")), false);
  });
});
