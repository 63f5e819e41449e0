/** Manual pages and completion know all that the program's tables know. They are made when they are needed, so they cannot be old. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test from "node:test";
import { programs } from "../../src/cli/index.ts";
import { manualFiles } from "../../src/cli/manual-files.ts";
import { subProgramHelps } from "../../src/cli/program-help.ts";

const made = await manualFiles();
const text = (path: string): string => made.find(([each]) => each === path)?.[1] ?? "";

test("every program and every file of the configuration has a page that man can show", () => {
  const pages = new Map(
    made
      .filter(([path]) => path.includes("/man/"))
      .map(([path, content]) => [basename(path).replace(/\.\d$/, ""), content]),
  );
  for (const name of [...programs.names(), "ha.cf", "ha4.cf", "authkeys", "haresources", "logd.cf"]) {
    const page = pages.get(name);
    assert.ok(page !== undefined, name);
    assert.match(page, new RegExp(`^\\.TH ${name.toUpperCase().replaceAll(".", "\\.")} \\d `), name);
    assert.ok(page.split("\n").length > 8, `${name} says something`);
  }
});

test("the page of heartbeat names every program and all of its options", async () => {
  const page = text("/usr/share/man/man8/heartbeat.8").replaceAll("\\-", "-");
  const helps = await subProgramHelps();
  assert.ok(helps.length >= 6);
  for (const { command, options } of helps) {
    assert.ok(page.includes(`.SS ${command}\n`), command);
    for (const option of options) assert.ok(page.includes(option), `${command} ${option}`);
  }
});

test("bash completes programs, options, topics and what others take", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hb-completion-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "heartbeat");
  writeFileSync(file, text("/usr/share/bash-completion/completions/heartbeat"));
  const script = `. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
function=$(complete -p "$1" | sed 's/.*-F \\([a-z_]*\\).*/\\1/')
word=$(eval echo "\\$$#")
$function "$1" "$word" && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const complete = (line: string): string[] => {
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", file, ...line.split(" ")], {
      encoding: "utf8",
    });
    return `${stdout}${stderr}`.trim().split("\n").sort();
  };
  assert.deepEqual(complete("heartbeat stat"), ["status"]);
  assert.deepEqual(complete("heartbeat check --js"), ["--json"]);
  assert.deepEqual(complete("heartbeat explain initd"), ["initdead"]);
  assert.deepEqual(complete("cl_status listn"), ["listnodes"]);
  assert.deepEqual(complete("hb_standby fo"), ["foreign"]);
});
