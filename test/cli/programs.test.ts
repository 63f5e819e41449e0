/** The programs as processes: what the shell sees of options, links and full disks. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";

const folder = mkdtempSync(join(tmpdir(), "hb-bin-"));
test.after(() => rmSync(folder, { recursive: true }));

const heartbeat = resolve("bin/heartbeat");
const call = (program: string, ...argv: string[]) => spawnSync(program, argv, { encoding: "utf8" });
const shell = (line: string) => call("/bin/bash", "-c", line);

test("a full disk is an error, a reader that had enough is none", () => {
  for (const program of ["heartbeat -D", "heartbeat explain", "cl_status -h", "hb_addnode"]) {
    const { status, stderr } = shell(`bin/${program} > /dev/full`);
    assert.equal(status, 1, program);
    assert.match(stderr, /: cannot write the output: no space left on device\n$/);
  }
  const head = shell(`set -o pipefail; bin/heartbeat explain --markdown | true`);
  assert.deepEqual([head.status, head.stderr], [0, ""]);
});

test("all of a long output arrives, however slow its reader", () => {
  const all = shell("bin/heartbeat explain --markdown").stdout;
  assert.equal(shell("bin/heartbeat explain --markdown | (sleep 0.3; cat)").stdout, all);
});

test("a link under another name is heartbeat when options follow", () => {
  const link = join(folder, "ha");
  symlinkSync(heartbeat, link);
  const linked = call(link, "-V");
  assert.deepEqual([linked.status, linked.stdout], [0, call(heartbeat, "-V").stdout]);
  assert.match(call(link, "nonsense").stderr, /^no such program: nonsense\n/);
});

test("a checkout that was never built says where to build it", () => {
  mkdirSync(join(folder, "clone"));
  cpSync("bin", join(folder, "clone", "bin"), { recursive: true });
  const { status, stderr } = call(join(folder, "clone", "bin", "cl_status"), "hbstatus");
  assert.equal(status, 1);
  assert.equal(stderr, `heartbeat is not built yet: run \`npm run build\` in ${join(folder, "clone")}/\n`);
});

for (const [argv, code, says] of [
  ["-Z", 2, /^heartbeat: unknown option -Z; see heartbeat --help\n/],
  ["-s -k", 2, /^heartbeat: -s and -k exclude each other;/],
  ["-r -R", 2, /^heartbeat: -r and -R exclude each other;/],
  ["-C all", 2, /^heartbeat: -C is only valid with -R;/],
  ["start", 2, /without an option, starts the daemon/],
  ["stop", 2, /heartbeat -k stops/],
  ["restart", 2, /heartbeat -k && heartbeat/],
  ["chek", 2, /did you mean check\?/],
  ["--root /nonexistent -s soon now", 3, /^heartbeat: ignored, .*: soon now\n$/],
] as const)
  test(`heartbeat ${argv}`, () => {
    const { status, stderr } = call(heartbeat, ...argv.split(" "));
    assert.equal(status, code);
    assert.match(stderr, says);
  });

test("heartbeat --help explains every option and names every program", () => {
  for (const letter of ["-h", "--help"]) {
    const { status, stdout, stderr } = call(heartbeat, letter);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const each of "dDfklrsvVWMRCh") assert.match(stdout, new RegExp(`^  -${each}, --[a-z-]+ .*\\w`, "m"));
    for (const name of ["check", "config", "explain", "init", "keygen", "status"])
      assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  }
});
