/** A daemon that ends and comes back finds its resources running, and leaves them so. */
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { Host, sampleHaCf, until } from "./host.ts";

const holdsAddress = async (host: Host) => (await host.exec("ip", "-4", "addr")).stdout.includes("10.77.0.100/24");
/** Alone in its cluster owl is up at once; there is time enough to take over on the slowest machine. */
const patient = sampleHaCf
  .replace("deadtime 1", "deadtime 30")
  .replace("initdead 1", "initdead 30")
  .replace("node owl fox", "node owl");

/** Says what it is called for, and answers `status` by what it was told last. */
const service = (calls: string, startSeconds = 0) => `#!/bin/sh
[ "$1" = status ] || echo "$(basename $0) $1" >> ${calls}
case "$1" in
  start) sleep ${startSeconds}; touch ${calls}.$(basename $0);;
  stop) rm -f ${calls}.$(basename $0);;
  status) [ -e ${calls}.$(basename $0) ] && echo running || echo stopped;;
esac
`;

/** Owl holds a script and an address. */
async function owl(haresources = "owl db 10.77.0.100/24/eth0\n", startSeconds = 0): Promise<Host> {
  const host = await Host.start();
  for (const name of ["db", "web"])
    host.write(`etc/ha.d/resource.d/${name}`, service(join(host.root, "calls"), startSeconds), 0o755);
  host.write("etc/ha.d/haresources", haresources);
  host.write("etc/ha.d/ha.cf", patient);
  host.putGenerationAhead();
  return host;
}

const log = (host: Host) => host.read("var/log/ha-log");
const generation = (host: Host) => Number(host.read("var/lib/heartbeat/hb_generation"));

test("kill -9: the next core takes over what ran, untouched, at once; so does the one after it", {
  timeout: 120_000,
}, async () => {
  await using host = await owl();
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl holds its address", () => holdsAddress(host));
  for (const round of [1, 2]) {
    const before = generation(host);
    await host.exec("kill", "-9", String(host.pid));
    const again = await host.heartbeat();
    assert.equal(again.code, 0, again.stderr);
    assert.ok(await holdsAddress(host));
    assert.equal(generation(host), before + 1);
    const view = await host.view();
    assert.match(JSON.stringify(view["groups"]), /"holder":"owl"/);
    const told = () => log(host).match(/Taking over what the last heartbeat held/g)?.length === round;
    await until("the log tells", told, 5);
  }
  assert.equal(host.read("calls"), "db start\n");
  assert.match(log(host), /info: restart: i_hold_resources = local/);
  assert.doesNotMatch(log(host), /giving up what it held/);
  assert.equal((await host.heartbeat("-k")).code, 0);
  assert.equal(host.read("calls"), "db start\ndb stop\n");
  assert.equal(await holdsAddress(host), false);
  await until("nothing of ours is left", async () => !/hb-runner/.test((await host.exec("ps", "-ef")).stdout), 10);
});

test("nobody comes: what was held is given up before the others take it", { timeout: 120_000 }, async () => {
  await using host = await owl();
  host.write("etc/ha.d/ha.cf", sampleHaCf.replace("deadtime 1", "deadtime 2").replace("initdead 1", "initdead 2"));
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl holds its address", () => holdsAddress(host));
  await host.exec("kill", "-9", String(host.pid));
  const killedAt = performance.now();
  await until("the address is gone", async () => !(await holdsAddress(host)), 5);
  assert.ok(performance.now() - killedAt < 2000, "the dead time is 2 s");
  await until("the runner has ended", async () => !/hb-runner/.test((await host.exec("ps", "-ef")).stdout), 10);
  assert.equal(host.read("calls"), "db start\ndb stop\n");
});

test("a start that was under way ends under the next core, and is not made twice", { timeout: 120_000 }, async () => {
  await using host = await owl("owl db 10.77.0.100/24/eth0\n", 4);
  assert.equal((await host.heartbeat()).code, 0);
  await until("the start is under way", () => host.read("calls") === "db start\n");
  await host.exec("kill", "-9", String(host.pid));
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl holds its address", () => holdsAddress(host));
  assert.equal(host.read("calls"), "db start\n");
  assert.equal((await host.heartbeat("-k")).code, 0);
});

test("heartbeat -r after a change: another process, the same resources; what is new is started, what is gone is stopped", {
  timeout: 120_000,
}, async () => {
  await using host = await owl();
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl holds its address", () => holdsAddress(host));
  const first = host.pid;
  const before = generation(host);
  host.write("etc/ha.d/haresources", "owl db 10.77.0.100/24/eth0\nowl web\n");
  const reload = await host.heartbeat("-r");
  assert.equal(reload.code, 0, reload.stderr);
  await until("web is started", () => host.read("calls") === "db start\nweb start\n");
  assert.notEqual(host.pid, first);
  assert.equal(generation(host), before + 1);
  for (const line of [
    /Heartbeat restart triggered/,
    /Restarting heartbeat\./,
    /Performing heartbeat restart exec/,
    /restart: i_hold_resources = local/,
  ])
    await until(`the log tells ${line}`, () => line.test(log(host)), 5);
  await until("owl is active", async () => /"status":"active"/.test(JSON.stringify(await host.view())));
  host.write("etc/ha.d/haresources", "owl db 10.77.0.100/24/eth0\n");
  assert.equal((await host.heartbeat("-r")).code, 0);
  await until("web is stopped", () => host.read("calls") === "db start\nweb start\nweb stop\n");
  assert.ok(await holdsAddress(host));
  assert.equal((await host.heartbeat("-k")).code, 0);
  assert.equal(host.read("calls"), "db start\nweb start\nweb stop\ndb stop\n");
});

test("in the foreground the launcher starts the next core, and ends with the last", { timeout: 120_000 }, async () => {
  await using host = await owl();
  const launcher = host.heartbeat("-f");
  await until("owl holds its address", () => holdsAddress(host));
  const first = host.pid;
  host.write("etc/ha.d/ha.cf", `${host.read("etc/ha.d/ha.cf")}debug 1\n`);
  assert.equal((await host.heartbeat("-r")).code, 0);
  await until("another core runs", () => host.pid !== first);
  await until("it is up", async () => (await host.heartbeat("-s")).code === 0);
  assert.equal((await host.heartbeat("-k")).code, 0);
  assert.equal((await launcher).code, 0);
  assert.equal(host.read("calls"), "db start\ndb stop\n");
});

test("a broken file changes nothing and says so", { timeout: 120_000 }, async () => {
  await using host = await owl();
  assert.equal((await host.heartbeat()).code, 0);
  await until("owl holds its address", () => holdsAddress(host));
  const first = host.pid;
  host.write("etc/ha.d/ha.cf", `${host.read("etc/ha.d/ha.cf")}keepalive soon\n`);
  const reload = await host.heartbeat("-r");
  assert.equal(reload.code, 1);
  assert.match(reload.stderr, /Config errors: Heartbeat pid \d+ NOT restarted/);
  await host.exec("kill", "-HUP", String(first));
  await until("the log tells", () => /The new configuration has errors/.test(log(host)));
  assert.equal(host.pid, first);
  assert.equal(host.read("calls"), "db start\n");
  assert.equal((await host.heartbeat("-k")).code, 0);
});
