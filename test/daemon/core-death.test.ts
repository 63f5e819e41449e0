/** What is left, and what is said, when the core does not end in good order. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { coreArguments } from "../../src/daemon/launch.ts";
import { Host, sampleHaCf, until } from "./host.ts";

const holdsAddress = async (host: Host) => (await host.exec("ip", "-4", "addr")).stdout.includes("10.77.0.100/24");

/** Owl alone: it takes its address when the initial dead time is over. */
async function owlWithAddress(): Promise<Host> {
  const host = await Host.start();
  const { code, stderr } = await host.heartbeat();
  assert.equal(code, 0, stderr);
  await until("owl holds its address", () => holdsAddress(host));
  return host;
}

test("kill -9: the runner removes the address and says so; then a start succeeds", { timeout: 120_000 }, async () => {
  await using host = await owlWithAddress();
  await host.exec("kill", "-9", String(host.pid));
  await until("the address is gone", async () => !(await holdsAddress(host)), 5);
  await until(
    "the log tells",
    () => /CRIT: The heartbeat core process ended without a word/.test(host.read("var/log/ha-log")),
    5,
  );
  assert.equal((await host.heartbeat("-s")).code, 1);
  host.putGenerationAhead();
  const before = Number(host.read("var/lib/heartbeat/hb_generation"));
  assert.equal((await host.heartbeat()).code, 0);
  assert.equal(Number(host.read("var/lib/heartbeat/hb_generation")), before + 1);
  assert.equal((await host.heartbeat("-k")).code, 0);
});

test("a start that comes too late to take over waits until the runner of the killed core has stopped its scripts", {
  timeout: 120_000,
}, async () => {
  await using host = await Host.start();
  const calls = join(host.root, "calls");
  host.write("etc/ha.d/haresources", "owl slow\n");
  host.write(
    "etc/ha.d/resource.d/slow",
    `#!/bin/sh
[ "$1" = status ] || echo "$1" >> ${calls}
case "$1" in
  stop) sleep 8; echo "stopped" >> ${calls};;
  status) [ "$(tail -n 1 ${calls})" = start ] && echo running || echo stopped;;
esac
`,
    0o755,
  );
  host.write("etc/ha.d/ha4.cf", "defaults\n  stop-failure hold\n"); // a stop that outlasts the dead time would restart the machine
  const start = await host.heartbeat();
  assert.equal(start.code, 0, start.stderr);
  await until("the script has run", () => host.read("calls") === "start\n");
  await host.exec("kill", "-9", String(host.pid));
  await until("the runner gives up", () => host.read("calls") === "start\nstop\n");
  const again = await host.heartbeat();
  assert.equal(again.code, 0, again.stderr);
  assert.match(host.read("calls"), /^start\nstop\nstopped\n/);
  await until("the script has run again", () => host.read("calls") === "start\nstop\nstopped\nstart\n");
  assert.match(host.read("var/log/ha-log"), /WARN: Heartbeat died; waiting until its runner \[pid \d+\] has given up/);
  assert.equal((await host.heartbeat("-k")).code, 0);
});

test("what still runs when the others may start it is ended by a restart of the machine", {
  timeout: 120_000,
}, async () => {
  await using host = await Host.start();
  const calls = join(host.root, "calls");
  host.write("etc/ha.d/haresources", "owl stuck\n");
  host.write(
    "etc/ha.d/resource.d/stuck",
    `#!/bin/sh
[ "$1" = status ] || echo "$1" >> ${calls}
case "$1" in
  stop) exit 1;;
  status) [ -f ${calls} ] && echo running || echo stopped;;
esac
`,
    0o755,
  );
  const start = await host.heartbeat();
  assert.equal(start.code, 0, start.stderr);
  await until("the script has run", () => host.read("calls") === "start\n");
  await host.exec("kill", "-9", String(host.pid));
  await until("the machine is gone", () => !host.isOn);
  assert.match(host.read("var/log/ha-log"), /CRIT: stuck of group stuck would not stop and may still run here/);
  assert.match(host.read("var/log/ha-log"), /EMERG: Rebooting system\. {2}Reason: stuck would not stop/);
});

