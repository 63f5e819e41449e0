/**
 * `npm start` for whom it may concern: with all rights, with none but a user namespace, and where the host forbids
 * namespaces. Each time the story must go as told, and nothing may be left, however it ends.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { startDemo, turnsOf } from "../support/demo-run.ts";

/** An ordinary user. The one capability left is what Linux 5.12 wants of a root who maps his own id into a namespace. */
const ordinary = ["setpriv", "--inh-caps=-all", "--bounding-set=-all,+setfcap"];
/** A host that forbids namespaces: inside this user namespace no further one of any kind can be made. */
const forbidding = [
  ...["unshare", "--user", "--map-root-user", "sh", "-c"],
  `for kind in user net mnt pid; do echo 0 >/proc/sys/user/max_$kind"_namespaces"; done; exec "$@"`,
  "sh",
];

const scenes: readonly { readonly who: string; readonly wrapper: readonly string[]; readonly address: boolean }[] = [
  { who: "root", wrapper: [], address: true },
  { who: "an ordinary user", wrapper: ordinary, address: true },
  { who: "a host that forbids namespaces", wrapper: forbidding, address: false },
];

for (const { who, wrapper, address } of scenes)
  test(`${who}: takeover, failback and standby as told, and nothing is left`, async (t) => {
    const demo = startDemo(["--json"], wrapper);
    const { code } = await demo.ended;
    assert.equal(code, 0, demo.output());
    assert.equal(demo.output().includes("No namespaces on this host"), !address, demo.output());
    inOrder(demo.output(), [
      "test3 holds everything",
      "power cut: test3 is gone",
      "crash of test3, takeover by test4: the client missed",
      "test3 is switched on again",
      "return of test3, failback: the client missed",
      "hb_standby on test3",
      "planned standby of test3: the client missed",
      "both nodes have stopped",
    ]);
    const moves = ["test3 test4", "test4 test3", "test3 test4"];
    const told = turnsOf(demo.output());
    assert.deepEqual(
      told.map(({ turn }) => turn),
      ["crash", "failback", "standby"],
    );
    assert.deepEqual(
      told.map(({ service }) => service.servedBy.join(" ")),
      moves,
    );
    if (address)
      assert.deepEqual(
        told.map((turn) => turn.address?.servedBy.join(" ")),
        moves,
      );
    for (const { says, service } of told) t.diagnostic(`${says}: ${service.outages[0]?.milliseconds} ms`);
    await demo.leavesNothing();
  });

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`${signal} in the middle of the story ends it and leaves nothing`, async () => {
    const demo = startDemo([]);
    await demo.shows("test3 holds everything");
    demo.kill(signal);
    assert.equal((await demo.ended).code, code, demo.output());
    await demo.leavesNothing();
  });

for (const { who, wrapper } of scenes)
  test(`${who}: even SIGKILL leaves nothing`, async () => {
    const demo = startDemo([], wrapper);
    await demo.shows("test3 holds everything");
    demo.kill("SIGKILL");
    await demo.ended;
    await demo.leavesNothing();
  });

test("--stay prints commands that work, switches a crashed node on again, and ends with Ctrl-C", async () => {
  const demo = startDemo(["--stay"]);
  await demo.shows("Ctrl-C here takes everything down.");
  const shell = (command: string): string => execFileSync("sh", ["-c", command], { encoding: "utf8" });
  const printed = (pattern: RegExp): string => {
    const found = pattern.exec(demo.output())?.[1];
    assert.ok(found !== undefined, `nothing like ${pattern} in:\n${demo.output()}`);
    return found;
  };
  assert.match(shell(printed(/^ *(nsenter .*heartbeat status)$/m)), /test4/);
  assert.match(shell(`${printed(/^ *(nsenter .*) bash$/m)} hostname`), /^test3$/m);
  shell(printed(/(kill -9 \d+)/));
  await demo.shows("test3 has lost its power");
  await demo.shows("test3 is on again");
  demo.kill("SIGINT");
  assert.equal((await demo.ended).code, 0, demo.output());
  await demo.leavesNothing();
});

test("an unknown option is refused", async () => {
  const demo = startDemo(["--steadfast"]);
  assert.equal((await demo.ended).code, 2);
  assert.match(demo.output(), /unknown option --steadfast; see npm start -- --help/);
});

/** Each text must appear, one after the other. */
function inOrder(output: string, texts: readonly string[]): void {
  let from = 0;
  for (const text of texts) {
    const at = output.indexOf(text, from);
    assert.ok(at >= 0, `"${text}" is missing or too early in:\n${output}`);
    from = at + text.length;
  }
}
