/**
 * A package of ours after another one of ours: the core is replaced, and what runs does not notice. A client asks the address every 10 ms, the
 * service behind it writes down each call. Between versions that do not understand each other's runner the upgrade is an orderly stop.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { callLog, serviceScript } from "../../support/lab/service.ts";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const haCf = `logfile /var/log/ha-log
logfacility daemon
keepalive 250ms
deadtime 3
warntime 1500ms
initdead 10
udpport 694
auto_failback off
bcast eth0
node fox owl
`;
const address = "10.77.0.101";
const next = "4.0.0-dev+next";
/** In milliseconds: what a client calls a failed request is an answer that never comes; this is a client that was late itself. */
const noticed = 1000;
const install = (file: string): string => `env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold ${file} 2>&1`;
const nodes = ["fox", "owl"] as const;

export const ownUpgrade = {
  name: "an upgrade of our package restarts no resource; where it cannot, all is stopped in order and that is said",
  run: async (t: TestContext): Promise<void> => {
    const packages = [buildPackage(), buildPackage("--as", next), buildPackage("--as", "4.9.0", "--protocol", "999")];
    t.after(() => packages.forEach(({ folder }) => void rmSync(folder, { recursive: true, force: true })));
    await using lab = await SystemLab.create(...nodes);
    await Promise.all(
      nodes.map(async (name) => {
        const machine = lab.machine(name);
        for (const [index, { file }] of packages.entries()) await lab.copy(name, file, `/srv/${index}.deb`);
        await machine.write("/etc/ha.d/ha.cf", haCf);
        await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
        await machine.write("/etc/ha.d/resource.d/svc", serviceScript, "755");
        await machine.write("/etc/ha.d/haresources", `fox ${address}/24/eth0 svc\n`);
        await lab.must(name, install("/srv/0.deb"), 240);
      }),
    );
    await Promise.all(nodes.map((name) => lab.must(name, "systemctl start heartbeat")));
    await lab.until("fox serves", async () => (await lab.run("fox", "test -e /run/services/svc")).code === 0, 60);
    await lab.until(
      "it is settled",
      async () => (await lab.run("owl", "cl_status rscstatus")).stdout.trim() !== "transition",
      60,
    );
    const calls = await lab.must("fox", `grep -v status ${callLog}`);
    const facts = async (name: string) => ({
      core: (await lab.must(name, "cat /run/heartbeat.pid")).trim(),
      runner: (await lab.must(name, "pgrep -x hb-runner")).trim(),
    });

    const client = lab.startClient(["ping", "-n", "-D", "-O", "-i", "0.01", "-W", "1", address]);
    const answers = text(client.stdout);
    for (const name of ["fox", "owl"]) {
      const before = await facts(name);
      const said = await lab.must(name, install("/srv/1.deb"), 240);
      assert.match(said, /heartbeat: the new version has taken over what runs\./);
      const after = await facts(name);
      assert.notEqual(after.core, before.core, "another core");
      assert.equal(after.runner, before.runner, "the same runner");
      assert.match(await lab.must(name, "dpkg-query -W heartbeat"), /1:4\.0\.0~dev\+next-1/);
      assert.match(await lab.must(name, "heartbeat status"), /4\.0\.0-dev\+next/);
      await lab.must(name, "sleep 4"); // longer than the dead time: what the peer thinks of it shows
      t.diagnostic(`${name}: core ${before.core} -> ${after.core}, runner ${after.runner}`);
    }
    client.kill("SIGINT");
    const stdout = await answers;

    assert.equal(await lab.must("fox", `grep -v status ${callLog}`), calls, "no resource was started or stopped");
    assert.equal((await lab.run("owl", `test -e ${callLog}`)).code, 1, "owl never ran the service");
    for (const name of nodes) {
      const log = await lab.must(name, "cat /var/log/ha-log");
      assert.doesNotMatch(log, /is dead/);
      assert.match(log, /info: Version 4\.0\.0-dev\+next is installed: restarting; what we hold stays where it is\./);
      assert.match(log, /Taking over what the last heartbeat held/);
      for (const [line] of log.matchAll(/^.*(?:is installed|Taking over|Local status now|rotocol).*$/gm))
        t.diagnostic(`${name}: ${line}`);
    }
    const times = [...stdout.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, at]) => Number(at) * 1000);
    const longest = Math.max(...times.map((at, index) => Math.round(at - (times[index - 1] ?? at))));
    const lost = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
    t.diagnostic(`${lost?.[0]}; the longest time between two answers was ${longest} ms`);
    assert.ok(times.length > 500, `${times.length} answers`);
    assert.ok(Number(lost?.[1]) - Number(lost?.[2]) <= 1, "all were answered, but for one under way at the end");
    assert.ok(longest < noticed, `${longest} ms`);

    // A version that speaks otherwise with its runner: a planned move to owl, and the new version starts afresh.
    const said = await lab.must("fox", install("/srv/2.deb"), 240);
    assert.match(
      said,
      /version 1:4\.0\.0~dev\+next-1 speaks protocol 1 with its runner, this one 999: it is stopped, and what it holds moves/,
    );
    await lab.until("owl serves", async () => (await lab.run("owl", "test -e /run/services/svc")).code === 0, 60);
    assert.equal(await lab.must("fox", `grep -v status ${callLog} | tail -1`).then((line) => /stop/.test(line)), true);
    assert.match(await lab.must("owl", "cat /var/log/ha-log"), /Received shutdown notice from 'fox'/);
    await lab.until(
      "fox runs the new version",
      async () => /4\.9\.0/.test((await lab.run("fox", "heartbeat status")).stdout),
      60,
    );
    assert.match(
      await lab.must("fox", "journalctl HEARTBEAT_GROUP=10.77.0.101/24/eth0 -o cat"),
      /Releasing resource group: fox/,
    );
  },
};
