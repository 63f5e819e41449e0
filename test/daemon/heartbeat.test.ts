/** The program as init scripts, units and people meet it: words, exit codes, process names, signals. */
import assert from "node:assert/strict";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { version } from "../../src/daemon/version.ts";
import { Host, isRoot, sampleHaCf, until } from "./host.ts";

const stoppedText = "heartbeat is stopped. No process\n";
const usage = /^Usage: heartbeat \[-/m;

test("what needs no daemon", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const versionShown = await host.heartbeat("-V");
  assert.deepEqual([versionShown.code, versionShown.stdout], [0, `${version}\n`]);
  const defaults = await host.heartbeat("-D");
  assert.match(defaults.stdout, /^deadtime {17}30000ms {3}/m);
  for (const wrong of [["-Z"], ["-sZ"], ["-C", "local"], ["-rR"], ["--nonsense"], ["statsu"]]) {
    const { code, stderr } = await host.heartbeat(...wrong);
    assert.equal(code, 2, wrong.join(" "));
    assert.match(stderr, usage);
  }
  assert.match((await host.heartbeat("statsu")).stderr, /did you mean status\?/);
  assert.match(
    (await host.heartbeat("-DW")).stdout,
    /^\|\|\[wiki:ha\.cf\/DeadtimeDirective deadtime\]\|\|30000ms\|\|/m,
  );
  for (const program of ["check", "config", "explain", "init", "keygen", "status"]) {
    const { code, stderr } = await host.heartbeat(program, "--nonsense");
    assert.equal(code, 2, `${program}: ${stderr}`);
  }
  assert.equal((await host.heartbeat("check")).code, 0);
  assert.match((await host.heartbeat("config")).stdout, /^deadtime 1 .*# ha\.cf:/m);
  for (const words of [["-R"], ["-R", "-C", "all"]]) {
    const { code, stderr } = await host.heartbeat(...words);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /^ERROR: heartbeat is not running\.$/m);
  }

  const status = await host.heartbeat("-s");
  assert.deepEqual([status.code, status.stdout], [3, stoppedText]);
  const stop = await host.heartbeat("-k");
  assert.deepEqual([stop.code, stop.stderr], [0, "INFO: Heartbeat already stopped.\n"]);
});

test("with -M: no haresources, nodes may join, and it lasts over a reload", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  host.write("etc/ha.d/ha.cf", `${sampleHaCf.replace(/^node .*$/m, "")}autojoin any\n`);
  host.write("etc/ha.d/haresources", "nobody 10.77.0.300\n");
  const without = await host.heartbeat();
  assert.equal(without.code, 6);
  assert.match(without.stderr, /R1 style resource management conflicts with {2}autojoin set/);
  assert.equal((await host.heartbeat("check")).code, 6);
  assert.equal((await host.heartbeat("check", "--no-resources")).code, 0);
  const started = await host.heartbeat("-M");
  assert.equal(started.code, 0, started.stderr);
  const { pid } = host;
  assert.equal((await host.view())["managesResources"], false);
  assert.match((await host.heartbeat("status")).stdout, /owl: \w+, manages no resources \(-M\)/);
  host.write("etc/ha.d/authkeys", "auth 1\n1 sha1 another-word-than-before\n", 0o600);
  assert.equal((await host.heartbeat("-rM")).code, 0);
  await until("it has read its files, without haresources", () =>
    /Rereading authentication/.test(host.read("var/log/ha-log")),
  );
  assert.equal(host.pid, pid);
  // Who is in the cluster is written down once it is known, and a fast machine comes here before.
  await until("it communicates", () => /Comm_now_up/.test(host.read("var/log/ha-log")));
  assert.equal((await host.heartbeat("-k")).code, 0);
  assert.match(host.read("var/lib/heartbeat/hostcache"), /^owl\t[0-9a-f-]{36}\t100\t\n$/);
});