test("a broken core keeps its last inputs, cries out, and leaves nothing it held", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  // The fault is put in from outside, the product has no door for it: this core is put together from the modules, not from their bundle.
  const module = (path: string): string => JSON.stringify(new URL(`../../src/${path}.js`, import.meta.url).href);
  host.write(
    "core-main.mjs",
    `import { Node } from ${module("core/node")};
     import { startCore } from ${module("daemon/assemble")};
     import { Signals } from ${module("daemon/signals")};
     import { StartReporter } from ${module("daemon/start-report")};
     const step = Node.prototype.step;
     Node.prototype.step = function (input, now) {
       if (input.on === "debug-level") throw new Error("two and two is five");
       return step.call(this, input, now);
     };
     const options = { root: process.argv[3], debug: 0, realtime: true, managesResources: true };
     await startCore(options, new Signals(), new StartReporter(false), Promise.resolve({ is: "none" }));`,
  );
  const flags = coreArguments({ root: host.root, debug: 0, realtime: true, managesResources: true }).map((word) =>
    /core-main\.js$/.test(word) ? join(host.root, "core-main.mjs") : word,
  );
  const core = host.exec("bash", "-c", 'exec -a heartbeat "$@"', "-", process.execPath, ...flags);
  await until("owl holds its address", () => holdsAddress(host));
  await host.exec("kill", "-USR1", String(host.pid));
  assert.equal((await core).code, 1);
  await until("the address is gone", async () => !(await holdsAddress(host)), 5);
  const [heading, ...inputs] = host
    .read("var/lib/heartbeat/crash.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.match(heading.says, /two and two is five/);
  assert.equal(heading.node, "owl");
  assert.equal(inputs[0].input.on, "start");
  assert.equal(inputs.at(-1).input.on, "debug-level");
  assert.ok(inputs.some(({ input }) => input.on === "deadline"));
  assert.doesNotMatch(host.read("var/lib/heartbeat/crash.jsonl"), /not-so-secret/);
  const cry = /EMERG: Internal error, heartbeat ends at once; .*two and two is five/;
  await until("the log tells", () => cry.test(host.read("var/log/ha-log")), 5);
  await until(
    "nothing of ours is left",
    async () => !/core-main|hb-runner|hb-log/.test((await host.exec("ps", "-ef")).stdout),
    10,
  );
});

test("of two that start at once one core remains, and neither start is an error", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const starts = await Promise.all([host.heartbeat(), host.heartbeat()]);
  assert.deepEqual(
    starts.map(({ code }) => code),
    [0, 0],
    starts.map(({ stderr }) => stderr).join(""),
  );
  assert.ok(starts.some(({ stderr }) => /info: heartbeat: already running/.test(stderr)));
  // The one that gives way says so first and ends then.
  const cores = async () => (await host.exec("pgrep", "-x", "heartbeat")).stdout.trim();
  await until("one core is left", async () => (await cores()) === String(host.pid), 5);
  assert.equal((await host.heartbeat("-k")).code, 0);
});

test("without the right to real time it runs all the same and warns once", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const { code, stderr } = await host.heartbeatAs([
    "setpriv",
    "--bounding-set=-sys_nice",
    "--inh-caps=-sys_nice",
    "--",
  ]);
  assert.equal(code, 0, stderr);
  assert.equal((await host.heartbeat("-k")).code, 0);
  const warnings = host.read("var/log/ha-log").match(/WARN: Running without real-time priority.*/g) ?? [];
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /CAP_SYS_NICE/);
});

test("a root is the same however it is written", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  host.write("etc/ha.d/ha.cf", sampleHaCf);
  assert.equal((await host.heartbeat()).code, 0);
  const program = new URL("../../../bin/heartbeat", import.meta.url).pathname;
  const status = await host.exec(program, "--root", `${host.root}/../${host.root.split("/").at(-1)}/`, "-s");
  assert.equal(status.code, 0, status.stdout);
  assert.equal((await host.heartbeat("-k")).code, 0);
  assert.deepEqual(readdirSync(join(host.root, "run")).sort(), ["heartbeat", "heartbeat.pid"]);
});
