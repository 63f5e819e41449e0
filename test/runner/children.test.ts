import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import type { ChildOutcome } from "../../src/core/input.ts";
import { leaveNothingOpen } from "../../src/drivers/priority.ts";
import { commandOf, RunningChildren } from "../../src/runner/children.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "hb-child-"));
after(() => rmSync(folder, { recursive: true, force: true }));

leaveNothingOpen(); // as the runner does
const { uid, gid, username } = userInfo();
const orderOf = (path: string, child = 0, args: readonly string[] = []) => ({
  child,
  path,
  args,
  user: username,
  uid,
  gid,
  environment: {},
});

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

function children() {
  const pids = new Map<number, number>();
  const ended = new Map<number, ChildOutcome>();
  const running = new RunningChildren({
    onStarted: (child, pid) => pids.set(child, pid),
    onEnded: (child, outcome) => {
      assert.ok(!ended.has(child), "ended twice");
      ended.set(child, outcome);
    },
  });
  return { running, pids, ended };
}

const read = (name: string) => readFileSync(join(folder, name), "latin1");

test("exit code and arguments; what it finds around it", async () => {
  const { running, pids, ended } = children();
  const path = program(
    "around",
    `readlink /proc/$$/fd/* > ${folder}/open
echo "$1|$2|$COLOUR|$PWD" > ${folder}/found
cut -d' ' -f1,5 /proc/$$/stat >> ${folder}/found
exit 100`,
  );
  running.start(orderOf(path, 3, ["a b", "$(id)"]), { PATH: process.env["PATH"], COLOUR: "red" });
  await until("it ended", () => ended.has(3));
  assert.deepEqual(ended.get(3), { how: "exited", code: 100 });
  const [first, ids] = read("found").split("\n");
  assert.equal(first, `a b|$(id)|red|${process.cwd()}`);
  const open = new Set(read("open").split("\n").filter(Boolean));
  open.delete(join(folder, "open")); // the shell's own redirection
  assert.deepEqual([...open].sort(), ["/dev/null", path], "nothing is open but the script itself");
  assert.equal(ids, `${pids.get(3)} ${pids.get(3)}`, "a process group of its own");
});

test("a signal reaches the whole group, and tells how it ended", async () => {
  const { running, ended } = children();
  running.start(orderOf(program("group", `sleep 600 & echo $! > ${folder}/grandchild; wait`)), process.env);
  await until("it runs", () => {
    try {
      return /\d+\n/.test(read("grandchild"));
    } catch {
      return false;
    }
  });
  running.signal(0, "SIGTERM");
  running.signal(7, "SIGTERM"); // nobody
  await until("it ended", () => ended.has(0));
  assert.deepEqual(ended.get(0), { how: "killed", signal: "SIGTERM" });
  const grandchild = Number(read("grandchild"));
  await until("its child ended, too", () => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${grandchild}/status`, "latin1"));
    } catch {
      return true;
    }
  });
});

test("what is not there or no program is not started", () => {
  const { running, pids, ended } = children();
  writeFileSync(join(folder, "plain"), "text", { mode: 0o644 });
  running.start(orderOf(join(folder, "missing"), 0), {});
  running.start(orderOf(join(folder, "plain"), 1), {});
  assert.deepEqual(
    [...ended.values()].map(({ how }) => how),
    ["not-started", "not-started"],
  );
  assert.equal(pids.size, 0);
});

test("all end together, those that do not want to by force", async () => {
  const { running, pids, ended } = children();
  running.start(
    orderOf(program("deaf", `trap '' TERM; echo ready > ${folder}/deaf-ready; while :; do sleep 1; done`), 0),
    process.env,
  );
  running.start(orderOf(program("quick", "exec sleep 600"), 1), process.env);
  await until("both run", () => pids.size === 2 && readyFile());
  await running.endAll(200);
  assert.deepEqual(ended.get(0), { how: "killed", signal: "SIGKILL" });
  assert.deepEqual(ended.get(1), { how: "killed", signal: "SIGTERM" });
  await running.endAll(200); // none left
});

function readyFile(): boolean {
  try {
    return read("deaf-ready") !== "";
  } catch {
    return false;
  }
}

test("only root can change into another user, and then changes everything that belongs to him", () => {
  const order = { ...orderOf("/opt/x", 0, ["--y"]), uid: 102, gid: 105 };
  assert.deepEqual(commandOf(order, 1000), ["/opt/x", "--y"]);
  assert.deepEqual(commandOf(order, 0), [
    ...["setpriv", "--reuid=102", "--regid=105", "--init-groups", "--pdeathsig=TERM"],
    ...["--", "/opt/x", "--y"],
  ]);
});