test("start, look, start again, stop", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const start = await host.heartbeat();
  assert.equal(start.code, 0, start.stderr);
  assert.match(start.stderr, /info: Configuration validated\. Starting heartbeat 4/);
  assert.match(host.read("run/heartbeat.pid"), /^ *\d+\n$/);
  const { pid } = host;

  const status = await host.heartbeat("-s");
  assert.deepEqual([status.code, status.stdout], [0, `heartbeat OK [pid ${pid} et al] is running on owl [owl]...\n`]);
  for (const finder of [
    ["pidof", "heartbeat"],
    ["pgrep", "-x", "heartbeat"],
  ])
    assert.equal(
      (await host.exec(...finder)).stdout.trim(),
      String(pid),
      `${finder[0]} finds the core and only the core`,
    );
  assert.equal((await host.view())["node"], "owl");
  assert.equal(statSync(join(host.root, "run/heartbeat/control")).mode & 0o777, 0o600);

  const again = await host.heartbeat();
  assert.equal(again.code, 0);
  assert.match(again.stderr, new RegExp(`info: heartbeat: already running \\[pid ${pid}\\]\\.`));
  assert.equal(host.pid, pid);
  const reload = await host.heartbeat("-r");
  assert.equal(reload.code, 0);
  assert.match(reload.stderr, new RegExp(`info: Signalling heartbeat pid ${pid} to reread config files`));
  host.write("etc/ha.d/ha.cf", `${sampleHaCf}keepalvie 2\n`);
  const broken = await host.heartbeat("-r");
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, new RegExp(`Config errors: Heartbeat pid ${pid} NOT restarted`));
  host.write("etc/ha.d/ha.cf", sampleHaCf);

  await until("owl holds its address", async () =>
    (await host.exec("ip", "-4", "addr")).stdout.includes("10.77.0.100/24"),
  );
  const stop = await host.heartbeat("-k");
  assert.equal(stop.code, 0, stop.stderr);
  assert.equal((await host.exec("pgrep", "-x", "heartbeat")).code, 1);
  assert.doesNotMatch((await host.exec("ip", "-4", "addr")).stdout, /10\.77\.0\.100/);
  assert.throws(() => statSync(join(host.root, "run/heartbeat/control")));
  const after = await host.heartbeat("-s");
  assert.deepEqual([after.code, after.stdout], [1, stoppedText]);
  await until(
    "no process of ours is left",
    async () => !/core-main|hb-runner|hb-log/.test((await host.exec("ps", "-ef")).stdout),
  );

  const log = host.read("var/log/ha-log");
  let at = 0;
  for (const line of [
    "info: Configuration validated. Starting heartbeat 4",
    "info: heartbeat: version 4",
    "WARN: No Previous generation - starting at ",
    "info: Heartbeat generation: ",
    "info: No uuid found for current node - generating a new uuid.",
    "info: Creating FIFO ",
    "info: glib: UDP Broadcast heartbeat started on port 694 (694) interface eth0",
    "info: Local status now set to: 'up'",
    "info: Local status now set to: 'active'",
    "info: Heartbeat shutdown in progress. (",
    "owl Heartbeat shutdown complete.",
  ]) {
    const found = log.indexOf(line, at);
    assert.ok(found >= 0, `${line}\nis missing, or out of order, in\n${log}`);
    at = found;
  }
});

test("killall stops it in good order", { timeout: 120_000 }, async (t) => {
  await using host = await Host.start();
  if ((await host.exec("sh", "-c", "command -v killall")).code !== 0)
    return t.skip("killall (psmisc) is not installed");
  assert.equal((await host.heartbeat()).code, 0);
  assert.equal((await host.exec("killall", "heartbeat")).code, 0);
  await until("it is gone", async () => (await host.heartbeat("-s")).code === 1);
  assert.match(host.read("var/log/ha-log"), /Heartbeat shutdown complete/);
});

