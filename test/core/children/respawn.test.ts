import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../../src/base/units.ts";
import type { ChildConfig } from "../../../src/config/cluster-config.ts";
import { Children, type ChildrenInput } from "../../../src/core/children/respawn.ts";
import type { ChildOutcome } from "../../../src/core/input.ts";

const child = (path: string, kind: ChildConfig["kind"] = "respawn"): ChildConfig => ({
  kind,
  user: "nobody",
  uid: 65534,
  gid: 65533,
  command: `${path} one`,
  path,
  args: ["one"],
});

/** Outputs as short texts: orders by their verb, log lines by level and text. */
function machine(children: readonly ChildConfig[], debugging = false) {
  const played = new Children(children, () => debugging);
  const feed = (at: number, input: ChildrenInput): string[] =>
    played.step(input, instant(at)).map((output) => {
      if (output.is !== "effect") return output.is === "ended" ? `ended ${output.pid}` : output.is;
      const { effect } = output;
      switch (effect.do) {
        case "log":
          return `${effect.level}: ${effect.text}`;
        case "start-child":
          return `start ${effect.child} ${effect.path} ${effect.args.join(" ")} as ${effect.user} ${effect.uid} ${effect.gid}`;
        case "signal-child":
          return `${effect.signal} ${effect.child}`;
        case "reboot":
          return `reboot: ${effect.reason}`;
        default:
          return effect.do;
      }
    });
  const ends = (at: number, number: number, outcome: ChildOutcome) =>
    feed(at, { on: "child-ended", child: number, outcome });
  const starts = (at: number, number: number, pid: number) => feed(at, { on: "child-started", child: number, pid });
  return { played, feed, ends, starts, next: () => played.nextDeadline() };
}

const exited = (code: number): ChildOutcome => ({ how: "exited", code });

test("programs are started in order; one that lived long is started again at once", () => {
  const { feed, ends, starts, next } = machine([child("/a"), child("/b")]);
  assert.deepEqual(feed(0, { on: "start" }), [
    'info: Starting child client "/a one" (65534,65533)',
    "start 0 /a one as nobody 65534 65533",
    'info: Starting child client "/b one" (65534,65533)',
    "start 1 /b one as nobody 65534 65533",
  ]);
  assert.deepEqual(starts(5, 0, 70), ['info: Starting "/a one" as uid 65534  gid 65533 (pid 70)']);
  assert.deepEqual(ends(30_005, 0, exited(0)), [
    "info: Managed /a one process 70 exited with return code 0.",
    "ended 70",
    'error: Respawning client "/a one":',
    'info: Starting child client "/a one" (65534,65533)',
    "start 0 /a one as nobody 65534 65533",
  ]);
  assert.equal(next(), undefined);
});

test("a short life is followed by a pause of a second, many by ever longer ones, and a long life makes up for them", () => {
  const { feed, ends, starts, next } = machine([child("/a")]);
  feed(0, { on: "start" });
  const waits: number[] = [];
  let at = 0;
  for (let life = 1; life <= 21; life++) {
    starts(at, 0, 100 + life);
    const said = ends(at + 10, 0, exited(3));
    assert.equal(said.at(0), `warn: Managed /a one process ${100 + life} exited with return code 3.`);
    const tooFast = said.some((line) => line === 'error: Client /a one "respawning too fast"');
    assert.equal(tooFast, life > 10, `life ${life}`);
    const again = next();
    assert.ok(again !== undefined);
    waits.push(again - at - 10);
    assert.deepEqual(feed(again - 1, { on: "deadline" }), []);
    assert.match(feed(again, { on: "deadline" }).join(), /start 0/);
    at = again;
  }
  const slower = [2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000];
  assert.deepEqual(waits, [...Array(10).fill(1000), ...slower]);
  starts(at, 0, 7);
  assert.match(ends(at + 30_000, 0, exited(3)).join(), /Respawning client .*start 0/s, "at once");
});

test("exit code 100 is the program's own wish; a signal is not", () => {
  const { feed, ends, starts, next } = machine([child("/a"), child("/b")], true);
  feed(0, { on: "start" });
  starts(1, 0, 70);
  assert.deepEqual(ends(2, 0, exited(100)), [
    "warn: Managed /a one process 70 exited with return code 100.",
    "error: Client /a one exited with return code 100.",
    "ended 70",
  ]);
  assert.equal(next(), undefined);
  starts(1, 1, 71);
  assert.deepEqual(ends(2, 1, { how: "killed", signal: "SIGKILL" }), [
    "warn: Managed /b one process 71 killed by signal 9 [SIGKILL - Kill, unblockable].",
    "error: Client /b one (pid=71) killed by signal 9.",
    "ended 71",
    'error: Respawning client "/b one":',
  ]);
  assert.equal(next(), 1002);
});

