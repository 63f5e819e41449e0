/**
 * A package of ours after another one of ours: the core is replaced, and what runs does not notice. A client asks the address every 10 ms, the
 * service behind it writes down each call. Between versions that do not understand each other's runner the upgrade is an orderly stop.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { TestContext } from "node:test";
import { install, pair, startPair, unnoticed } from "../../support/lab/packaged-pair.ts";
import { callLog } from "../../support/lab/service.ts";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const next = "4.0.0-dev+next";
export const ownUpgrade = {
  name: "an upgrade of our package restarts no resource; where it cannot, all is stopped in order and that is said",
  run: async (t: TestContext): Promise<void> => {
    const packages = [buildPackage(), buildPackage("--as", next), buildPackage("--as", "4.9.0", "--protocol", "999")];
    t.after(() => packages.forEach(({ folder }) => void rmSync(folder, { recursive: true, force: true })));
    await using lab = await SystemLab.create(...pair);
    for (const name of pair)
      for (const [index, { file }] of packages.entries()) await lab.copy(name, file, `/srv/${index}.deb`);
    await startPair(lab, "/srv/0.deb", "logfacility daemon\nauto_failback off");
    const facts = async (name: string) => ({
      core: (await lab.must(name, "cat /run/heartbeat.pid")).trim(),
      runner: (await lab.must(name, "pgrep -x hb-runner")).trim(),
    });

    const end = await unnoticed(t, lab);
    for (const name of pair) {
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
    await end();

    for (const name of pair) {
      const log = await lab.must(name, "cat /var/log/ha-log");
      assert.doesNotMatch(log, /is dead/);
      assert.match(log, /info: Version 4\.0\.0-dev\+next is installed: restarting; what we hold stays where it is\./);
      assert.match(log, /Taking over what the last heartbeat held/);
      for (const [line] of log.matchAll(/^.*(?:is installed|Taking over|Local status now|rotocol).*$/gm))
        t.diagnostic(`${name}: ${line}`);
    }

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