test("in the foreground it stays, and ends by SIGTERM with 0", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const running = host.heartbeat("-f");
  await until("it runs", async () => (await host.heartbeat("-s")).code === 0);
  assert.equal((await host.exec("pgrep", "-x", "heartbeat")).stdout.trim(), String(host.pid));
  const launcher = (await host.exec("ps", "-o", "ppid=", "-p", String(host.pid))).stdout.trim();
  await host.exec("kill", launcher);
  const { code, stderr } = await running;
  assert.equal(code, 0, stderr);
  assert.equal((await host.heartbeat("-s")).code, 1);
});

test("signals that change nothing, one that takes a changed file over, and the debug level", {
  timeout: 120_000,
}, async () => {
  await using host = await Host.start();
  assert.equal((await host.heartbeat("-d")).code, 0);
  const logged = (line: RegExp) => () => line.test(host.read("var/log/ha-debug"));
  for (const [signal, line] of [
    ["HUP", /info: Configuration unchanged\./],
    ["USR1", /debug now set to 2 /],
    ["USR2", /debug now set to 1 /],
  ] as const) {
    await host.exec("kill", `-${signal}`, String(host.pid));
    await until(`SIG${signal} is logged`, logged(line), 5);
  }
  const before = host.pid;
  host.write("etc/ha.d/ha.cf", `${sampleHaCf}\n# touched\n`);
  await host.exec("kill", "-HUP", String(host.pid));
  await until("a changed file is noticed", logged(/info: Changed: .*ha\.cf\. Restarting/), 5);
  await until("another process runs", () => host.pid !== before && host.pid > 0, 20);
  await until("it answers", async () => (await host.heartbeat("-s")).code === 0, 20);
  await host.exec("kill", "-INT", String(host.pid));
  assert.equal((await host.heartbeat("-s")).code, 0);
});

test("a configuration that cannot be used", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const refused = async (code: number, says: RegExp, wrapper: readonly string[] = []) => {
    const outcome = await host.heartbeatAs(wrapper);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, says);
    assert.match(outcome.stderr, /ERROR: Configuration error, heartbeat not started\./);
    assert.equal((await host.heartbeat("-s")).code, 3);
  };
  const authkeys = join(host.root, "etc/ha.d/authkeys");
  chmodSync(authkeys, 0o644);
  await refused(6, /authkeys/);
  chmodSync(authkeys, 0o600);
  if (isRoot) {
    chmodSync(host.root, 0o755);
    await refused(4, /authkeys/, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
  }
  host.write("etc/ha.d/ha.cf", `${sampleHaCf}keepalvie 2\n`);
  await refused(6, /keepalvie/);
});

test("a medium that cannot be opened is told at once, and nothing is left", { timeout: 120_000 }, async () => {
  await using host = await Host.start();
  const nothingLeft = async () => !/core-main|hb-runner|hb-log/.test((await host.exec("ps", "-ef")).stdout);
  host.write("etc/ha.d/ha.cf", sampleHaCf.replace("bcast eth0", "mcast eth9 225.0.0.1 694 1 0"));
  const missing = await host.heartbeat();
  assert.equal(missing.code, 6, missing.stderr);
  assert.match(missing.stderr, /ha\.cf:9:7: error: .*eth9.*No such device[\s\S]*did you mean eth0/);

  // What only the daemon finds out, because it opens the medium: somebody else has the port.
  host.write("etc/ha.d/ha.cf", sampleHaCf);
  const squatter = "require('node:dgram').createSocket('udp4').bind(694, () => console.log('bound'))";
  const squatting = host.exec("timeout", "10", process.execPath, "-e", squatter);
  await until("the port is taken", async () => (await host.exec("ss", "-uln")).stdout.includes(":694 "));
  const taken = await host.heartbeat();
  assert.equal(taken.code, 1, taken.stderr);
  assert.match(taken.stderr, /ERROR: bcast eth0, port 694: the port is in use/);
  assert.match(host.read("var/log/ha-log"), /ERROR: bcast eth0, port 694: the port is in use/);
  await until("no process of ours is left", nothingLeft);
  await host.exec("pkill", "-f", "createSocket");
  await squatting;
});