test("what cannot be started, and what went with the runner, is tried again", () => {
  const { feed, ends, starts, next } = machine([child("/a", "failfast")]);
  feed(0, { on: "start" });
  assert.deepEqual(ends(1, 0, { how: "not-started", says: "no executable file" }), [
    "error: Cannot exec /a one: no executable file",
    'error: Respawning client "/a one":',
  ]);
  assert.equal(next(), 1001);
  feed(1001, { on: "deadline" });
  starts(1002, 0, 70);
  assert.deepEqual(ends(50_000, 0, { how: "lost", says: "hb-runner ended" }).slice(0, 3), [
    "warn: /a one ended with the runner: hb-runner ended",
    "ended 70",
    'error: Respawning client "/a one":',
  ]);
});

test("failfast: a failure takes the machine along, the end of its work does not", () => {
  for (const [outcome, says] of [
    [exited(1), "reboot: /a one"],
    [exited(100), "reboot: /a one"],
    [{ how: "killed", signal: "SIGSEGV" } as const, "reboot: /a one"],
    [exited(0), 'error: Respawning client "/a one":'],
  ] as const) {
    const { feed, ends, starts } = machine([child("/a", "failfast")]);
    feed(0, { on: "start" });
    starts(1, 0, 70);
    assert.equal(ends(2, 0, outcome).at(-1), says);
  }
});

test("leaving: the last one first, each awaited, those that do not run are named", () => {
  const { feed, ends, starts, next } = machine([child("/a", "failfast"), child("/b"), child("/c"), child("/d")]);
  feed(0, { on: "start" });
  for (const [number, pid] of [70, 71, 72, 73].entries()) starts(1, number, pid);
  ends(2, 3, exited(100));
  ends(2, 1, exited(1));
  assert.equal(next(), 1002);
  assert.deepEqual(feed(10, { on: "leave" }), [
    "info: client [/d one] is not running.",
    "info: killing /c one process group 72 with signal 15",
    "SIGTERM 2",
  ]);
  assert.deepEqual(feed(1002, { on: "deadline" }), [], "nothing is started any more");
  assert.deepEqual(feed(1002, { on: "leave" }), [], "once");
  assert.deepEqual(ends(1100, 2, { how: "killed", signal: "SIGTERM" }), [
    "debug: Managed /c one process 72 killed by signal 15 [SIGTERM - Termination].",
    "ended 72",
    "info: client [/b one] is not running.",
    "info: killing /a one process group 70 with signal 15",
    "SIGTERM 0",
  ]);
  assert.deepEqual(ends(1200, 0, exited(1)), [
    "debug: Managed /a one process 70 exited with return code 1.",
    "ended 70",
    "all-ended",
  ]);
  assert.equal(next(), undefined);
});

test("one that does not end is killed after half a minute, and not waited for for ever", () => {
  const { feed, starts, next } = machine([child("/a"), child("/b")]);
  feed(0, { on: "start" });
  starts(1, 0, 70);
  starts(1, 1, 71);
  feed(100, { on: "leave" });
  assert.equal(next(), 30_100);
  assert.deepEqual(feed(30_100, { on: "deadline" }), [
    "error: /b one has not ended within 30 s: killing it.",
    "SIGKILL 1",
  ]);
  assert.equal(next(), 31_100);
  assert.deepEqual(feed(31_100, { on: "deadline" }), [
    "info: killing /a one process group 70 with signal 15",
    "SIGTERM 0",
  ]);
  assert.equal(next(), 61_100, "and the next one gets as long");
});

test("while the node stops nothing is started again, and no end is a failure", () => {
  const { feed, starts, ends, next } = machine([{ ...child("/a"), kind: "failfast" }, child("/b")]);
  feed(0, { on: "start" });
  starts(1, 0, 70);
  starts(1, 1, 71);
  feed(60_000, { on: "node-stops" });
  const said = [...ends(60_001, 0, exited(1)), ...ends(60_001, 1, { how: "killed", signal: "SIGTERM" })];
  assert.doesNotMatch(said.join("\n"), /reboot|start |Respawning/);
  assert.equal(next(), undefined);
  assert.deepEqual(feed(60_002, { on: "leave" }).at(-1), "all-ended");
});

test("a node without programs has none to wait for; one that never started them, neither", () => {
  assert.deepEqual(machine([]).feed(0, { on: "leave" }), ["all-ended"]);
  const { feed } = machine([child("/a")]);
  assert.deepEqual(feed(0, { on: "leave" }), ["info: client [/a one] is not running.", "all-ended"]);
  assert.deepEqual(feed(1, { on: "start" }), []);
});

test("words about programs that are not ours change nothing", () => {
  const { feed, played, ends, starts } = machine([child("/a")]);
  assert.deepEqual(starts(0, 0, 70), [], "not ordered");
  assert.deepEqual(starts(0, 9, 70), []);
  assert.deepEqual(ends(0, 9, exited(0)), []);
  assert.deepEqual(ends(0, 0, exited(0)), []);
  feed(0, { on: "start" });
  assert.deepEqual(played.views(), [{ command: "/a one", state: "starting", shortLives: 0 }]);
});
