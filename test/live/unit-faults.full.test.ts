/**
 * Units of systemd as resources, on machines that systemd boots: the row of the table in docs/monitoring.md, and how soon it is noticed that one
 * has ended when nobody would ask it for a minute.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { hurt, patience, seconds, throughFaults } from "../support/lab/fault-rounds.ts";
import { processesOf } from "../support/lab/processes.ts";
import { buildPackage, SystemLab } from "../support/lab/system-lab.ts";
import { Watch } from "../support/lab/watch.ts";
import { faultNames, nginx } from "../support/lab/watched-services.ts";

const address = "10.77.0.101";
const nodes = ["fox", "owl"] as const;
const haCf = `logfile /var/log/ha-log
keepalive 500ms
deadtime 10
warntime 5
initdead 12
udpport 694
auto_failback on
bcast eth0
node fox owl
`;

/** nginx in the foreground, with what heals its faults before each start. */
const shop = `[Unit]
Description=A shop
StartLimitIntervalSec=0
[Service]
ExecStartPre=/bin/bash -c '[ ! -e /etc/ha.d/broken ] && cp /etc/nginx/good.conf /etc/nginx/now.conf && echo all-is-well > /srv/www/health'
ExecStart=/usr/sbin/nginx -c /etc/nginx/now.conf -g 'daemon off;'
TimeoutStopSec=1
`;
/** One that does nothing, and is asked once a minute. */
const desk = `[Unit]
Description=A desk
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sleep infinity
`;
const ha4Cf = `defaults
  monitor-timeout 2
  failures-allowed 100
resource systemd::shop
  monitor 1
  ${nginx.probe}
resource systemd::desk
  monitor 60
`;

/** Both machines run, and fox holds the group `ADDRESS RESOURCE`. */
async function running(t: TestContext, resource: string): Promise<SystemLab> {
  const { folder, file } = buildPackage();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const lab = await SystemLab.create(...nodes);
  try {
    for (const name of nodes) {
      const machine = lab.machine(name);
      await lab.copy(name, file, "/srv/heartbeat.deb");
      await lab.must(name, "env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold /srv/heartbeat.deb", 240);
      await machine.write("/etc/ha.d/ha.cf", haCf);
      await machine.write("/etc/ha.d/ha4.cf", ha4Cf);
      await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
      await machine.write("/etc/ha.d/haresources", `fox ${address}/24/eth0 ${resource}\n`);
      await machine.write("/etc/systemd/system/shop.service", shop);
      await machine.write("/etc/systemd/system/desk.service", desk);
      await lab.must(name, `${nginx.prepare}\nsystemctl daemon-reload`);
    }
    await Promise.all(nodes.map((name) => lab.must(name, "systemctl start heartbeat")));
    await lab.until("fox has the address", () => lab.machine("fox").hasAddress(address), 60);
    await lab.until("fox runs the unit", async () => isActive(lab, resource), 60);
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

const isActive = async (lab: SystemLab, resource: string): Promise<boolean> =>
  (await lab.run("fox", `systemctl is-active ${resource.replace("systemd::", "")}`)).stdout === "active\n";

const groundOf = (lab: SystemLab) => ({
  run: (script: string) => lab.run("fox", script),
  log: () => lab.machine("fox").read("/var/log/ha-log"),
  until: (...until: Parameters<SystemLab["until"]>) => lab.until(...until),
});

describe("units of systemd", { concurrency: false }, () => {
  test("a unit through every fault, and when it does not start any more", async (t) => {
    await using lab = await running(t, "systemd::shop");
    const ground = groundOf(lab);
    const answers = async (node: string) => (await lab.run(node, nginx.answers)).code === 0;
    await lab.until("it answers", () => answers("fox"), patience);
    const watch = new Watch(() => nodes.filter((name) => lab.machine(name).hasAddress(address)));
    const { measured, firstStory } = await throughFaults(ground, "systemd::shop", nginx, faultNames);
    assert.deepEqual(watch.history, ["fox"], "the address never moved");
    await hurt(ground, "touch /etc/ha.d/broken");
    const began = performance.now();
    await hurt(ground, nginx.faults.killed);
    await lab.until(
      "owl runs it",
      async () => lab.machine("owl").hasAddress(address) && (await answers("owl")),
      patience,
    );
    const moved = `moved, when it does not start any more: ${seconds(performance.now() - began)}`;
    t.diagnostic(`a unit, noticed/healed: ${[...measured, moved].join(", ")}`);
    await lab.must("fox", "sleep 5");
    assert.equal(await answers("owl"), true, "it stays where it works");
    const { overlaps } = watch.stop();
    assert.deepEqual([watch.history.filter((who) => who !== ""), overlaps], [["fox", "owl"], []], "it moved once");
    t.diagnostic(firstStory);
  });

  test("a unit that is killed is noticed at once, though it is asked once a minute", async (t) => {
    await using lab = await running(t, "systemd::desk");
    const { run, log } = groundOf(lab);
    const times: number[] = [];
    const kill = async (): Promise<void> => {
      const pid = Number((await lab.must("fox", "systemctl show -p MainPID --value desk")).trim());
      const said = log().length;
      const began = kill9(lab, pid);
      await soon("it is noticed", () => log().slice(said).includes("systemd::desk has failed"));
      times.push(performance.now() - began);
      assert.match(log().slice(said), /systemd::desk has failed: status says failed \(failure /);
      await lab.until("it runs again", async () => isActive(lab, "systemd::desk"), patience);
      await lab.until("heartbeat knows", () => /Running desk start/.test(log().slice(said)), patience);
      await lab.must("fox", "sleep 0.5"); // its start has ended for heartbeat, too
    };
    for (let round = 0; round < 10; round++) await kill();
    assert.doesNotMatch(log(), /systemd does not tell/);

    // systemd starts itself anew, and then the bus is gone for a while.
    for (const gone of ["systemctl daemon-reexec", "systemctl stop dbus.socket dbus"]) {
      const said = log().length;
      await lab.must("fox", gone);
      await lab.until("it is said", () => log().slice(said).includes("systemd does not tell of its units"), 30);
      await run("systemctl start dbus.socket dbus");
      await lab.until("it is heard again", () => log().slice(said).includes("systemd tells of its units again"), 90);
      await kill();
    }
    t.diagnostic(`noticed after ${times.map(Math.round).join(", ")} ms`);
    assert.equal(lab.machine("fox").hasAddress(address), true, "the address stayed");
    const sorted = [...times].sort((a, b) => a - b);
    assert.ok((sorted.at(-3) ?? 0) < noticeMax, `${sorted.map(Math.round).join(" ")} ms`);
    assert.ok((sorted.at(-1) ?? 0) < 5 * noticeMax, `${sorted.map(Math.round).join(" ")} ms`);
  });
});

/** A machine with two processors does other things, too: two of twelve may be late. */
const noticeMax = 200;

/** Kills a process of fox, by its number there: the moment. */
function kill9(lab: SystemLab, inner: number): number {
  const victim = processesOf(lab.machine("fox")).find((each) => each.inner === inner);
  assert.ok(victim !== undefined && victim.name === "sleep", `${inner}`);
  process.kill(victim.pid, "SIGKILL");
  return performance.now();
}

/** As `until` of the laboratory, with an eye that is quicker than what is measured. */
async function soon(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < end, `not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
