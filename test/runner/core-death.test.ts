import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { FakeCore } from "../support/fake-core.ts";
import { cable, inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

const fakeCore = fileURLToPath(new URL("../support/fake-core.js", import.meta.url));

/** A script that writes down what it is called for, whether the service address was still there, and hangs where told. */
const recorder = (folder: string, hang = "") => `#!/bin/sh
here=$(ip -4 -o address show | grep -c 10.9.0.10)
echo "$(basename $0) $* address=$here" >> ${folder}/calls
${hang}
`;

function prepare(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-death-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const calls = () => {
    const file = join(folder, "calls");
    return existsSync(file) ? readFileSync(file, "latin1").trim().split("\n") : [];
  };
  const settings: FakeCore["settings"] = {
    directories: [folder],
    environment: { HA_CURHOST: "fox" },
    hooks: [],
    notifier: "/nowhere/harc",
    workingDirectory: "/",
    runDirectory: "/tmp",
    stopTimeLimit: 500,
    stopRules: [],
    stopRetryPause: 100,
    restartsWhenStuck: false,
    log: {
      entity: "heartbeat",
      pid: 1,
      host: "fox",
      logfile: join(folder, "ha-log"),
      syslogMessageFormat: true,
      stderr: false,
    },
  };
  return { folder, calls, settings };
}

/** Starts the stand-in; resolves to its pid and its runner's. */
async function start(told: FakeCore, word = ""): Promise<{ core: number; runner: number }> {
  const child = spawn(process.execPath, [fakeCore, JSON.stringify(told), word], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += text;
  });
  await until("the stand-in runs", () => /^\d+\n/.test(printed));
  return { core: child.pid ?? 0, runner: Number.parseInt(printed, 10) };
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

inNetworkNamespace(import.meta.url, () => {
  cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });
  const address = { ip: "10.9.0.10", prefix: 24, device: "left", broadcast: "10.9.0.255" };
  const held = [
    {
      key: "10.9.0.10",
      resources: [
        { kind: "script", script: "first", args: ["a"] },
        { kind: "address", address },
        { kind: "script", script: "second", args: [] },
        { kind: "script", script: "third", args: [] },
      ],
    },
  ] as const;

  test("the core is killed: the address goes first, then the scripts from right to left, and the runner ends", async (t) => {
    const { folder, calls, settings } = prepare(t);
    writeFileSync(join(folder, "first"), recorder(folder), { mode: 0o755 });
    writeFileSync(join(folder, "second"), recorder(folder, "sleep 600"), { mode: 0o755 }); // hangs: killed at its limit
    writeFileSync(join(folder, "third"), recorder(folder, "exit 1"), { mode: 0o755 });
    writeFileSync(join(folder, "starting"), recorder(folder, '[ "$1" = stop ] || sleep 600'), { mode: 0o755 });
    ip("address add 10.9.0.10/24 dev left");
    const { core, runner } = await start({ settings, held, underWay: [{ script: "starting", action: "start" }] });
    await until("the start is under way", () => calls().length === 1);

    const killedAt = performance.now();
    process.kill(core, "SIGKILL");
    await until("the address is gone", () => !ip("-4 address show").includes("10.9.0.10"));
    t.diagnostic(`address gone ${(performance.now() - killedAt).toFixed(0)} ms after the kill`);
    await until("the runner has ended", () => !isAlive(runner));

    const stops = [...new Set(calls().slice(1))]; // what fails is tried again as long as there is time
    assert.deepEqual(
      stops.filter((call) => !call.startsWith("starting")),
      ["third stop address=0", "second stop address=0", "first a stop address=0"],
    );
    assert.ok(stops.includes("starting stop address=0"), stops.join());
    const log = readFileSync(join(folder, "ha-log"), "latin1");
    assert.match(log, /^\w{3} \d\d \d\d:\d\d:\d\d fox heartbeat: \[\d+\]: CRIT: The heartbeat core process ended/);
    for (const line of [
      /info: Removed address 10\.9\.0\.10\/24 on left/,
      /ERROR: Stopping second of group 10\.9\.0\.10 failed: not finished in time, killed/,
      /ERROR: Stopping third of group 10\.9\.0\.10 failed: return code 1/,
      /CRIT: third of group 10\.9\.0\.10 would not stop and may still run here/,
      /CRIT: second of group 10\.9\.0\.10 would not stop and may still run here/,
    ])
      assert.match(log, line);
  });

  test("what would not stop at first is tried again; when all is down nothing is held, and that is said", async (t) => {
    const { folder, calls, settings } = prepare(t);
    writeFileSync(join(folder, "busy"), recorder(folder, '[ "$(grep -c busy $(dirname $0)/calls)" -ge 2 ]'), {
      mode: 0o755,
    });
    const groups = [{ key: "disk", resources: [{ kind: "script", script: "busy", args: [] } as const] }];
    const { core, runner } = await start({ settings, held: groups, patience: 60_000, underWay: [] });
    process.kill(core, "SIGKILL");
    await until("the runner has ended", () => !isAlive(runner));
    assert.deepEqual(calls(), ["busy stop address=0", "busy stop address=0"]);
    const log = readFileSync(join(folder, "ha-log"), "latin1");
    assert.match(log, /ERROR: Stopping busy of group disk failed: return code 1/);
    assert.match(log, /notice: Nothing is held here any more/);
    assert.doesNotMatch(log, /would not stop/);
  });

  test("a stop that the core had ordered may finish; what it asked is killed; no other group waits for either", async (t) => {
    const { folder, calls, settings } = prepare(t);
    writeFileSync(join(folder, "slow"), recorder(folder, "sleep 0.5; echo slow done >> $(dirname $0)/calls"), {
      mode: 0o755,
    });
    writeFileSync(join(folder, "asked"), recorder(folder, '[ "$1" != status ] || sleep 600'), { mode: 0o755 });
    writeFileSync(join(folder, "other"), recorder(folder), { mode: 0o755 });
    const script = (name: string) => ({ kind: "script", script: name, args: [] }) as const;
    const groups = ["slow", "asked", "other"].map((name) => ({ key: name, resources: [script(name)] }));
    const { core, runner } = await start({
      settings,
      held: groups,
      underWay: [
        { script: "slow", action: "stop" },
        { script: "asked", action: "status" },
      ],
    });
    await until("both are under way", () => calls().length === 2);
    process.kill(core, "SIGKILL");
    await until("the runner has ended", () => !isAlive(runner));
    const after = calls()
      .slice(2)
      .map((call) => call.replace(/ address=\d/, ""));
    assert.deepEqual(after.toSorted(), ["asked stop", "other stop", "slow done"]);
    assert.equal(after.at(-1), "slow done", "the others did not wait");
  });

  test("the core says goodbye: nothing is undone", async (t) => {
    const { folder, calls, settings } = prepare(t);
    for (const name of ["first", "second", "third"])
      writeFileSync(join(folder, name), recorder(folder), { mode: 0o755 });
    ip("address add 10.9.0.10/24 dev left");
    const { runner } = await start({ settings, held, underWay: [] }, "goodbye");
    await until("the runner has ended", () => !isAlive(runner));
    assert.deepEqual(calls(), []);
    assert.match(ip("-4 address show"), /10\.9\.0\.10/);
    assert.equal(existsSync(join(folder, "ha-log")), false);
    ip("address delete 10.9.0.10/24 dev left");
  });

  test("signals that end a daemon do not end its runner", async (t) => {
    const { settings } = prepare(t);
    const { core, runner } = await start({ settings, held: [], underWay: [] });
    await until("it has its name", () => readFileSync(`/proc/${runner}/comm`, "latin1") === "hb-runner\n");
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.kill(runner, signal);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(isAlive(runner));
    process.kill(core, "SIGKILL");
    await until("it ends with the core", () => !isAlive(runner));
  });
});
