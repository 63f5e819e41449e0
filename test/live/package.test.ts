/**
 * The Debian package on machines that systemd boots: in place of the original with its configuration kept, back, away, and gone.
 *
 * The machine is an administrator's: apt's own dpkg, conffiles that somebody changed, a service enabled by the original's package.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import test, { type TestContext } from "node:test";
import { buildPackage, SystemLab } from "../support/lab/system-lab.ts";
import { rows } from "../support/tier.ts";
import { packageBuild } from "./package/build.ts";
import { coreDeath } from "./package/core-death.ts";
import { loggingDaemon } from "./package/logging-daemon.ts";
import { npmTarball } from "./package/npm-tarball.ts";
import { quickStartRun } from "./package/quick-start.ts";
import { rollingUpgrade } from "./package/rolling-upgrade.ts";
import { ownUpgrade } from "./package/upgrade.ts";

const haCf = `logfacility daemon
logfile /var/log/ha-log
keepalive 250ms
deadtime 3
warntime 1500ms
initdead 5
udpport 694
auto_failback on
bcast eth0
node fox owl
`;

const quiet = "env DEBIAN_FRONTEND=noninteractive";
const upgrade = `${quiet} dpkg -i --force-confold /srv/heartbeat.deb`;
const goBack = `${quiet} dpkg -i --force-confold /srv/original/heartbeat_*.deb`;
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
const version = "dpkg-query -W -f '${Status} ${Version}' heartbeat";

async function configure(lab: SystemLab, name: string): Promise<void> {
  const machine = lab.machine(name);
  await machine.write("/etc/ha.d/ha.cf", haCf);
  await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
  await machine.write("/etc/ha.d/haresources", "fox 10.77.0.101/24/eth0\n");
}

const install = {
  name: "install over the original, live, go back, remove, purge",
  run: async (t: TestContext): Promise<void> => {
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create("fox");
    await configure(lab, "fox");
    await lab.copy("fox", file, "/srv/heartbeat.deb");
    await lab.must("fox", "echo '# ours' >> /etc/ha.d/resource.d/apache"); // an administrator's change of a conffile
    await lab.must("fox", "systemctl restart heartbeat");
    await lab.until("the original is up", async () => (await lab.run("fox", "cl_status nodestatus fox")).code === 0);
    const files = "cat /etc/ha.d/ha.cf /etc/ha.d/authkeys /etc/ha.d/haresources; tail -1 /etc/ha.d/resource.d/apache";
    const before = await lab.must("fox", files);

    await lab.must("fox", upgrade);
    assert.match(await lab.must("fox", version), /^install ok installed 1:4\.0\.0~dev-1$/);
    assert.equal(await lab.must("fox", files), before);
    assert.match(
      await lab.must("fox", "systemctl show -p ActiveState -p SubState -p Type heartbeat"),
      /Type=notify\nActiveState=active\nSubState=running/,
    );
    assert.match(await lab.must("fox", "heartbeat -s"), /^heartbeat OK \[pid \d+ et al\] is running on fox \[fox\]/);
    const main = (await lab.must("fox", "systemctl show -p MainPID --value heartbeat; cat /run/heartbeat.pid")).split(
      /\s+/,
    );
    assert.equal(main[0], main[1], "the unit's main process is the core itself");
    await lab.until("it took its address", () => lab.machine("fox").hasAddress("10.77.0.101"));
    await lab.must("fox", "cl_status rscstatus && heartbeat check");
    assert.match(await lab.must("fox", "heartbeat why"), /is on fox/, "it is the daemon that holds it");
    await lab.until("the journal knows the lines by their fields", async () =>
      /"HEARTBEAT_NODE":"fox"/.test((await lab.run("fox", "journalctl -o json HB_ID=starting")).stdout),
    );
    assert.match(await lab.must("fox", "man -P cat ha.cf | head -5"), /HA\.CF\(5\)/);
    const asked = await lab.must("fox", "dpkg -V heartbeat || true");
    assert.match(
      asked,
      /^(\?\?5\?{6} c \/etc\/ha\.d\/resource\.d\/apache\n)?$/,
      "installed files are those of the package",
    );

    await lab.must("fox", goBack);
    assert.match(await lab.must("fox", version), /installed 1:3\.0\.6/);
    assert.equal(await lab.must("fox", files), before);
    await lab.until(
      "the original is up again",
      async () => (await lab.run("fox", "cl_status nodestatus fox")).code === 0,
    );

    await lab.must("fox", upgrade);
    await lab.must("fox", `${quiet} dpkg -r heartbeat`);
    assert.equal((await lab.run("fox", "systemctl is-active heartbeat")).stdout.trim(), "inactive");
    assert.equal(lab.machine("fox").hasAddress("10.77.0.101"), false, "a stop releases what was held");
    assert.equal((await lab.run("fox", "test -e /usr/sbin/heartbeat -o -e /usr/lib/heartbeat/app")).code, 1);
    await lab.must("fox", `${quiet} dpkg -P heartbeat`);
    assert.equal(await lab.must("fox", "cat /etc/ha.d/ha.cf"), haCf, "what the administrator wrote stays");
    assert.equal((await lab.run("fox", "ls /etc/init.d/heartbeat /etc/ha.d/harc /var/lib/heartbeat/hb_uuid")).code, 2);
  },
};

for (const story of rows(
  [packageBuild, npmTarball, install, quickStartRun, coreDeath, rollingUpgrade, ownUpgrade, loggingDaemon],
  (each) => each === install,
))
  test(story.name, story.run);
